"""Where a large body goes: into a store, while its next piece is still on its way."""

from __future__ import annotations

import os
import sys
from queue import SimpleQueue
from threading import Semaphore, Thread, current_thread
from typing import TYPE_CHECKING, Final
from weakref import finalize
from zlib import crc32

from .._store.forking import make_turn
from ..errors import StorageError

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter

__all__ = ["Sink"]

# So many megabytes wait, or are being written, before whoever brings another has to wait, too.
_MOST_WAITING: Final = 3
# Whoever forgets a body waits no longer than this, in seconds, for what is being written.
_LONGEST_WAIT: Final = 1.0


class Sink:
    """Sums up a body and writes it: the first pieces at once, all others in a thread of its own.

    The two may take as long as reading the body does, and the system does all three without holding
    Python's lock. What the store raises, the next call raises in the thread of the caller. The
    thread ends with `finish` or `abort`, when the body is forgotten, and with the process. Where no
    thread can be started, everything is written at once.

    Args:
        writer: takes the body.
    """

    def __init__(self, writer: BodyWriter) -> None:
        self.writer = writer
        self._work = _Work(writer)
        self._process = os.getpid()
        self._thread: Thread | None = None

    @property
    def crc(self) -> int:
        """Give the CRC-32 of what was written."""
        return self._work.crc

    def add(self, pieces: list[bytes]) -> None:
        """Take the next pieces; waits while some others have not been written.

        Raises:
            StorageError: this is a forked process: thread and body are its parent's.
            Exception: what the writer raised.
        """
        self._check_process()
        if self._thread is None:
            self._work.take(pieces)
            self._thread = self._start()
            return
        self._work.room.acquire()
        self._work.check()
        self._work.pieces.put(pieces)

    def _start(self) -> Thread | None:
        thread = Thread(target=self._work.run, name="requests-cache body", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return None
        finalize(self, _forget, self._work, thread, self._process)
        return thread

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise StorageError("the process was forked while it stored a body")

    def finish(self) -> None:
        """Wait until all is written; raise what `add` raises."""
        self._check_process()
        self._end()
        self._work.check()

    def abort(self) -> None:
        """Drop the body; waits for what is being written. A forked child leaves it alone."""
        if self._process != os.getpid():
            return
        self._work.is_dropped = True
        if self._thread is current_thread():
            # The garbage collector closes a forgotten response while this thread writes its body:
            # the writer is aborted when both are gone.
            self._work.pieces.put(None)
            return
        self._end()
        self.writer.abort()

    def _end(self) -> None:
        if self._thread is not None and _is_alive(self._process):
            self._work.pieces.put(None)
            self._thread.join()


class _Work:
    """What the thread knows: not the sink, so that it can be forgotten."""

    def __init__(self, writer: BodyWriter) -> None:
        self.crc = 0
        self.pieces: SimpleQueue[list[bytes] | None] = SimpleQueue()
        self.room = Semaphore(_MOST_WAITING)
        self.is_dropped = False
        self._writer = writer
        self._turn = make_turn()
        self._error: BaseException | None = None

    def take(self, pieces: list[bytes]) -> None:
        """Sum up and write the next pieces, joined: of a megabyte, that holds nobody up."""
        data = b"".join(pieces)
        self.crc = crc32(data, self.crc)
        self._writer.write(data)

    def check(self) -> None:
        """Raise what the writer raised."""
        if self._error is not None:
            raise self._error

    def run(self) -> None:
        """Write until there is no more."""
        while (pieces := self.pieces.get()) is not None:
            if self._error is None and not self.is_dropped:
                try:
                    with self._turn:
                        self.take(pieces)
                except BaseException as error:  # noqa: BLE001  # the caller deals with it
                    self._error = error
            del pieces  # while the next one is awaited
            self.room.release()


def _is_alive(process: int) -> bool:
    """Say whether there are threads to talk to: none crosses a fork, or outlives the end."""
    return process == os.getpid() and not sys.is_finalizing()


def _forget(work: _Work, thread: Thread, process: int) -> None:
    """Let the thread of a forgotten body end, or that of an unfinished one at the end."""
    if _is_alive(process):
        work.is_dropped = True
        work.pieces.put(None)
        if thread is not current_thread():  # the garbage collector runs in any thread
            # Not for long: whoever runs it may hold a lock that the writer waits for.
            thread.join(_LONGEST_WAIT)
