"""A large body is written by a thread of its own while it is read."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest
from requests_cache._transfer.spool import Sink
from requests_cache.backends.base import BodyWriter, Entry
from requests_cache.errors import StorageError, StorageFullError
from requests_cache.testing.origin import Answer, Origin

PIECES = [bytes([number]) * 1000 for number in range(50)]


class Noting(BodyWriter):
    """Notes what is written, by whom, and calls `then` each time."""

    def __init__(self, then: Callable[[], object] = list) -> None:
        self.written: list[bytes] = []
        self.threads: set[Thread] = set()
        self.aborted = Event()
        self.then = then

    def write(self, data: bytes) -> None:
        self.then()
        self.written.append(data)
        self.threads.add(current_thread())

    def commit(self, key: str, entry: Entry) -> None:
        """Nothing is committed here."""

    def abort(self) -> None:
        self.aborted.set()


def fill(sink: Sink) -> None:
    for piece in PIECES:
        sink.add([piece[:300], piece[300:]])


def test_pieces_are_written_in_their_order_with_their_checksum() -> None:
    sink = Sink(writer := Noting())
    fill(sink)
    sink.finish()
    assert writer.written == PIECES
    assert sink.crc == zlib.crc32(b"".join(PIECES))
    assert not writer.aborted.is_set()


def test_all_but_the_first_are_written_by_one_thread_which_ends() -> None:
    sink = Sink(writer := Noting())
    sink.add(PIECES[:1])
    assert writer.threads == {current_thread()}
    fill(sink)
    sink.finish()
    (thread,) = writer.threads - {current_thread()}
    assert not thread.is_alive()


def test_what_the_writer_raises_is_raised_by_a_later_call() -> None:
    def fail() -> None:
        if current_thread() is not here:
            raise StorageFullError("the disk is full")

    here = current_thread()
    sink = Sink(writer := Noting(fail))
    with pytest.raises(StorageFullError):
        fill(sink)
    with pytest.raises(StorageFullError):
        sink.finish()
    assert len(writer.written) == 1, "nothing is written after a failure"


def test_nobody_is_far_ahead_of_the_writer() -> None:
    added, ahead = [0], list[int]()
    sink = Sink(writer := Noting(lambda: ahead.append(added[0] - len(writer.written))))
    for piece in PIECES:
        added[0] += 1
        sink.add([piece])
    sink.finish()
    assert max(ahead) <= 5


def test_nothing_is_written_after_an_abort() -> None:
    sink = Sink(writer := Noting())
    fill(sink)
    sink.abort()
    count = len(writer.written)
    assert writer.aborted.is_set()
    assert not any(thread.is_alive() for thread in writer.threads - {current_thread()})
    assert len(writer.written) == count


def test_a_forgotten_body_is_aborted_and_its_thread_ends() -> None:
    sink = Sink(writer := Noting())
    fill(sink)
    aborted, threads = writer.aborted, writer.threads
    del sink, writer
    gc.collect()
    assert aborted.is_set()
    assert not any(thread.is_alive() for thread in threads - {current_thread()})


def let_go(writer: Noting, sinks: list[Sink]) -> None:
    """Write to a sink that its own thread lets go of: it is aborted, and the thread ends."""
    aborted, threads = writer.aborted, writer.threads
    sinks.append(Sink(writer))
    for _ in range(2):
        sinks[0].add(PIECES[:1])
    del writer
    assert aborted.wait(30)
    for thread in threads - {current_thread()}:
        thread.join(30)
        assert not thread.is_alive()


def test_a_body_that_is_forgotten_by_its_own_thread_is_aborted() -> None:
    """The garbage collector runs in any thread."""

    def forget() -> None:
        if current_thread() is not here:
            sinks.clear()

    here, sinks = current_thread(), list[Sink]()
    let_go(Noting(forget), sinks)


def test_a_body_that_is_dropped_by_its_own_thread_is_aborted_when_it_ends() -> None:
    """The garbage collector may close a response while its body is written."""

    def drop() -> None:
        if current_thread() is not here:
            sinks.pop().abort()

    here, sinks = current_thread(), list[Sink]()
    let_go(Noting(drop), sinks)


def test_where_no_thread_can_be_started_pieces_are_written_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: Thread) -> None:
        raise RuntimeError("can't start new thread")

    sink = Sink(writer := Noting())
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", refuse)
        fill(sink)
    assert writer.written == PIECES
    sink.finish()
    sink.abort()
    assert writer.aborted.is_set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_process_stores_nothing_of_it_and_does_not_hang() -> None:
    sink = Sink(writer := Noting())
    fill(sink)
    child = os.fork()
    if not child:  # pragma: no cover  # in another process
        try:
            sink.add(PIECES)
        except StorageError:
            sink.abort()
            os._exit(0 if len(writer.written) <= len(PIECES) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    sink.finish()
    assert writer.written == PIECES


ENDING = """
import sys
from requests_cache import CachedSession
session = CachedSession(sys.argv[1], "filesystem")
response = session.get(sys.argv[2], stream=True)
response.raw.read(5 * 1024 * 1024)
"""


def test_a_process_ends_in_the_middle_of_a_body_and_leaves_nothing(
    tmp_path: Path, origin: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    origin.answers["/large"] = lambda request: Answer(bytes(20 * 1024 * 1024))
    arguments = [sys.executable, "-c", ENDING, str(tmp_path / "cache"), origin.url("/large")]
    assert subprocess.run(arguments, check=False, timeout=60).returncode == 0
    assert list(tmp_path.rglob("tmp/*")) == []
