"""Hit rates that sessions have kept in a cache, as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from requests_cache.backends.kept_statistics import KeptStatistics, Period
from requests_cache.notebook import size_text

__all__ = ["Rate", "rates_of", "said_of"]


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
