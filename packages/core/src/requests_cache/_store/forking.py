"""Threads of ours are outside of the stores while the process forks.

The child has none of them. What it inherits should be free: a connection that one of them was using
would never be.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import Final
from weakref import WeakSet

from .. import clock

__all__ = ["make_turn"]

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
