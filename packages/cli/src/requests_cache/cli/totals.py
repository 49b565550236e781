"""Totals of a cache, by host, status and type, and hit rates that sessions have kept in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from requests_cache import clock
from requests_cache.backends import BaseCache
from requests_cache.backends.kept_statistics import KeptStatistics, Period
from requests_cache.backends.selection import host_of
from requests_cache.backends.views import media_type
from requests_cache.errors import RecordError
from requests_cache.models.response import CachedResponse
from requests_cache.notebook import size_text

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
    """Add up the responses, of which the heads are given; none of their bodies is read."""
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


# Hit rates, as people read them


class Rate(NamedTuple):
    """How the requests of a period were answered."""

    when: str
    requests: int
    saved: int
    """Bytes that did not have to be transferred."""
    hits: float
    """From 0 to 1."""


def said_of(kept: KeptStatistics) -> str:
    """Say in a line what was kept; "" for nothing."""
    if not kept.periods or kept.hit_rate is None:
        return ""
    return (
        f"{kept.hit_rate:.0%} of {kept.requests} requests were hits since"
        f" {_name(kept.periods[0])}; {size_text(kept.counters['saved_bytes'])} saved"
    )


def rates_of(kept: KeptStatistics) -> list[Rate]:
    """Give the hit rates of the periods that had requests, the oldest first."""
    found = ((period, KeptStatistics((period,))) for period in kept.periods)
    return [
        Rate(_name(period), one.requests, one.counters["saved_bytes"], one.hit_rate or 0.0)
        for period, one in found
        if one.requests
    ]


def _name(period: Period) -> str:
    """Give the local time at which an hour began; of a day the date in UTC, by which it is kept."""
    if period.length > 3600:
        return datetime.fromtimestamp(period.start + period.length / 2).strftime("%Y-%m-%d")  # noqa: DTZ006  # for people
    return datetime.fromtimestamp(period.start).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006  # as above
