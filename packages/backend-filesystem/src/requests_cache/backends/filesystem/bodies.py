"""Bodies that are written to and read from files in pieces."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from requests_cache.backends.base import BodyReader, BodyWriter, Entry

from .body_file import BodyFile
from .errors import mapped_errors
from .layout import PREFIX_SIZE, pack_last, read_piece

__all__ = ["FileWriter", "open_file"]


class FileWriter(BodyWriter):
    """Writes a body beside the others, and gives the file its name at the end.

    Args:
        file: a new file.
        put: gives the file with this path the name of a key.
        fsync: whether `commit` waits until the file is on the disk.
    """

    def __init__(self, file: BodyFile, put: Callable[[str, str], None], fsync: bool) -> None:
        self._file: BodyFile | None = file
        self._put = put
        self._fsync = fsync
        self._size = 0
        """Bytes of the file so far."""
        self.write(bytes(PREFIX_SIZE))

    def _open_file(self) -> BodyFile:
        if self._file is None:
            raise ValueError("this body was committed or aborted")
        return self._file

    def write(self, data: bytes) -> None:
        """Write the next piece."""
        file = self._open_file()
        with mapped_errors(file.path):
            file.write(data)
        self._size += len(data)

    def commit(self, key: str, entry: Entry) -> None:
        """Write the head, and put the file in the place of what was stored under `key`."""
        file = self._open_file()
        prefix, head = pack_last(entry, self._size - PREFIX_SIZE)
        with mapped_errors(file.path):
            file.write(head)
            file.rewrite_start(prefix)
            if self._fsync:
                file.sync()
            if os.name != "posix":
                # Windows renames no open file; elsewhere the lock is held until it has its name.
                file.close()
            self._put(key, file.path)
        self._file = None
        file.close()

    def abort(self) -> None:
        """Delete the file."""
        file, self._file = self._file, None
        if file is not None:
            file.remove()


def open_file(file: int, first: int, last: int) -> BinaryIO:
    """Give a part of an open file as a file, which closes it."""

    def fetch(position: int, count: int) -> bytes:
        return read_piece(file, count, first + position)

    return BodyReader(max(0, last - first), fetch, lambda: os.close(file))  # type: ignore[return-value]  # a raw file reads as a buffered one does
