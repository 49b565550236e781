"""Threads of ours beside a store: outside of it while the process forks.

The child has none of them. What it inherits should be free: a connection that one of them was using
would never be.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import RLock, Thread, current_thread
from typing import Final, Generic, TypeVar
from weakref import WeakSet

from .. import clock

_T = TypeVar("_T")

# Whoever forks waits for all threads no longer than this, in seconds: they may wait for him.
_LONGEST_WAIT: Final = 1.0

_turns: WeakSet[RLock] = WeakSet()
_held: list[RLock] = []


def make_turn() -> RLock:
    """Make a lock that a thread holds whenever it calls a store."""
    turn = RLock()
    _turns.add(turn)
    return turn


def _hold_all() -> None:
    latest = clock.monotonic() + _LONGEST_WAIT

    def is_free(turn: RLock) -> bool:
        return turn.acquire(timeout=max(0.0, latest - clock.monotonic()))

    _held.extend(filter(is_free, list(_turns)))


def _release_all() -> None:
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_all, after_in_parent=_release_all, after_in_child=_release_all)


def call_in_child(call: Callable[[_T], object], each: WeakSet[_T]) -> None:
    """Have a function called in a forked child with each of a set, all of which is its parent's."""

    def call_all() -> None:
        for one in list(each):
            call(one)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=call_all)


class Background(Generic[_T]):
    """Runs a function in a thread of its own, from now on.

    Moving a megabyte is work that is done without Python's lock, here or in a server, so both have
    something to do at the same time. To start a thread takes a small part of the time of that.
    Where none can be started, the function runs when its result is asked for.
    """

    def __init__(self, run: Callable[[], _T]) -> None:
        self._work = run
        self._results: list[_T] = []
        self._error: BaseException | None = None
        self._turn = make_turn()
        self._thread: Thread | None = Thread(target=self._run, name="requests-cache meanwhile")
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None

    def _run(self) -> None:
        try:
            with self._turn:
                self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001  # `result` raises it where it is asked for
            self._error = error

    def wait(self) -> None:
        """Wait for the end, whatever it is; not in the thread itself.

        There the garbage collector may close a forgotten body.
        """
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join()

    def result(self) -> _T:
        """Wait for the end; give what the function gave, or raise what it raised."""
        self.wait()
        if self._error is not None:
            raise self._error
        # After a fork the thread has ended here, and gives its result to the parent.
        return self._results[0] if self._results else self._work()
