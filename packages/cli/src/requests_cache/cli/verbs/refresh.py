"""`refresh`: ask the servers again for what is stored."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from requests import PreparedRequest, RequestException
from requests_cache import CachedSession
from requests_cache.backends import BaseCache
from requests_cache.backends.views import watched
from requests_cache.models.response import CachedResponse

from ..options import DURATION, Choice, Opening, choosing, find_named, opened, with_cache
from ..output import FAILED, NOTHING, bar, write_line

_REPEATABLE = ("GET", "HEAD")


@click.command("refresh")
@with_cache
@click.argument("names", metavar="[URL|KEY]...", nargs=-1)
@choosing
@click.option("--force", is_flag=True, help="Fetch anew instead of asking whether it still holds.")
@click.option("--expire-after", type=DURATION, metavar="TIME", help="New lifetime: 1h, 7d.")
@click.option("--cache-control", is_flag=True, help="Follow HTTP caching, as your session does.")
@click.option("--timeout", type=float, default=30.0, show_default=True, help="Seconds for each.")
def refresh_command(
    opening: Opening,
    names: tuple[str, ...],
    choice: Choice,
    force: bool,
    expire_after: float | None,
    cache_control: bool,
    timeout: float,
) -> None:
    """Send the stored GET and HEAD requests again, as far as they can be.

    Credentials are not stored, so a request that had some is left out, and so is one whose key
    depends on settings of your session.
    """
    with opened(opening) as cache:
        session = CachedSession(
            backend=cache,
            autoclose=False,
            expire_after=expire_after,
            cache_control=cache_control,
        )
        options = {"force_refresh" if force else "refresh": True, "timeout": timeout}
        found = _chosen(cache, names, choice)
        with session, bar("Refreshing") as tell:
            todo = found if tell is None else watched(found, len(found), tell)
            done = Counter(_refresh(session, each, options) for each in todo)
    for outcome, count in sorted(done.items()):
        click.echo(f"{outcome}: {count}", err=True)
    sys.exit(NOTHING if not done else FAILED if done["failed"] else 0)


def _chosen(cache: BaseCache, names: tuple[str, ...], choice: Choice) -> list[CachedResponse]:
    named: Iterator[CachedResponse] = (each for name in names for each in find_named(cache, name))
    return list(named if names else choice.find(cache))


def _refresh(session: CachedSession, stored: CachedResponse, options: dict[str, Any]) -> str:
    request = stored.request.copy()
    why = _why_not(session.cache, request, stored)
    if why is not None:
        write_line(f"left out  {stored.url}  {why}")
        return "left out"
    try:
        response = session.send(request, **options)
    except RequestException as error:
        write_line(f"failed    {stored.url}  {type(error).__name__}")
        return "failed"
    return "confirmed" if response.from_cache else "fetched"


def _why_not(cache: BaseCache, request: PreparedRequest, stored: CachedResponse) -> str | None:
    if request.method not in _REPEATABLE:
        return f"a {request.method} request is not repeated"
    if stored.record.fields.get("history"):
        return "it was redirected; the redirect is asked for by its own URL"
    if "REDACTED" in f"{request.url}{dict(request.headers)}":
        return "it had credentials, which are not stored"
    if cache.create_key(request) != stored.cache_key:
        return "its key depends on credentials or settings of the session that stored it"
    return None
