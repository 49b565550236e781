"""A body that goes into a GridFS file in pieces."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from bson import ObjectId
from requests_cache import clock
from requests_cache._store.threads import Background
from requests_cache.backends.base import BodyWriter, Entry
from requests_cache.errors import CacheError

from .bucket import CHUNK, Bucket

__all__ = ["Upload"]

# Well within the hour after which an upload is taken for dead.
_TOUCHED_AFTER: Final = 600.0


class Upload(BodyWriter):
    """Writes a chunk whenever it is full; `put` makes the document that names the file.

    The file has no name until it is complete, so no document can mean it. What a killed process
    leaves is found as every file without a document is.

    Args:
        bucket: where the file goes.
        put: stores an entry whose body is in a file of so many bytes.
    """

    def __init__(self, bucket: Bucket, put: Callable[[str, Entry, ObjectId, int], None]) -> None:
        self._bucket = bucket
        self._put = put
        self._pieces: list[memoryview] = []
        self._gathered = 0
        self._sending: Background[None] | None = None
        self._number = 0
        self._size = 0
        self._touched = clock.now()
        self._file: ObjectId | None = None
        with bucket.errors():
            self._file = bucket.begin()

    def _open_file(self) -> ObjectId:
        if self._file is None:
            raise ValueError("this body was committed or aborted")
        return self._file

    def write(self, data: bytes) -> None:
        """Take the next piece; a full chunk is sent while the next one fills.

        Raises:
            StorageError: this chunk cannot be sent, or the one before it could not.
        """
        file, view = self._open_file(), memoryview(data)
        while view:
            piece = view[: CHUNK - self._gathered]
            self._pieces.append(piece)
            self._gathered += len(piece)
            view = view[len(piece) :]
            if self._gathered == CHUNK:
                self._send(file)

    def _send(self, file: ObjectId) -> None:
        self._wait()
        with self._bucket.errors():
            self._show_life(file)
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._gathered = 0
        append = partial(_append, self._bucket, file, self._number, data)
        self._number += 1
        self._size += len(data)
        self._sending = Background(append)

    def _show_life(self, file: ObjectId) -> None:
        now = clock.now()
        if now - self._touched > _TOUCHED_AFTER:
            self._touched = now
            self._bucket.touch(file)

    def _wait(self) -> None:
        """Wait for the chunk that is on its way."""
        if self._sending is not None:
            self._sending.result()
            self._sending = None

    def commit(self, key: str, entry: Entry) -> None:
        """Send what is left, name the file, and make the document that names it."""
        file = self._open_file()
        if self._pieces:
            self._send(file)
        self._wait()
        with self._bucket.errors():
            self._bucket.finish(file, str(key), self._size)
            self._put(str(key), entry, file, self._size)
        self._file = None

    def abort(self) -> None:
        """Delete the file."""
        self._pieces.clear()
        file, self._file = self._file, None
        if file is not None:
            if self._sending is not None:
                self._sending.wait()
            # What cannot be deleted now is found later: no document names it.
            with suppress(CacheError), self._bucket.errors():
                self._bucket.drop(file)


def _append(bucket: Bucket, file: ObjectId, number: int, data: bytes) -> None:
    """Send a chunk; this refers to no `Upload`, so that one that is forgotten ends at once."""
    with bucket.errors():
        bucket.append(file, number, data)
