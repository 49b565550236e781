"""What a store itself takes: its own driver, or plain files, with the same bytes and no cache."""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from requests_cache.backends.base import Entry

from faults.blocks import MEGABYTE

__all__ = ["Floor", "PlainFiles", "find_floor"]

# As the backends have them.
_PAGE: Final = 8192
_CHUNK: Final = 2 * MEGABYTE - 64 * 1024


class Floor(NamedTuple):
    """Seconds that writing and reading a body take."""

    written: float
    read: float


def find_floor(kind: str, options: dict[str, Any], folder: str, size: int) -> Floor:
    """Write and read so many megabytes, and delete them."""
    piece = bytes(range(256)) * (_CHUNK // 256)
    if kind == "sqlite":
        return _in_sqlite(Path(folder, "floor.sqlite"), piece[:MEGABYTE], size)
    if kind == "filesystem":
        return _in_file(Path(folder, "floor"), piece[:MEGABYTE], size)
    return _in_mongodb(options["host"], piece, size * MEGABYTE // _CHUNK)


def _in_sqlite(path: Path, piece: bytes, count: int) -> Floor:
    """Insert rows in WAL mode, each in a transaction; read them as blobs."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in (f"page_size={_PAGE}", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"):
            connection.execute(f"PRAGMA {pragma}").fetchone()
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")

        def write(number: int) -> None:
            connection.execute("INSERT INTO bodies VALUES (?, ?)", (number, piece))

        def read(number: int) -> None:
            with connection.blobopen("bodies", "data", number, readonly=True) as blob:
                assert len(blob.read()) == MEGABYTE

        floor = Floor(_timed(write, count), _timed(read, count))
    path.unlink()
    return floor


def _in_file(path: Path, piece: bytes, count: int) -> Floor:
    with path.open("wb", buffering=0) as written:
        writing = _timed(lambda _: written.write(piece), count)
    with path.open("rb", buffering=0) as read:
        reading = _timed(lambda _: read.read(MEGABYTE), count)
    path.unlink()
    return Floor(writing, reading)


def _in_mongodb(host: str, piece: bytes, count: int) -> Floor:
    """Insert the chunks of a GridFS file, and find each of them."""
    from pymongo import MongoClient

    with MongoClient[dict[str, Any]](host) as client:
        chunks = client["requests-cache-floor"]["chunks"]
        chunks.create_index([("files_id", 1), ("n", 1)], unique=True)

        def write(number: int) -> None:
            chunks.insert_one({"files_id": 1, "n": number, "data": piece})

        def read(number: int) -> None:
            found = chunks.find_one({"files_id": 1, "n": number})
            assert found is not None
            assert len(found["data"]) == _CHUNK

        floor = Floor(_timed(write, count), _timed(read, count))
        client.drop_database("requests-cache-floor")
    return floor


class PlainFiles:
    """Files that are written and renamed, as a cache does; the oldest ones go if there is a bound.

    Args:
        folder: where they are.
        max_size: bytes of all files.
    """

    def __init__(self, folder: Path, max_size: float = math.inf) -> None:
        folder.mkdir()
        self._folder = str(folder)
        self._max_size = max_size
        self._files: deque[tuple[str, int]] = deque()
        self._size = 0

    def write(self, key: str, entry: Entry) -> None:
        """Write a file, and delete others."""
        while self._size + len(entry.body) > self._max_size:
            path, size = self._files.popleft()
            os.unlink(path)
            self._size -= size
        written, path = f"{self._folder}/new", f"{self._folder}/{key}"
        with open(written, "wb", buffering=0) as file:
            file.write(entry.body)
        os.replace(written, path)
        self._files.append((path, len(entry.body)))
        self._size += len(entry.body)


def _timed(run: Callable[[int], object], count: int) -> float:
    began = time.perf_counter()
    for number in range(count):
        run(number)
    return time.perf_counter() - began
