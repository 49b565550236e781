"""Stored bodies as files, and one that is compared with its checksum while it is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["BodyFile", "CheckedBody"]


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
