"""`ls`: one line for each response, a hundred thousand of them in a second."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from heapq import nlargest, nsmallest
from itertools import islice
from shutil import get_terminal_size
from typing import Any, Final

import click
from requests_cache import clock
from requests_cache.backends.views import row_of
from requests_cache.errors import RecordError
from requests_cache.models.response import CachedResponse
from requests_cache.notebook import age_text, expiry_text, size_text

from ..options import Choice, Opening, as_json, choosing, opened, with_cache
from ..output import NOTHING, is_terminal, paint, write_json, write_line

_SORTS: Final = {
    "url": lambda each: each.record.url,
    "status": lambda each: each.record.status,
    "size": lambda each: each.record.size,
    "age": lambda each: -each.record.created,
    "expires": lambda each: each.record.expires,
    "key": lambda each: each.cache_key,
}
_KEY_WIDTH: Final = 12
_HEADING: Final = f"{'STATUS':<6} {'SIZE':>9} {'AGE':>6} {'EXPIRES':>10} {'KEY':<12} URL"


@click.command("ls")
@with_cache
@choosing
@click.option("--sort", type=click.Choice(list(_SORTS)), help="By what to sort.")
@click.option("--reverse", is_flag=True, help="Begin with the largest.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Show no more than N.")
@click.option("--urls", is_flag=True, help="Write URLs alone, one a line.")
@as_json
def ls_command(
    opening: Opening,
    choice: Choice,
    sort: str | None,
    reverse: bool,
    limit: int | None,
    urls: bool,
    as_json: bool,
) -> None:
    """List the responses of a cache; no body is read."""
    with opened(opening) as cache:
        found = ordered(choice.find(cache), sort, reverse, limit)
        if as_json:
            count = write_json(row for each in found if (row := describe(each)) is not None)
        elif urls:
            count = write_lines((each.record.url, "") for each in found)
        else:
            count = write_table(found)
    sys.exit(0 if count else NOTHING)


def ordered(
    found: Iterable[CachedResponse], sort: str | None, reverse: bool, limit: int | None
) -> Iterable[CachedResponse]:
    """Give the responses in the order asked for; without one in that of the store."""
    if sort is None:
        kept: Iterable[CachedResponse] = reversed(list(found)) if reverse else found
        return islice(kept, limit)
    key: Any = _SORTS[sort]
    if limit is None:
        return sorted(found, key=key, reverse=reverse)
    return (nlargest if reverse else nsmallest)(limit, found, key=key)


def describe(response: CachedResponse) -> dict[str, Any] | None:
    """Give what JSON says of a response; None if it cannot be read."""
    try:
        row = row_of(response)
    except RecordError:
        return None
    age = max(0.0, clock.now() - response.record.created)
    return {**row, "age": round(age, 3), "ttl": response.ttl}


def write_lines(lines: Iterable[tuple[str, str]]) -> int:
    """Write lines, each with what goes painted before it; give how many there were."""
    count = 0
    for text, painted in lines:
        write_line(text, painted)
        count += 1
    return count


def write_table(found: Iterable[CachedResponse]) -> int:
    """Write a line for each response: for a person in the width of the terminal."""
    width = get_terminal_size().columns if is_terminal() else None
    lines = _lines(found, width)
    first = next(lines, None)
    if first is None:
        click.echo("nothing is stored here that is so", err=True)
        return 0
    write_line("", paint(_HEADING, "bright_black"))
    write_line(*first)
    return 1 + write_lines(lines)


def _lines(found: Iterable[CachedResponse], width: int | None) -> Iterator[tuple[str, str]]:
    now = clock.now()
    for each in found:
        record = each.record
        ttl = None if record.expires == float("inf") else record.expires - now
        text = (
            f" {size_text(record.size):>9} {age_text(now - record.created):>6}"
            f" {expiry_text(ttl):>10} {(each.cache_key or '')[:_KEY_WIDTH]:<12} "
        )
        url = record.url if width is None else shorten(record.url, width - len(text) - 6)
        status = f"{record.status:<6}"
        if width is None:
            yield f"{status}{text}{url}", ""
        else:
            yield text + url, paint(status, colour_of(record.status))


def colour_of(status: int) -> str:
    """Give the colour of a status code."""
    if status >= 500:
        return "red"
    return "yellow" if status >= 400 else "cyan" if status >= 300 else "green"


def shorten(text: str, width: int) -> str:
    """Leave out the middle of what is too long."""
    width = max(width, 20)
    if len(text) <= width:
        return text
    tail = width // 3
    return f"{text[: width - tail - 1]}…{text[-tail:]}"
