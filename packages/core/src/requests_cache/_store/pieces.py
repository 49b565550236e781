"""Bodies in pieces: how a store takes one that it has not seen the end of, and gives one back."""

from __future__ import annotations

import functools
import io
import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from zlib import crc32

from ..errors import ValueTooLargeError
from .entry import WHOLE_LIMIT, Entry
from .threads import Background

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class BodyWriter(ABC):
    """Takes a body in pieces. Nothing of it can be read before `commit`, nothing is left without.

    One that is forgotten is aborted. In a forked child `abort` does nothing, whoever calls it: what
    it would drop is the parent's, on a connection that both have. One thread at a time calls it,
    but not always the same: a body is written while it still comes, and committed by whoever reads
    it. What a killed process leaves behind the store deletes when it is opened again.
    """

    # Where the documentation has it.
    __module__ = "requests_cache.backends.base"

    _process: int

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the process; a subclass need not call `__init__`."""
        self = super().__new__(cls)
        self._process = os.getpid()
        return self

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Have `abort` do nothing in a forked child."""
        super().__init_subclass__(**kwargs)
        if "abort" in vars(cls):
            setattr(cls, "abort", _only_at_home(cls.abort))  # noqa: B010  # to mypy it is a method

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            ValueTooLargeError: the store takes no body of this size.
        """

    @abstractmethod
    def commit(self, key: str, entry: Entry) -> None:
        """Store the body under `key` at once and whole, with an entry whose body is empty."""

    @abstractmethod
    def abort(self) -> None:
        """Drop the pieces; does nothing after `commit` or another `abort`."""

    def __del__(self) -> None:
        """Drop the pieces of a writer that was forgotten."""
        self.abort()


def _only_at_home(abort: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(abort)
    def abort_at_home(self: BodyWriter) -> None:
        if self._process == os.getpid():
            abort(self)

    return abort_at_home


class WholeWriter(BodyWriter):
    """Keeps a body in memory and writes it at once, for stores that only take whole values."""

    def __init__(self, write: Callable[[str, Entry], object], name: str) -> None:
        self._write = write
        self._name = name
        self._kept = io.BytesIO()

    def write(self, data: bytes) -> None:
        if self._kept.tell() + len(data) > WHOLE_LIMIT:
            raise ValueTooLargeError(
                f"{self._name} takes bodies in pieces up to {WHOLE_LIMIT} bytes"
            )
        self._kept.write(data)

    def commit(self, key: str, entry: Entry) -> None:
        self._write(key, entry._replace(body=self._kept.getvalue()))
        self.abort()

    def abort(self) -> None:
        self._kept = io.BytesIO()


# Stored bodies as files


class BodyFile(io.RawIOBase):
    """A file to read from any position; a subclass says how, by `read` and `seek`."""

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into a buffer."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        assert data is not None
        view[: len(data)] = data
        return len(data)

    def read1(self, size: int | None = -1) -> bytes | None:
        """Read what there is, of which http.client and urllib3 have a method of its own."""
        return self.read(-1 if size is None else size)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from any position."""
        return True

    def read_as_asked(self) -> None:
        """Read nothing in advance from now on, which takes less memory."""


class BodyReader(BodyFile):
    """A stored body as a file: seekable, and read only as far as it is asked for.

    Args:
        size: size of the body in bytes.
        fetch: gives up to `count` bytes from `position` on, and at least one; raises OSError if it
            cannot.
        release: called once, when the file is closed; not in a forked child, where what the store
            holds is the parent's.
        ahead: who reads more than so many bytes in a row gets the next ones read in advance, about
            so many at once: then `fetch` is called in threads, by one of them at a time. 0 for
            never, as is right for a store that takes no longer than the caller does.
    """

    # Where the documentation has it.
    __module__ = "requests_cache.backends.base"

    def __init__(
        self,
        size: int,
        fetch: Callable[[int, int], bytes],
        release: Callable[[], object],
        ahead: int = 0,
    ) -> None:
        super().__init__()
        self.size = size
        self._ahead = ReadAhead(fetch, size, ahead) if ahead else None
        self._fetch_now = fetch
        self._fetch = self._ahead.fetch if self._ahead else fetch
        self._release = release
        self._process = os.getpid()
        self._position = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next `size` bytes, fewer only at the end; all that are left without a size."""
        left = max(0, self.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._piece(wanted)
        if len(data) == wanted:
            return data
        pieces = [data]
        while wanted := wanted - len(pieces[-1]):
            pieces.append(self._piece(wanted))
        return b"".join(pieces)

    def read_as_asked(self) -> None:
        if self._ahead is not None:
            self._ahead.stop()
            self._ahead, self._fetch = None, self._fetch_now

    def _piece(self, wanted: int) -> bytes:
        if self.closed:
            raise ValueError("the stored body is closed")
        if not wanted:
            return b""
        data = self._fetch(self._position, wanted)
        if not data:
            raise OSError(f"the stored body ends at {self._position} of {self.size} bytes")
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def close(self) -> None:
        """Release what the store holds for this file."""
        if not self.closed:
            super().close()
            if self._process != os.getpid():
                return
            if self._ahead is not None:
                self._ahead.stop()
            self._release()


class ReadAhead:
    """Wraps the `fetch` of a `BodyReader`: who reads on gets what was read meanwhile.

    That begins when more than `window` bytes were asked for in a row, in pieces of at most so many.
    About twice as many bytes are in memory then.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, window: int) -> None:
        self._fetch = fetch
        self._size = size
        self._window = window
        self._position = 0
        self._in_row = 0
        self._end = 0
        self._offset = 0
        self._pieces: deque[bytes] = deque()
        self._coming: Background[deque[bytes]] | None = None

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes from `position` on."""
        if position != self._position:
            self.stop()
            self._position = self._end = position
            self._in_row = 0
        if not self._pieces and self._coming is not None:
            # Whoever is interrupted here still has a thread to wait for.
            self._coming.wait()
            coming, self._coming = self._coming, None
            self._pieces = coming.result()
            self._end += sum(map(len, self._pieces))
        if self._pieces:
            data = self._take(count)
        else:
            data = self._fetch(position, count)
            self._end += len(data)
        self._position += len(data)
        self._in_row += len(data)
        if self._coming is None and self._in_row > self._window >= count and self._end < self._size:
            self._coming = Background(self._read_on)
        return data

    def _take(self, count: int) -> bytes:
        """Give the next bytes of those that are here."""
        piece = self._pieces[0]
        data = piece[self._offset : self._offset + count]
        self._offset += len(data)
        if self._offset == len(piece):
            self._pieces.popleft()
            self._offset = 0
        return data

    def _read_on(self) -> deque[bytes]:
        """Read the next window; what the store gives as one piece is not cut in two.

        A store that has lost a part gives nothing there: who gets as far finds out.
        """
        pieces: deque[bytes] = deque()
        position, latest = self._end, self._end + self._window
        last = 0
        # The next piece will most likely be as large as the last one.
        while position < self._size and position + last <= latest:
            piece = self._fetch(position, self._window)
            if not piece:
                break
            pieces.append(piece)
            last = len(piece)
            position += last
        return pieces

    def stop(self) -> None:
        """Forget what was read in advance; waits for what is being read."""
        if self._coming is not None:
            self._coming.wait()
            self._coming = None
        self._pieces.clear()
        self._offset = 0


class CheckedBody(BodyFile):
    """A file that raises OSError in place of what cannot be read, or is not what was stored.

    In the latter case it does so in the place of the last piece.

    It is checked if it is read from start to end. urllib3 takes the error for a broken connection,
    as it would be for the response of an origin.

    Args:
        file: the body.
        size: its size in bytes.
        crc: its CRC-32; None if it need not be compared.
        finished: called once with None if the checksum is right, or with what is wrong.
    """

    def __init__(
        self, file: BinaryIO, size: int, crc: int | None, finished: Callable[[str | None], object]
    ) -> None:
        super().__init__()
        self._file = file
        self._size = size
        self._expected = crc
        self._finished: Callable[[str | None], object] | None = finished
        self._position = 0
        self._summed = 0
        self._crc = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next `size` bytes, fewer only at the end."""
        data = self._read(-1 if size is None else size)
        if self._expected is not None and self._summed == self._position:
            self._crc = crc32(data, self._crc)
            self._summed += len(data)
            if self._summed == self._size:
                self._compare()
        self._position += len(data)
        if size is None or size < 0:
            # urllib3 reads on until the file is closed; http.client closes its own like this.
            self.close()
        return data

    def read_as_asked(self) -> None:
        """Have nothing read in advance from now on."""
        if isinstance(self._file, BodyFile):
            self._file.read_as_asked()

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except Exception as error:
            if self.closed:
                raise
            # A store of somebody else's may raise anything.
            self._report(str(error) or repr(error))
            if isinstance(error, OSError):
                raise
            raise OSError(f"the stored body cannot be read: {error!r}") from error

    def _compare(self) -> None:
        is_right = self._crc == self._expected
        self._expected = None
        self._report(None if is_right else "the stored body is damaged")
        if not is_right:
            raise OSError("the stored body is damaged")

    def _report(self, why: str | None) -> None:
        finished, self._finished = self._finished, None
        if finished is not None:
            finished(why)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        self._position = self._file.seek(offset, whence)
        return self._position

    def close(self) -> None:
        """Close the body."""
        if not self.closed:
            super().close()
            self._file.close()
