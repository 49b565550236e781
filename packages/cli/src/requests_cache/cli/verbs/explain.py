"""`explain`: what a request would do, and which rule says so."""

from __future__ import annotations

from typing import Any

import click
from requests_cache import CachedSession

from ..options import DURATION, Opening, as_json, opened, with_cache
from ..output import write_json, write_line


@click.command("explain")
@with_cache
@click.argument("url")
@click.option("--method", default="GET", show_default=True, help="Method of the request.")
@click.option("-H", "--header", multiple=True, metavar="'NAME: VALUE'", help="May be repeated.")
@click.option("--cache-control", is_flag=True, help="Follow HTTP caching, as your session does.")
@click.option("--expire-after", type=DURATION, metavar="TIME", help="As your session has it.")
@click.option(
    "--ignore", multiple=True, metavar="NAME", help="As ignored_parameters; may be repeated."
)
@as_json
def explain_command(
    opening: Opening,
    url: str,
    method: str,
    header: tuple[str, ...],
    cache_control: bool,
    expire_after: float | None,
    ignore: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a request would do: be answered from the cache, or why not, and by which rule.

    Nothing is sent. The answer depends on the settings of your session: give those that differ
    from the defaults.
    """
    headers = {}
    for field in header:
        name, colon, value = field.partition(":")
        if not colon:
            raise click.UsageError(f"--header {field!r}: give 'NAME: VALUE'")
        headers[name.strip()] = value.strip()
    with opened(opening) as cache:
        matching: dict[str, Any] = {"ignored_parameters": ignore} if ignore else {}
        session = CachedSession(
            backend=cache,
            autoclose=False,
            cache_control=cache_control,
            expire_after=expire_after,
            on_error="raise",
            **matching,
        )
        with session:
            found = session.explain(url, method=method, headers=headers)
    if as_json:
        write_json([found._asdict()])
    else:
        write_line(str(found))
