"""Where a body is kept on its way to the caller: in memory if it is small, else in a store."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from queue import SimpleQueue
from threading import Semaphore, Thread, current_thread
from typing import TYPE_CHECKING, Final
from weakref import finalize
from zlib import crc32

from .._store.threads import make_turn
from ..errors import (
    CacheError,
    StorageClearedError,
    StorageError,
    UnsupportedValueError,
    ValueTooLargeError,
)
from ..models.record import Kept, Written

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter

# A body of up to this size is kept in memory and stored as a whole value, which costs less.
_IN_MEMORY: Final = 1024 * 1024
# Small pieces are handed on together: each time costs as much as some ten thousand bytes.
_GATHERED: Final = 1024 * 1024
# Pieces that are very small take more memory than their bytes.
_MOST_PIECES: Final = 4096


# What is no fault of the store has a reason of its own.
_REASONS: Final[Mapping[type[CacheError], str]] = {
    ValueTooLargeError: "too-large",
    UnsupportedValueError: "serializer-failed",
    StorageClearedError: "cleared",
}


def reason_of_error(error: CacheError) -> str:
    """Say in a word why a store has not taken a value."""
    found = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(found, "store-failed")


class Spool:
    """Keeps what is added to it, until a limit is passed or the store fails.

    Args:
        create: makes a writer for a large body; None keeps everything in memory.
        attempt: calls the store and says whether that went well; what fails is no concern of the
            caller who reads the body.
        limit: largest body in bytes; None for no limit.
    """

    def __init__(
        self,
        create: Callable[[], BodyWriter] | None = None,
        attempt: Callable[[Callable[[], object]], bool] | None = None,
        limit: int | None = None,
    ) -> None:
        self.size = 0
        self.refusal: str | None = None
        """Why nothing is kept any more, if so."""
        self.keeps_beginning = False
        """Whether what has come is of use if the origin breaks off."""
        self._create = create
        self._attempt = attempt
        self._limit = limit
        self._pieces: list[bytes] = []
        self._gathered = 0
        self._kept = BytesIO()
        self._sink: Sink | None = None

    def add(self, data: bytes) -> None:
        """Keep the next piece."""
        if self.refusal is not None:
            return
        size = len(data)
        self.size += size
        if self._limit is not None and self.size > self._limit:
            self.drop("too-large")
            return
        self._pieces.append(data)
        self._gathered += size
        if self._gathered >= _GATHERED or len(self._pieces) >= _MOST_PIECES:
            self._hand_on()

    def _hand_on(self) -> None:
        """Keep what was gathered: in memory, or in the store."""
        pieces, self._pieces, self._gathered = self._pieces, [], 0
        if self._create is None or (self._sink is None and self.size <= _IN_MEMORY):
            self._kept.writelines(pieces)
        else:
            self._ask_store(lambda: self._write(pieces))

    def _ask_store(self, action: Callable[[], object]) -> None:
        def ask() -> None:
            try:
                action()
            except CacheError as error:
                self.drop(reason_of_error(error))
                raise

        if self._attempt is None or not self._attempt(ask):
            self.drop("store-failed")

    def _write(self, pieces: list[bytes]) -> None:
        if self._sink is None:
            assert self._create is not None
            self._sink = Sink(self._create())
            pieces = [self._kept.getvalue(), *pieces]
            self._kept = BytesIO()
        self._sink.add(pieces)

    def take(self) -> Kept:
        """Give what was kept; the spool is done with it.

        Look at `refusal` afterwards: the last piece may be the one that the store does not take.
        """
        if self._kept.tell() or self._sink is not None:
            self._hand_on()
        if self._sink is not None:
            self._ask_store(self._sink.finish)
        sink, self._sink = self._sink, None
        if sink is not None:
            return Written(sink.writer, self.size, sink.crc)
        return self._kept.getvalue() or b"".join(self._pieces)

    def drop(self, reason: str) -> None:
        """Keep nothing of this body."""
        if self.refusal is None:
            self.refusal = reason
            self._kept = BytesIO()
            self._pieces = []
            sink, self._sink = self._sink, None
            if sink is not None:
                # What cannot be dropped now is left for the store to find.
                with suppress(Exception):
                    sink.abort()


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

        Raises what the writer raised, and StorageError in a forked process: thread and body are its
        parent's.
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
