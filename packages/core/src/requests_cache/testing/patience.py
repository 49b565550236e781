"""An end for what hangs: a test fails after some seconds, and says which verb did not come back."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from ..backends.base import BaseCache, BaseStorage, BodyReader, BodyWriter
from ..serializers import Serializer, Stage

__all__ = ["within"]

_OF_AUTHORS = (BaseStorage, BaseCache, BodyWriter, BodyReader, Serializer, Stage)
_TESTS = __name__.rpartition(".")[0]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail what takes longer, and name the verb that is at work then.

    It needs a signal, so it does nothing on Windows, in other threads than the main one, and where
    somebody else has set a timer, as pytest-timeout does.
    """
    if not _is_free():
        yield
        return

    rung = False

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rung
        # After the first time the test is over, and pytest may be at work.
        if not rung or _verb_of(frame):
            rung = True
            pytest.fail(_say(seconds, frame))

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again, for what is closed after the test may hang, too.
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_free() -> bool:
    return (
        hasattr(signal, "SIGALRM")
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )


def _say(seconds: float, frame: FrameType | None) -> str:
    stacks = [frame, *sys._current_frames().values()]
    verb = next(filter(None, map(_verb_of, stacks)), None)
    if verb is None:
        return f"the test has not ended after {seconds:g} s"
    return (
        f"{verb} has not come back after {seconds:g} s: give each wait of the driver (a lock, a"
        " connection, an answer) a time limit, and raise StorageTimeoutError when it is over"
    )


def _verb_of(frame: FrameType | None) -> str | None:
    """Give the verb of an author's class that a thread is in, if it is in one."""
    for each in _outwards(frame):
        owner = each.f_locals.get("self")
        is_theirs = not str(each.f_globals.get("__name__")).startswith(_TESTS)
        if is_theirs and isinstance(owner, _OF_AUTHORS):
            return f"{type(owner).__name__}.{each.f_code.co_name}"
    return None


def _outwards(frame: FrameType | None) -> Iterable[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
