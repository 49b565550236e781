"""How expiry and size are spread over the responses of a cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from requests_cache.models.record import Record

from ..totals import Group

__all__ = ["expiry_groups", "size_groups"]

_NEVER: Final = float("inf")
_EXPIRY: Final = (
    ("more than a day ago", -86400),
    ("within the last day", 0),
    ("in the next hour", 3600),
    ("in the next day", 86400),
    ("in the next week", 604800),
    ("in the next month", 2592000),
)
_SIZES: Final = (
    ("empty", 1),
    ("to 1 kB", 1_000),
    ("to 10 kB", 10_000),
    ("to 100 kB", 100_000),
    ("to 1 MB", 1_000_000),
    ("to 10 MB", 10_000_000),
)


def expiry_groups(records: Iterable[Record], now: float) -> dict[str, Group]:
    """Count the responses by when they expire, the earliest first."""

    def name(record: Record) -> str:
        if record.expires == _NEVER:
            return "never"
        left = record.expires - now
        return next((text for text, limit in _EXPIRY if left <= limit), "later")

    return _count(records, name, [*(text for text, _ in _EXPIRY), "later", "never"])


def size_groups(records: Iterable[Record]) -> dict[str, Group]:
    """Count the responses by the size of their bodies, the smallest first."""

    def name(record: Record) -> str:
        return next((text for text, limit in _SIZES if record.size < limit), "more")

    return _count(records, name, [*(text for text, _ in _SIZES), "more"])


def _count(
    records: Iterable[Record], name: Callable[[Record], str], order: list[str]
) -> dict[str, Group]:
    counted = {each: [0, 0] for each in order}
    for record in records:
        group = counted[name(record)]
        group[0] += 1
        group[1] += record.size
    return {each: Group(*group) for each, group in counted.items() if group[0]}
