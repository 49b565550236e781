"""A stored body that is compared with its checksum while it is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO
from zlib import crc32

from .body_file import BodyFile

__all__ = ["CheckedBody"]


class CheckedBody(BodyFile):
    """A file that raises OSError in place of its last piece if its bytes are not those stored.

    It is checked if it is read from start to end. urllib3 takes the error for a broken connection,
    as it would be for the response of an origin.

    Args:
        file: the body.
        size: its size in bytes.
        crc: its CRC-32; None if it need not be compared.
        finished: called with whether the checksum is right.
    """

    def __init__(
        self, file: BinaryIO, size: int, crc: int | None, finished: Callable[[bool], object]
    ) -> None:
        super().__init__()
        self._file = file
        self._size = size
        self._expected = crc
        self._finished = finished
        self._position = 0
        self._summed = 0
        self._crc = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next `size` bytes, fewer only at the end."""
        data = self._file.read(-1 if size is None else size)
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

    def _compare(self) -> None:
        is_right = self._crc == self._expected
        self._expected = None
        self._finished(is_right)
        if not is_right:
            raise OSError("the stored body is damaged")

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        self._position = self._file.seek(offset, whence)
        return self._position

    def close(self) -> None:
        """Close the body."""
        if not self.closed:
            super().close()
            self._file.close()
