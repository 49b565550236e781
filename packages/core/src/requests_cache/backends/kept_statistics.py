"""Statistics that outlive the process: kept in the store by the hour, for all who use the cache."""

from __future__ import annotations

import json
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import finalize, ref

from .. import clock
from .._store.entry import NOTE_PREFIX, Entry
from ..errors import ConfigurationError
from .statistics import Statistics

if TYPE_CHECKING:
    from .responses import Responses
    from .storage import BaseStorage

logger: logging.Logger = logging.getLogger("requests_cache")

_KEY: Final = f"{NOTE_PREFIX}statistics"
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
# Hours become days after a time, and days are forgotten: some 470 periods are kept at most.
_HOURS_KEPT: Final = 3 * _DAY
_DAYS_KEPT: Final = 400 * _DAY
# Written when so many seconds have passed, when the cache is closed, and when the program ends.
_EVERY: Final = 60.0
_LEASE_SECONDS: Final = 10.0
_ATTEMPTS: Final = 40
_PAUSE: Final = 0.025


class Period(NamedTuple):
    """What all users of a cache did in an hour or a day."""

    start: float
    """Seconds since the epoch."""
    length: float
    """Seconds."""
    counters: dict[str, int]
    """By the names of `Statistics`; what is 0 is left out."""


class KeptStatistics(NamedTuple):
    """What was counted in some periods, the oldest first."""

    periods: tuple[Period, ...]

    @property
    def counters(self) -> dict[str, int]:
        """Add up all periods, by the names of `Statistics`."""
        total: Counter[str] = Counter()
        for period in self.periods:
            total.update(period.counters)
        return {name: total[name] for name in Statistics.NAMES}

    @property
    def requests(self) -> int:
        """Count hits, misses and what the origin confirmed."""
        counted = self.counters
        return counted["hits"] + counted["misses"] + counted["revalidated"]

    @property
    def hit_rate(self) -> float | None:
        """Give the part of the requests that were hits, from 0 to 1; None if there were none."""
        return self.counters["hits"] / self.requests if self.requests else None

    def as_dict(self) -> dict[str, Any]:
        """Give all of it as plain values."""
        return {
            "requests": self.requests,
            "hit_rate": self.hit_rate,
            **self.counters,
            "periods": [period._asdict() for period in self.periods],
        }


class Keeper:
    """Observes the counters of a cache, and adds what they count to what its store keeps.

    It knows the store and not the cache, so that a forgotten cache is not kept alive.
    """

    def __init__(self, cache: Responses) -> None:
        self._cache = ref(cache)
        self._storage: BaseStorage | None = None
        self._pending: dict[int, Counter[str]] = {}
        self._lock = Lock()
        self._due = clock.monotonic() + _EVERY
        self._process = os.getpid()

    def __call__(self, name: str, amount: int) -> None:
        """Count; write now and then."""
        hour = int(clock.now() // _HOUR) * _HOUR
        with self._lock:
            self._forget_in_child()
            if self._storage is None:
                self._begin()
            self._pending.setdefault(hour, Counter())[name] += amount
            is_due = clock.monotonic() >= self._due
            if is_due:
                self._due = clock.monotonic() + _EVERY
        if is_due:
            self.write(attempts=1)

    def _forget_in_child(self) -> None:
        """After a fork, what was counted before belongs to the parent, which writes it."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._pending = {}

    def _begin(self) -> None:
        cache = self._cache()
        if cache is not None:
            self._storage = cache.redirects
            finalize(cache, self.write)

    def write(self, attempts: int = _ATTEMPTS) -> None:
        """Add what was counted to what is kept; a store that fails costs nothing but the counts."""
        with self._lock:
            self._forget_in_child()
            pending, self._pending = self._pending, {}
        if not pending or self._storage is None:
            return
        try:
            is_written = _add(self._storage, pending, attempts)
        except Exception as error:  # noqa: BLE001  # counting must not fail a request
            logger.info("the statistics could not be kept: %s", error)
            return
        if not is_written:
            with self._lock:
                for hour, counted in pending.items():
                    self._pending.setdefault(hour, Counter()).update(counted)


def read_kept(
    storage: BaseStorage, since: float | timedelta | datetime | None = None
) -> KeptStatistics:
    """Give what a store keeps.

    Args:
        storage: that of the redirects of a cache.
        since: leave out what ended before: seconds or a timedelta before now, or a datetime.
    """
    begin = _time_of(since)
    periods = (period for period in _read(storage) if period.start + period.length > begin)
    return KeptStatistics(tuple(sorted(periods)))


def _time_of(since: float | timedelta | datetime | None) -> float:
    if since is None:
        return 0.0
    if isinstance(since, datetime):
        return since.timestamp()
    seconds = since.total_seconds() if isinstance(since, timedelta) else since
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise ConfigurationError(f"since={since!r}: give seconds, a timedelta or a datetime")
    return clock.now() - seconds


def _read(storage: BaseStorage) -> list[Period]:
    entry = storage.read(_KEY)
    if entry is None:
        return []
    try:
        found = json.loads(str(storage.serializer.decode(entry.head, entry.body)))
        return [Period(float(start), float(length), dict(each)) for start, length, each in found]
    except Exception as error:  # noqa: BLE001  # it may be damaged in any way
        logger.warning("the statistics that were kept cannot be read: %s", error)
        return []


def _add(storage: BaseStorage, pending: dict[int, Counter[str]], attempts: int) -> bool:
    """Add counts to what is kept; False if another process was at it all the time."""
    token = None
    if storage.capabilities.leases:
        token = _take_turn(storage, attempts)
        if token is None:
            return False
    try:
        new = (Period(hour, _HOUR, dict(counted)) for hour, counted in pending.items())
        periods = condense([*_read(storage), *new])
        # As text: the values of other notes list keys.
        head, body = storage.serializer.encode(json.dumps(periods, separators=(",", ":")))
        storage.write(_KEY, Entry(head, body))
    finally:
        if token is not None:
            storage.release(_KEY, token)
    return True


def _take_turn(storage: BaseStorage, attempts: int) -> str | None:
    for attempt in range(attempts):
        if attempt:
            time.sleep(_PAUSE)
        token = storage.lease(_KEY, _LEASE_SECONDS)
        if token is not None:
            return token
    return None


def condense(periods: Iterable[Period]) -> list[Period]:
    """Put together what is of one hour, and of one day that is over for long."""
    now = clock.now()
    merged: dict[tuple[float, float], Counter[str]] = {}
    for start, length, counted in periods:
        if start < now - _DAYS_KEPT:
            continue
        is_long_over = start < now - _HOURS_KEPT
        place = (start // _DAY * _DAY, float(_DAY)) if is_long_over else (start, length)
        merged.setdefault(place, Counter()).update(counted)
    return [Period(*place, dict(counted)) for place, counted in sorted(merged.items())]
