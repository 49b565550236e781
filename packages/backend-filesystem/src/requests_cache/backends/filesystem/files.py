"""Reading and replacing a file: no reader ever sees a part of one.

Layout of a file, little-endian:

    magic       4 bytes   "RQF" and the version of the layout
    expires     float64   seconds since the epoch; infinity for never
    keep_until  float64   the same
    length      uint32    length of the head
    head, body

In a file whose body came in pieces, "RQF" and 2, the head comes last: body, head.

A file that a person is to read has no layout: it is the head and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from math import inf
from pathlib import Path
from struct import Struct
from typing import Final, TypeVar

from requests_cache import clock
from requests_cache.backends.base import Entry
from requests_cache.paths import make_private_folder

from .body_file import BODY_PREFIX, BodyFile, remove_abandoned
from .leases import Leases
from .locks import locked

__all__ = ["PREFIX_SIZE", "Folder", "open_entry", "pack", "pack_last", "read_entry", "read_plain"]

_T = TypeVar("_T")

_MAGIC: Final = b"RQF\x01"
_MAGIC_LAST: Final = b"RQF\x02"
_PREFIX: Final = Struct("<4sddI")
# A file up to this size is read at once, of a larger one the body is read into its own bytes.
_AT_ONCE: Final = 16 * 1024
# Enough for the head of nearly every response.
_HEAD_AT_ONCE: Final = 4096
# Whoever clears the folder removes empty subfolders, maybe the one that was made just now.
_ATTEMPTS: Final = 10
# What a write leaves behind if its process is killed goes after an hour.
_LEFTOVER_AGE: Final = 3600.0

_READ: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


PREFIX_SIZE: Final = _PREFIX.size
"""What comes before the head, or before a body that came in pieces, in bytes."""


def pack(entry: Entry) -> bytes:
    """Give all of a file but the body."""
    return _pack_prefix(_MAGIC, entry) + entry.head


def pack_last(entry: Entry) -> tuple[bytes, bytes]:
    """Give what comes before and what comes after a body that was written first."""
    return _pack_prefix(_MAGIC_LAST, entry), entry.head


def _pack_prefix(magic: bytes, entry: Entry) -> bytes:
    expires = inf if entry.expires is None else entry.expires
    keep_until = inf if entry.keep_until is None else entry.keep_until
    return _PREFIX.pack(magic, expires, keep_until, len(entry.head))


def open_entry(path: str) -> tuple[Entry, int, int, int] | None:
    """Open a file; give its entry without the body, the file, and where the body is in it.

    None if it does not exist, or is not ours.
    """
    try:
        file = os.open(path, _READ)
    except FileNotFoundError:
        return None
    try:
        end = os.fstat(file).st_size
        prefix = os.read(file, PREFIX_SIZE)
        if prefix[:3] != _MAGIC[:3] or len(prefix) < PREFIX_SIZE:
            os.close(file)
            return None
        magic, expires, keep_until, length = _PREFIX.unpack(prefix)
        first, last = PREFIX_SIZE + length, end
        if magic == _MAGIC_LAST:
            first, last = PREFIX_SIZE, end - length
        head = _read_at(file, *((last, end) if magic == _MAGIC_LAST else (PREFIX_SIZE, first)))
    except BaseException:
        os.close(file)
        raise
    return _entry(head, b"", expires, keep_until), file, first, last


def _entry(head: bytes, body: bytes, expires: float, keep_until: float) -> Entry:
    return Entry(
        head, body, None if expires == inf else expires, None if keep_until == inf else keep_until
    )


def _read_last(file: int, prefix: bytes, bodies: bool) -> Entry:
    """Read a file whose head comes last."""
    _, expires, keep_until, length = _PREFIX.unpack_from(prefix)
    end = os.fstat(file).st_size
    start = max(PREFIX_SIZE, end - length)
    body = _read_at(file, PREFIX_SIZE, start) if bodies else b""
    return _entry(_read_at(file, start, end), body, expires, keep_until)


def read_entry(path: str, bodies: bool = True) -> Entry | None:
    """Read a file; None if it does not exist. A file that is not ours comes as the head."""
    try:
        file = os.open(path, _READ)
    except FileNotFoundError:
        return None
    try:
        size = _AT_ONCE if bodies else _HEAD_AT_ONCE
        data = os.read(file, size)
        if data[:4] != _MAGIC or len(data) < PREFIX_SIZE:
            return _read_other(file, data, bodies)
        _, expires, keep_until, length = _PREFIX.unpack_from(data)
        end = PREFIX_SIZE + length
        if len(data) < size:
            return _entry(data[PREFIX_SIZE:end], data[end:] if bodies else b"", expires, keep_until)
        head = data[PREFIX_SIZE:end] if end <= size else _read_at(file, PREFIX_SIZE, end)
        body = _read_at(file, end, os.fstat(file).st_size) if bodies else b""
    finally:
        os.close(file)
    return _entry(head, body, expires, keep_until)


def _read_other(file: int, data: bytes, bodies: bool) -> Entry:
    """Read a file whose head comes last, or one that is not ours; `data` is its beginning."""
    if data[:4] == _MAGIC_LAST and len(data) >= PREFIX_SIZE:
        return _read_last(file, data, bodies)
    return Entry(_read_at(file, 0, os.fstat(file).st_size))


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
        self.leases = Leases(self._tmp)
        make_private_folder(path)
        make_private_folder(path / "tmp")
        self.remove_leftovers()

    def replace(self, path: str, pieces: Iterable[bytes]) -> None:
        """Put a file in the place of whatever is there, whole and at once."""
        written = self._write(pieces)
        try:
            self._put(written, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(written)
            raise
        if self.fsync:
            _sync_folder(os.path.dirname(path))

    def _put(self, written: str, path: str) -> None:
        with self.lock():
            _with_folder(path, lambda: os.replace(written, path))

    def lock(self, alone: bool = False) -> AbstractContextManager[None]:
        """Keep others from deleting what has expired, or, with `alone`, from replacing anything."""
        return locked(self._tmp, alone)

    def _write(self, pieces: Iterable[bytes]) -> str:
        """Write a new file beside the others, which nobody else writes."""
        path = self.new_path()
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

    def new_path(self) -> str:
        """Give a path beside the others, which nobody else uses."""
        return os.path.join(self._tmp, os.urandom(12).hex())

    def create_body(self) -> BodyFile:
        """Make a file for a body that comes in pieces."""
        self.remove_leftovers()
        return BodyFile(os.path.join(self._tmp, BODY_PREFIX + os.urandom(12).hex()))

    def move(self, written: str, path: str) -> None:
        """Put a file that was written here in the place of whatever is there."""
        self._put(written, path)
        if self.fsync:
            _sync_folder(os.path.dirname(path))

    def remove_leftovers(self) -> None:
        """Delete what killed writers left; whoever cannot write here need not."""
        oldest = clock.now() - _LEFTOVER_AGE
        with suppress(OSError):
            for file in os.scandir(self._tmp):
                with suppress(OSError):
                    if file.stat().st_mtime < oldest:
                        os.unlink(file)
                    else:
                        remove_abandoned(file)


def _with_folder(path: str, action: Callable[[], _T]) -> _T:
    """Do something with a path, and again if its folder had to be made first."""
    for _ in range(_ATTEMPTS):
        try:
            return action()
        except FileNotFoundError:
            _make_folder(os.path.dirname(path))
    return action()


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_private_folder(Path(path))


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
