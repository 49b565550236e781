"""Reading and replacing a file: no reader ever sees a part of one.

Layout of a file, little-endian:

    magic       4 bytes   "RQF" and the version of the layout
    expires     float64   seconds since the epoch; infinity for never
    keep_until  float64   the same
    length      uint32    length of the head
    head, body

A file that a person is to read has no layout: it is the head and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import inf
from pathlib import Path
from struct import Struct
from typing import Final, TypeVar

from requests_cache import clock
from requests_cache.backends.base import Entry
from requests_cache.paths import make_private_folder

__all__ = ["Folder", "pack", "read_entry", "read_plain"]

_T = TypeVar("_T")

_MAGIC: Final = b"RQF\x01"
_PREFIX: Final = Struct("<4sddI")
# A file up to this size is read at once, of a larger one the body is read into its own bytes.
_AT_ONCE: Final = 64 * 1024
# Enough for the head of nearly every response.
_HEAD_AT_ONCE: Final = 4096
# What a write leaves behind if its process is killed goes after an hour.
_LEFTOVER_AGE: Final = 3600.0

_READ: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def pack(entry: Entry) -> bytes:
    """Give all of a file but the body."""
    expires = inf if entry.expires is None else entry.expires
    keep_until = inf if entry.keep_until is None else entry.keep_until
    return _PREFIX.pack(_MAGIC, expires, keep_until, len(entry.head)) + entry.head


def read_entry(path: str, bodies: bool = True) -> Entry | None:
    """Read a file; None if it does not exist. A file that is not ours comes as the head."""
    try:
        file = os.open(path, _READ)
    except FileNotFoundError:
        return None
    try:
        size = _AT_ONCE if bodies else _HEAD_AT_ONCE
        data = os.read(file, size)
        if data[:4] != _MAGIC or len(data) < _PREFIX.size:
            return Entry(_read_at(file, 0, os.fstat(file).st_size))
        _, expires, keep_until, length = _PREFIX.unpack_from(data)
        end = _PREFIX.size + length
        if len(data) < size or end <= size:
            head = data[_PREFIX.size : end]
        else:
            end = min(end, os.fstat(file).st_size)
            head = _read_at(file, _PREFIX.size, end)
        if not bodies:
            body = b""
        elif len(data) < size:
            body = data[end:]
        else:
            body = _read_at(file, end, os.fstat(file).st_size)
    finally:
        os.close(file)
    return Entry(
        head, body, None if expires == inf else expires, None if keep_until == inf else keep_until
    )


def read_plain(path: str) -> Entry | None:
    """Read a file that is nothing but a head; None if it does not exist."""
    try:
        file = os.open(path, _READ)
    except FileNotFoundError:
        return None
    try:
        return Entry(_read_at(file, 0, os.fstat(file).st_size))
    finally:
        os.close(file)


def _read_at(file: int, start: int, end: int) -> bytes:
    """Read from one position to another, as one object where the system allows (2 GB on Linux)."""
    os.lseek(file, start, os.SEEK_SET)
    data = os.read(file, max(0, end - start))
    if start + len(data) >= end:
        return data
    pieces = [data]
    while piece := os.read(file, end - start):
        pieces.append(piece)
    return b"".join(pieces)


class Folder:
    """A private folder with 256 subfolders for files, and one for files that are being written.

    Args:
        path: the folder; it and `tmp` in it are made now, the others when they are needed.
        fsync: whether a write waits until the file is on the disk.
    """

    def __init__(self, path: Path, fsync: bool = False) -> None:
        self.path = str(path)
        self.fsync = fsync
        self._tmp = os.path.join(self.path, "tmp")
        make_private_folder(path)
        make_private_folder(path / "tmp")
        self.remove_leftovers()

    def replace(self, path: str, pieces: Iterable[bytes]) -> None:
        """Put a file in the place of whatever is there, whole and at once."""
        written = self._write(pieces)
        try:
            _with_folder(path, lambda: os.replace(written, path))
        except BaseException:
            with suppress(OSError):
                os.unlink(written)
            raise
        if self.fsync:
            _sync_folder(os.path.dirname(path))

    def _write(self, pieces: Iterable[bytes]) -> str:
        """Write a new file beside the others, which nobody else writes."""
        path = os.path.join(self._tmp, os.urandom(12).hex())
        file = _with_folder(path, lambda: os.open(path, _CREATE, 0o600))
        try:
            for piece in pieces:
                _write_all(file, piece)
            if self.fsync:
                os.fsync(file)
        except BaseException:
            os.close(file)
            os.unlink(path)
            raise
        os.close(file)
        return path

    def remove_leftovers(self) -> None:
        """Delete what killed writers left; whoever cannot write here need not."""
        oldest = clock.now() - _LEFTOVER_AGE
        with suppress(OSError):
            for file in os.scandir(self._tmp):
                if file.stat().st_mtime < oldest:
                    os.unlink(file)


def _with_folder(path: str, action: Callable[[], _T]) -> _T:
    """Do something with a path, and once more if its folder had to be made first."""
    try:
        return action()
    except FileNotFoundError:
        make_private_folder(Path(path).parent)
        return action()


def _write_all(file: int, data: bytes) -> None:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, memoryview(data)[written:])


def _sync_folder(path: str) -> None:
    """Wait until a new name is on the disk; Windows cannot and need not."""
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
