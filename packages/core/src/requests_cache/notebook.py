"""What a notebook shows of a response, of a cache and of its statistics."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from html import escape
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from . import clock

if TYPE_CHECKING:
    from .backends.cache import BaseCache
    from .backends.statistics import Statistics
    from .models.response import CachedResponse

__all__ = ["age_text", "cache_html", "expiry_text", "response_html", "size_text", "statistics_html"]

_NEWEST: Final = 10
_UNITS: Final = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def response_html(response: CachedResponse) -> str:
    """Give what is remembered of a response as a table, without its body."""
    record = response.record
    facts = {
        "URL": response.url,
        "Status": f"{response.status_code} {response.reason or ''}",
        "Type": response.headers.get("Content-Type", ""),
        "Size": size_text(record.size),
        "Age": age_text(clock.now() - record.created),
        "Expires": expiry_text(response.ttl),
        "Key": response.cache_key or "",
    }
    return _table("Response from the cache", facts.items())


def cache_html(cache: BaseCache) -> str:
    """Give the totals of a cache and its newest responses."""
    newest = nlargest(_NEWEST, cache.rows(), key=itemgetter("created_at"))
    facts = {"Responses": str(len(cache)), "Size": size_text(cache.size)}
    rows = ((row["url"], f"{row['status']}, {size_text(row['size'])}") for row in newest)
    return _table(repr(cache), facts.items()) + _table("Newest", rows)


def statistics_html(statistics: Statistics) -> str:
    """Give the counters that are not zero, and the hit rate."""
    counted = {name: str(n) for name, n in statistics.as_dict().items() if n}
    asked = statistics.hits + statistics.misses + statistics.revalidated
    if asked:
        counted["hit rate"] = f"{statistics.hits / asked:.0%}"
    return _table("Statistics", counted.items())


def _table(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{cells}</tbody></table>"


def size_text(size: float) -> str:
    """Give a number of bytes as a person reads it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def age_text(seconds: float) -> str:
    """Give a duration in the largest unit that it reaches; none is shorter than 0 s."""
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "0 s"


def expiry_text(ttl: float | None) -> str:
    """Say when something expires that has so many seconds left; None for never."""
    if ttl is None:
        return "never"
    return f"in {age_text(ttl)}" if ttl > 0 else f"{age_text(-ttl)} ago"
