"""What is in a file and what it is called, and reading it.

Layout, little-endian:

    magic       4 bytes   "RQF" and the version of the layout
    expires     float64   seconds since the epoch; infinity for never
    keep_until  float64   the same
    length      uint32    length of the head
    length      uint64    length of the body
    head, body

That is version 3; in version 4, of a body that came in pieces, the head comes last: body, head.
Versions 1 and 2 are the same two without the length of the body, which is what the head leaves.

A file that a person is to read has no layout: it is the head and nothing else.
"""

from __future__ import annotations

import errno
import os
import re
from base64 import b32decode, b32encode
from binascii import crc32
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Final, NamedTuple

from requests_cache._store.entry import Entry, times_of, with_times

_MAGIC: Final = b"RQF\x03"
_MAGIC_LAST: Final = b"RQF\x04"
_OLD_MAGIC: Final = b"RQF\x01"
_OLD_MAGIC_LAST: Final = b"RQF\x02"
_MAGICS: Final = frozenset((_MAGIC, _MAGIC_LAST, _OLD_MAGIC, _OLD_MAGIC_LAST))
_PREFIX: Final = Struct("<4sddIQ")
_OLD_PREFIX: Final = Struct("<4sddI")
# What all versions begin with.
_TIMES: Final = Struct("<4xdd")
# Most files and nearly every head; of a larger file the body is read into its own bytes.
_AT_ONCE: Final = 4096
# A damaged file may say that it has any length. Beyond this its size is asked for.
_TRUSTED: Final = 1024 * 1024

# What is no file is not followed, and not waited for.
_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

_MISSING: Final = (FileNotFoundError, NotADirectoryError)
# Of a folder, a link, a socket, and a pipe.
_OF_NO_FILE: Final = frozenset(
    (errno.EISDIR, errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EAGAIN, errno.ESPIPE)
)

PREFIX_SIZE: Final = _PREFIX.size
"""What comes before the head, or before a body that came in pieces, in bytes."""


def is_no_file(error: OSError) -> bool:
    """Say whether something else is in the place of a file."""
    return error.errno in _OF_NO_FILE


def pack(entry: Entry) -> bytes:
    """Give all of a file but the body."""
    return _pack_prefix(_MAGIC, entry, len(entry.body)) + entry.head


def pack_last(entry: Entry, size: int) -> tuple[bytes, bytes]:
    """Give what comes before and what comes after a body of `size` bytes that was written first."""
    return _pack_prefix(_MAGIC_LAST, entry, size), entry.head


def _pack_prefix(magic: bytes, entry: Entry, size: int) -> bytes:
    return _PREFIX.pack(magic, *times_of(entry), len(entry.head), size)


def read_entry(path: str, bodies: bool = True) -> Entry | None:
    """Read a file; None if it does not exist. A file that is not ours comes as the head."""
    try:
        file = os.open(path, _READ)
    except _MISSING:
        return None
    try:
        data = os.read(file, _AT_ONCE)
        if data[:4] != _MAGIC or len(data) < PREFIX_SIZE:
            return _read_other(file, data, bodies)
        _, expires, keep_until, length, size = _PREFIX.unpack_from(data)
        start = PREFIX_SIZE + length
        if start + size <= len(data):
            body = data[start : start + size] if bodies else b""
        elif start <= len(data) and size <= _TRUSTED:
            body = _read_at(file, start, size) if bodies else b""
        else:
            return _read_other(file, data, bodies)
    finally:
        os.close(file)
    return with_times(data[PREFIX_SIZE:start], body, expires, keep_until)


def _with_file(path: str, read: Callable[[int], Entry]) -> Entry | None:
    try:
        file = os.open(path, _READ)
    except _MISSING:
        return None
    try:
        return read(file)
    finally:
        os.close(file)


def read_times(path: str) -> Entry | None:
    """Read the times of a file, and neither head nor body; None if it does not exist."""

    def read(file: int) -> Entry:
        data = os.read(file, _TIMES.size)
        if len(data) < _TIMES.size or data[:4] not in _MAGICS:
            return Entry(b"")
        return with_times(b"", b"", *_TIMES.unpack(data))

    return _with_file(path, read)


def _read_other(file: int, data: bytes, bodies: bool) -> Entry:
    """Read a file of any version and size, or one that is not ours; `data` is its beginning."""
    found = _locate(file, data)
    if found is None:
        return Entry(_read_at(file, 0, os.fstat(file).st_size))
    body = _read_at(file, found.body, found.size) if bodies else b""
    return found.entry(_read_at(file, found.head, found.length), body)


def open_entry(path: str) -> tuple[Entry, int, int, int] | None:
    """Open a file; give its entry without the body, the file, and where the body is in it.

    None if it does not exist, or is not ours.
    """
    try:
        file = os.open(path, _READ)
    except _MISSING:
        return None
    try:
        found = _locate(file, os.read(file, PREFIX_SIZE))
        if found is None:
            os.close(file)
            return None
        head = _read_at(file, found.head, found.length)
    except BaseException:
        os.close(file)
        raise
    return found.entry(head, b""), file, found.body, found.body + found.size


class _Found(NamedTuple):
    """Where head and body are in a file, and how long they are, as far as the file goes."""

    expires: float
    keep_until: float
    head: int
    length: int
    body: int
    size: int

    def entry(self, head: bytes, body: bytes) -> Entry:
        return with_times(head, body, self.expires, self.keep_until)


def _locate(file: int, data: bytes) -> _Found | None:
    """Find head and body in a file that begins with `data`; None if it is not ours."""
    is_old = data[:4] in (_OLD_MAGIC, _OLD_MAGIC_LAST)
    prefix = _OLD_PREFIX if is_old else _PREFIX
    if len(data) < prefix.size or data[:4] not in _MAGICS:
        return None
    magic, expires, keep_until, length, *told = prefix.unpack_from(data)
    left = max(0, os.fstat(file).st_size - prefix.size)
    length = min(length, left)
    size = min(told[0] if told else left, left - length)
    if magic in (_MAGIC, _OLD_MAGIC):
        return _Found(expires, keep_until, prefix.size, length, prefix.size + length, size)
    return _Found(expires, keep_until, prefix.size + size, length, prefix.size, size)


def read_plain(path: str) -> Entry | None:
    """Read a file that is nothing but a head; None if it does not exist."""
    return _with_file(path, lambda file: Entry(_read_at(file, 0, os.fstat(file).st_size)))


def _seek_and_read(file: int, count: int, position: int) -> bytes:
    os.lseek(file, position, os.SEEK_SET)
    return os.read(file, count)


read_piece: Final[Callable[[int, int, int], bytes]] = getattr(os, "pread", _seek_and_read)
"""Give up to `count` bytes of a `file` from a `position` on, in one call where the system can."""


def _read_at(file: int, start: int, size: int) -> bytes:
    """Read so many bytes, as one object where the system allows (2 GB on Linux)."""
    data = read_piece(file, size, start)
    if len(data) == size:
        return data
    pieces = [data]
    while data and len(data) < size:
        start, size = start + len(data), size - len(data)
        data = read_piece(file, size, start)
        pieces.append(data)
    return b"".join(pieces)


# Names of files: one for each key, none of which leads out of the folder

# Keys that are their own file name. Upper case is not among them, for there are file systems that
# ignore case; nor is a short name, for some of these are devices on Windows ("con", "lpt1").
_plain = re.compile(r"[a-z0-9_-]{5,128}").fullmatch

# File systems take names of 255 bytes, encrypted ones of 143.
_LONGEST = 128
_ENCODED = "="
_HASHED = "+"

SHARDS = tuple(f"{number:02x}" for number in range(256))
"""The subfolders: 256, so that a million files make none of them slow."""


def file_name(key: str) -> str:
    """Give the name of a key's file, without its suffix: the key itself, if it can be one."""
    if _plain(key):
        return key
    data = key.encode("utf-8", "surrogatepass")
    name = _ENCODED + b32encode(data).decode().rstrip("=").lower()
    return name if len(name) <= _LONGEST else _HASHED + sha256(data).hexdigest()


def is_hashed(path: str) -> bool:
    """Say whether the name of a file does not tell its key."""
    return path.rpartition(os.sep)[2].startswith(_HASHED)


def key_of(name: str) -> str | None:
    """Give the key of a name that tells it; None for a file that is not ours."""
    if _plain(name):
        return name
    encoded = name[len(_ENCODED) :].upper()
    try:
        key = b32decode(encoded + "=" * (-len(encoded) % 8)).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return key if file_name(key) == name else None


def shard_of(name: str) -> str:
    """Give the subfolder of a name."""
    return SHARDS[crc32(name.encode()) & 0xFF]


@lru_cache(8192)
def place_of(key: str) -> str:
    """Give the subfolder and the name of a key's file; those of the last keys are remembered."""
    name = file_name(key)
    return f"{shard_of(name)}{os.sep}{name}"
