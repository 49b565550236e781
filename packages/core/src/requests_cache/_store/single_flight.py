"""Requests that are on their way to the origin, so that identical ones need not follow them."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Event, RLock, get_ident
from time import monotonic
from typing import Final
from weakref import WeakSet

from .. import clock
from .threads import call_in_child

# Nobody waits longer for another request, whatever timeout that one has.
_LONGEST_WAIT: Final = 30.0
# How long to wait for a caller who reads the body at his own pace.
_STREAM_WAIT: Final = 5.0
# Whose response could not be shared is not waited for again for so long. It is what Varnish calls
# hit-for-miss: without it each burst on such a URL would take twice as long.
_APART_SECONDS: Final = 10.0
_MOST_APART: Final = 1024

_all: WeakSet[SingleFlight] = WeakSet()


class Flight:
    """A request on its way: the thread that leads it, and what the others wait for."""

    __slots__ = (
        "_deadline",
        "_flights",
        "_landed",
        "is_over",
        "is_stored",
        "key",
        "may_be_late",
        "thread",
    )

    may_be_late: bool
    """Whether another flight may have stored the response since its leader looked for it."""

    def __init__(self, flights: SingleFlight, key: Hashable, may_be_late: bool) -> None:
        self.may_be_late = may_be_late
        self._flights = flights
        self._landed: Event | None = None
        self._deadline = monotonic() + _LONGEST_WAIT
        self.key: Hashable = key
        self.thread: int = get_ident()
        self.is_over: bool = False
        self.is_stored: bool = False

    def is_overdue(self) -> bool:
        """Say whether it has been on its way for so long that nobody should wait for it."""
        return monotonic() >= self._deadline

    def hand_over(self) -> None:
        """Leave the landing to whoever reads the body; the others will not wait for long."""
        self._deadline = min(self._deadline, monotonic() + _STREAM_WAIT)

    def land(self, is_stored: bool) -> None:
        """Let the others go on, all at once: to the store, or to the origin if nothing is there."""
        if self.is_over:
            return
        self.is_stored = is_stored
        self.is_over = True
        self._flights.remove(self)
        if self._landed is not None:
            self._landed.set()

    def announce(self) -> None:
        """Expect somebody to wait; called with the lock of the flights."""
        if self._landed is None:
            self._landed = Event()
        if self.is_over:
            # It landed just now: who lands it may not have seen that somebody waits.
            self._landed.set()

    def wait(self, seconds: float | None) -> bool:
        """Wait for the flight; say whether its response is in the store.

        The caller would wait so many seconds for the origin; with None, as long as it takes.
        """
        landed = self._landed
        assert landed is not None  # whoever joins announces it
        while True:
            left = self._deadline - monotonic()
            step = min(left, 1.0 if seconds is None else min(seconds, 1.0))
            if step <= 0:
                return False
            # In steps, for the deadline comes nearer when the body is handed over.
            if landed.wait(step):
                return self.is_stored
            if seconds is not None:
                seconds -= step


class SingleFlight:
    """The flights of one cache in this process, by key.

    A thread that leads a flight never waits for another one, so no circle of threads that wait for
    each other can arise from redirects, or from hooks that send requests.
    """

    def __init__(self) -> None:
        self.forget()
        _all.add(self)

    def forget(self) -> None:
        """Drop all flights: after a fork they are the parent's."""
        self.landings: int = 0
        """How many responses the flights have brought to the store."""
        # The garbage collector may land a flight in the middle of any call below.
        self._lock = RLock()
        self._flying: dict[Hashable, Flight] = {}
        self._leading: dict[int, int] = {}
        self._apart: dict[Hashable, float] = {}

    def join(self, key: Hashable, since: int) -> tuple[Flight | None, bool]:
        """Give the flight to `key`, and whether this thread leads it; None to go alone.

        `since` is what `landings` was when the caller found nothing in the store.
        """
        me = get_ident()
        with self._lock:
            flight = self._flying.get(key)
            if flight is not None and not flight.is_overdue():
                if flight.thread == me or me in self._leading:
                    return None, False
                flight.announce()
                return flight, False
            if self._apart and self._is_apart(key):
                return None, False
            flight = self._flying[key] = Flight(self, key, self.landings != since)
            self._leading[me] = self._leading.get(me, 0) + 1
            return flight, True

    def _is_apart(self, key: Hashable) -> bool:
        until = self._apart.get(key)
        if until is None:
            return False
        if clock.monotonic() < until:
            return True
        del self._apart[key]
        return False

    def keep_apart(self, key: Hashable) -> None:
        """Let requests for `key` go alone for a while, because they cannot share a response."""
        with self._lock:
            if len(self._apart) >= _MOST_APART:
                del self._apart[next(iter(self._apart))]
            self._apart[key] = clock.monotonic() + _APART_SECONDS

    def leave(self, flight: Flight) -> None:
        """Let the thread that led a flight wait for others again."""
        with self._lock:
            count = self._leading.get(flight.thread, 0)
            if count > 1:
                self._leading[flight.thread] = count - 1
            else:
                self._leading.pop(flight.thread, None)

    def remove(self, flight: Flight) -> None:
        """Take a flight off the board, unless another one has taken its place."""
        with self._lock:
            if flight.is_stored:
                self.landings += 1
                self._apart.pop(flight.key, None)
            if self._flying.get(flight.key) is flight:
                del self._flying[flight.key]

    def __len__(self) -> int:
        return len(self._flying)


call_in_child(SingleFlight.forget, _all)
