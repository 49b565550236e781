"""Totals of a cache: by host, status and type, and how old and how fresh it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from requests_cache import clock
from requests_cache.backends import BaseCache
from requests_cache.backends.selection import host_of, media_type
from requests_cache.errors import RecordError
from requests_cache.models.response import CachedResponse

__all__ = ["AGES", "Group", "Totals", "count_up"]

AGES: Final = (
    ("last minute", 60),
    ("last hour", 3600),
    ("last day", 86400),
    ("last week", 604800),
    ("last month", 2592000),
    ("longer ago", float("inf")),
)


class Group(NamedTuple):
    """Some responses."""

    responses: int
    size: int
    """Bytes of their bodies."""


class Totals(NamedTuple):
    """What is in a cache."""

    responses: int
    size: int
    """Bytes of all bodies."""
    stored_size: int
    """Bytes that the cache takes where it is: on the disk, or with heads."""
    expired: int
    never: int
    """Responses that never expire."""
    invalid: int
    """Responses that cannot be read."""
    redirects: int
    oldest: float | None
    """Seconds since the oldest was received."""
    newest: float | None
    hosts: dict[str, Group]
    """Largest first; so are the others."""
    statuses: dict[str, Group]
    types: dict[str, Group]
    ages: dict[str, Group]

    def as_dict(self) -> dict[str, Any]:
        """Give all totals as plain values."""
        plain = self._asdict()
        for name in ("hosts", "statuses", "types", "ages"):
            plain[name] = {key: group._asdict() for key, group in plain[name].items()}
        return plain


def count_up(
    cache: BaseCache, found: Iterable[CachedResponse], redirects: int, stored_size: int
) -> Totals:
    """Add up the responses; none of their bodies is read.

    Args:
        cache: where they are.
        found: their heads.
        redirects: number of the redirects to them.
        stored_size: bytes that the cache takes.
    """
    now = clock.now()
    damaged = cache.stats.invalid
    by: tuple[dict[Any, list[int]], ...] = tuple(defaultdict(lambda: [0, 0]) for _ in range(4))
    total = size = expired = never = unreadable = 0
    oldest, newest = float("inf"), float("-inf")
    for each in found:
        record = each.record
        try:
            names = host_of(record.url), str(record.status), media_type(record), _age(now, record)
        except (RecordError, LookupError, TypeError, ValueError, AttributeError):
            unreadable += 1
            continue
        total += 1
        size += record.size
        expired += record.expires <= now
        never += record.expires == float("inf")
        oldest, newest = min(oldest, record.created), max(newest, record.created)
        for groups, name in zip(by, names, strict=True):
            group = groups[name]
            group[0] += 1
            group[1] += record.size
    hosts, statuses, types, ages = (_largest_first(groups) for groups in by)
    return Totals(
        responses=total,
        size=size,
        stored_size=stored_size,
        expired=expired,
        never=never,
        invalid=cache.stats.invalid - damaged + unreadable,
        redirects=redirects,
        oldest=max(0.0, now - oldest) if total else None,
        newest=max(0.0, now - newest) if total else None,
        hosts=hosts,
        statuses=statuses,
        types=types,
        ages={name: ages[name] for name, _ in AGES if name in ages},
    )


def _age(now: float, record: Any) -> str:
    age = now - record.created
    # A time that is none is not less than anything.
    return next((name for name, limit in AGES if age < limit), AGES[-1][0])


def _largest_first(groups: dict[Any, list[int]]) -> dict[str, Group]:
    key: Callable[[Any], Any] = lambda item: (-item[1][1], -item[1][0], item[0])  # noqa: E731
    return {name or "(none)": Group(*group) for name, group in sorted(groups.items(), key=key)}
