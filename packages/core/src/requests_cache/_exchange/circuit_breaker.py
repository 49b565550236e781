"""Keep a failing store from failing requests: warn once, go without, and come back by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock, local
from typing import TYPE_CHECKING, TypeVar

from .. import clock
from ..errors import (
    CacheError,
    StorageBusyError,
    StorageClearedError,
    UnsupportedValueError,
    ValueTooLargeError,
)

if TYPE_CHECKING:
    from ..backends.statistics import Statistics

logger = logging.getLogger("requests_cache")

_T = TypeVar("_T")

# A store that failed is left alone for one second, then for twice as long after each failure.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 5.0
# What `begin` gives to a request that waited for the store in vain, and goes on without it.
_WITHOUT = -1
# Others are at work on the store, or it is about one value: the next request may find all well.
_NO_OUTAGE = (ValueTooLargeError, UnsupportedValueError, StorageClearedError, StorageBusyError)


class CircuitBreaker:
    """A circuit breaker around one cache.

    After a failure the store is not asked for some seconds; then one request tries it again. There
    is one warning when an incident begins and one message when it ends. A store that cannot be
    written to, such as a full one, is still read.

    A request asks a store that fails once, however many times it would have asked, and however long
    the origin takes in between: it costs a request one timeout.
    """

    def __init__(self, stats: Statistics, name: str) -> None:
        self._stats = stats
        self._name = name
        self._lock = Lock()
        self.reads: _Circuit = _Circuit(self._lock)
        """Whether the store can be read; a hit looks at its `pause` alone."""
        self._writes = _Circuit(self._lock)
        self._failures = 0
        self._unwritten = 0
        self._unfinished = local()

    def begin(self) -> int:
        """Give what a request hands to each `call`: it tells failures of before from its own."""
        since: int = vars(self._unfinished).pop("since", self._failures)
        return since

    @property
    def is_passed_by(self) -> bool:
        """Say whether the request of this thread has waited in vain for a busy store."""
        return vars(self._unfinished).get("since") == _WITHOUT

    @property
    def is_troubled(self) -> bool:
        """Say whether the last attempt to read failed."""
        return self.reads.pause != 0.0

    def call(
        self,
        action: Callable[[], _T],
        otherwise: _T,
        reraise: bool = False,
        *,
        writes: bool = False,
        since: int | None = None,
    ) -> _T:
        """Give what `action` gives, or `otherwise` if the store fails or is being left alone.

        With `reraise` the error of the store is raised instead. `since` is what `begin` gave when
        the request began; None for a request of its own.
        """
        circuit = self._writes if writes else self.reads
        if not reraise and (
            self._has_failed(since) or circuit.is_open() or (writes and self.reads.is_waiting())
        ):
            self._stats.add("bypassed")
            return otherwise
        turn = circuit.turn
        try:
            result = action()
        except Exception as error:  # a store of somebody else's may raise anything
            # What was cleared was meant to go: to store it now would undo that.
            if reraise and not isinstance(error, StorageClearedError):
                raise
            if isinstance(error, _NO_OUTAGE):
                self._note_undone(error)
            else:
                self._failed(circuit, turn, error)
            return otherwise
        if circuit.pause:
            self._recovered(circuit, turn)
        return result

    def report(self, error: Exception) -> None:
        """Take note that a read which did not come through `call` has failed.

        The request that made it goes on in this thread; what it does next is not asked again.
        """
        if isinstance(error, StorageBusyError):
            self._unfinished.since = _WITHOUT
            self._stats.add("bypassed")
            return
        self._unfinished.since = self._failures
        self._failed(self.reads, self.reads.turn, error)

    def _note_undone(self, error: Exception) -> None:
        """Log what a store that is well has not done; of a serializer that fails, warn once."""
        text, level = "not stored", logging.INFO
        if isinstance(error, UnsupportedValueError):
            self._unwritten += 1
            level = logging.WARNING if self._unwritten == 1 else logging.DEBUG
        elif isinstance(error, StorageBusyError):
            self._stats.add("bypassed")
            text = "this request goes on without the store"
        logger.log(level, "%s: %s: %s", self._name, text, error)

    def _has_failed(self, since: int | None) -> bool:
        """Say whether the store has failed since a request began, and has not come back."""
        if since is None or since == self._failures:
            return False
        return since == _WITHOUT or self._is_incident()

    def _failed(self, circuit: _Circuit, turn: int, error: Exception) -> None:
        self._stats.add("bypassed")
        with self._lock:
            self._failures += 1
            was_well = not self._is_incident()
            begins = circuit.open(turn) and was_well
        if begins:
            kind = "" if isinstance(error, CacheError) else f"{type(error).__name__}: "
            logger.warning(
                "%s: the store failed, requests go on without it: %s%s", self._name, kind, error
            )

    def _recovered(self, circuit: _Circuit, turn: int) -> None:
        with self._lock:
            closed = circuit.close(turn)
            ends = closed and not self._is_incident()
            if closed and circuit is self.reads:
                # A store that can be read again can most likely be written to.
                self._writes.end_pause()
        if ends:
            logger.info("%s: the store works again", self._name)

    def _is_incident(self) -> bool:
        return bool(self.reads.pause or self._writes.pause)


class _Circuit:
    """Open while the store is being left alone; who opens or closes it holds the lock."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self.turn: int = 0
        """How often it has opened or closed. An attempt that began before the last turn says
        nothing about how the store is now: several fail together, some only when it is back."""
        self.pause: float = 0.0
        """For how many seconds the store is left alone after the last failure; 0 if it works."""
        self._retry_at = 0.0

    def open(self, turn: int) -> bool:
        """Leave the store alone, for twice as long as before; False if it is not our turn."""
        if turn != self.turn:
            return False
        self.turn += 1
        self.pause = min(self.pause * 2 or _FIRST_PAUSE, _LONGEST_PAUSE)
        self._retry_at = clock.monotonic() + self.pause
        return True

    def close(self, turn: int) -> bool:
        """Use the store again; False if it is not our turn."""
        if turn != self.turn:
            return False
        self.turn += 1
        self.pause = 0.0
        return True

    def end_pause(self) -> None:
        """Let the next caller try."""
        self._retry_at = 0.0

    def is_waiting(self) -> bool:
        """Say whether the store is being left alone at the moment."""
        return self.pause != 0.0 and clock.monotonic() < self._retry_at

    def is_open(self) -> bool:
        """Say whether this caller has to leave the store alone."""
        if not self.pause:
            return False
        with self._lock:
            now = clock.monotonic()
            if now < self._retry_at:
                return True
            # This caller tries. The others wait for the outcome, but not for ever.
            self._retry_at = now + _LONGEST_PAUSE
            return False
