"""Stored bodies that are read in advance: what is read when, by whom, and what is left of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from threading import Event, Thread, current_thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_cache._store.pieces import ReadAhead
from requests_cache._store.threads import Background
from requests_cache.backends.base import BodyReader

ROW = 100
WINDOW = 200
BODY = os.urandom(10 * ROW + 7)


class Rows:
    """A store that gives a body by rows, of which some may be broken."""

    def __init__(self, broken: frozenset[int] = frozenset()) -> None:
        self.broken = broken
        self.asked: list[tuple[int, bool]] = []
        self.free = Event()
        self.free.set()
        self.is_closed = False

    def fetch(self, position: int, count: int) -> bytes:
        assert not self.is_closed
        is_ahead = current_thread().name == "requests-cache meanwhile"
        assert not is_ahead or self.free.wait(10)
        self.asked.append((position, is_ahead))
        row = position // ROW
        if row in self.broken:
            raise OSError(f"row {row} is broken")
        return BODY[position : min(position + count, (row + 1) * ROW)]

    def close(self) -> None:
        self.is_closed = True

    def open(self) -> BodyReader:
        return BodyReader(len(BODY), self.fetch, self.close, ahead=WINDOW)


def test_who_reads_on_gets_what_was_read_meanwhile() -> None:
    rows = Rows()
    with rows.open() as file:
        pieces = [file.read(50) for _ in range(4)]
        assert rows.asked == [(0, False), (50, False), (100, False), (150, False)]
        while piece := file.read(50):
            pieces.append(piece)
    assert b"".join(pieces) == BODY
    # The first window begins in a row; from then on whole rows come in advance.
    ahead = [(position, True) for position in (250, 300, 400, 500, 600, 700, 800, 900, 1000)]
    assert rows.asked[4:] == [(200, False), *ahead]


def test_who_reads_here_and_there_gets_nothing_in_advance() -> None:
    rows = Rows()
    with rows.open() as file:
        for position in (700, 0, 300, 500, 100):
            file.seek(position)
            assert file.read(150) == BODY[position : position + 150]
    assert not any(is_ahead for _, is_ahead in rows.asked)


@given(
    jumps=st.lists(
        st.tuples(st.none() | st.integers(0, len(BODY)), st.integers(1, 3 * WINDOW)), max_size=30
    )
)
def test_any_way_of_reading_gives_the_bytes_of_the_body(
    jumps: list[tuple[int | None, int]],
) -> None:
    with Rows().open() as file:
        position = 0
        for start, size in jumps:
            if start is not None:
                position = file.seek(start)
            assert file.read(size) == BODY[position : position + size]
            position = min(position + size, len(BODY))


def test_what_cannot_be_read_in_advance_is_an_error_if_it_is_needed() -> None:
    rows = Rows(frozenset({4}))
    with rows.open() as file:
        for _ in range(8):
            file.read(50)
        with pytest.raises(OSError, match="row 4"):
            file.read(50)
        rows.broken = frozenset()
        file.seek(300)
        assert file.read(200) == BODY[300:500]
    rows = Rows(frozenset({4}))
    with rows.open() as file:
        for _ in range(8):
            file.read(50)
        file.seek(600)
        assert file.read(50) == BODY[600:650]


def test_a_part_that_is_lost_is_an_error_where_it_is_needed() -> None:
    rows = Rows()

    def fetch(position: int, count: int) -> bytes:
        return rows.fetch(position, count) if position < 400 else b""

    with BodyReader(len(BODY), fetch, rows.close, ahead=WINDOW) as file:
        assert b"".join(file.read(50) for _ in range(8)) == BODY[:400]
        with pytest.raises(OSError, match="ends at 400 of 1007 bytes"):
            file.read(50)


def test_a_body_is_closed_when_nobody_reads_it_any_more() -> None:
    rows = Rows()
    file = rows.open()
    rows.free.clear()
    for _ in range(5):
        file.read(50)
    closing = Thread(target=file.close)
    closing.start()
    closing.join(0.05)
    assert not rows.is_closed
    rows.free.set()
    closing.join(10)
    assert rows.is_closed
    asked = len(rows.asked)
    assert rows.asked[-1][1]
    with pytest.raises(ValueError, match="closed"):
        file.read(1)
    assert len(rows.asked) == asked


def test_who_is_interrupted_while_he_waits_can_read_on_or_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = Background.wait

    def interrupted(self: Background[Any]) -> None:
        monkeypatch.setattr(Background, "wait", wait)
        raise KeyboardInterrupt

    for reads_on in (True, False):
        rows = Rows()
        with rows.open() as file:
            rows.free.clear()
            for _ in range(5):
                file.read(50)
            monkeypatch.setattr(Background, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                file.read(50)
            rows.free.set()
            if reads_on:
                assert file.read() == BODY[250:]
        # The thread had its time before the store was closed.
        assert rows.asked[-1][0] == (1000 if reads_on else 300)


def test_a_forgotten_body_may_be_closed_by_the_thread_that_reads_it() -> None:
    """The garbage collector runs in any thread; this one must not wait for itself."""
    rows = Rows()
    closed = Event()

    def fetch(position: int, count: int) -> bytes:
        if current_thread().name == "requests-cache meanwhile":
            gc.collect()
        return rows.fetch(position, count)

    file = BodyReader(len(BODY), fetch, closed.set, ahead=WINDOW)
    cycle: list[Any] = [file]
    cycle.append(cycle)
    gate = Event()
    forget_first(file, gate)
    del file, cycle
    gate.set()
    assert closed.wait(10)


def forget_first(file: BodyReader, gate: Event) -> None:
    """Begin to read in advance, but not before the gate is open."""
    ahead: Any = file._ahead
    read: Callable[[int, int], bytes] = ahead._fetch

    def fetch(position: int, count: int) -> bytes:
        if current_thread().name == "requests-cache meanwhile":
            assert gate.wait(10)
        return read(position, count)

    ahead._fetch = fetch
    for _ in range(5):
        file.read(50)


def test_a_body_is_read_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", fail)
    rows = Rows()
    with rows.open() as file:
        assert b"".join(iter(lambda: file.read(50), b"")) == BODY
    assert rows.is_closed


def test_what_is_done_meanwhile_gives_its_result_or_its_error() -> None:
    assert Background(lambda: 1).result() == 1
    failed = Background(lambda: 1 // 0)
    failed.wait()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            failed.result()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_does_again_what_its_parent_waits_for() -> None:
    """The thread is the parent's alone; a body that is being read is read on in both."""
    gate = Event()
    asked = Background(lambda: gate.wait(10) and os.getpid())
    child = os.fork()
    gate.set()
    if not child:
        os._exit(0 if asked.result() == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert asked.result() == os.getpid()


def test_a_window_is_not_longer_than_the_body() -> None:
    ahead = ReadAhead(Rows().fetch, len(BODY), WINDOW)
    position = 0
    while position < len(BODY):
        position += len(ahead.fetch(position, 64))
    assert ahead._coming is None
    assert position == len(BODY)
