"""A body that goes into a GridFS file in pieces."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bson import ObjectId
from requests_cache import clock
from requests_cache.backends.base import BodyWriter, Entry
from requests_cache.errors import CacheError

from .bucket import BATCH_BYTES, Bucket
from .errors import mapped_errors

__all__ = ["Upload"]

# Well within the hour after which an upload is taken for dead.
_TOUCHED_AFTER: Final = 600.0


class Upload(BodyWriter):
    """Writes some chunks whenever they are full; `put` makes the document that names the file.

    The file has no name until it is complete, so no document can mean it. What a killed process
    leaves is found as every file without a document is.

    Args:
        bucket: where the file goes.
        put: stores an entry whose body is in a file of so many bytes.
    """

    def __init__(self, bucket: Bucket, put: Callable[[str, Entry, ObjectId, int], None]) -> None:
        self._bucket = bucket
        self._put = put
        self._process = os.getpid()
        self._buffer = bytearray()
        self._number = 0
        self._size = 0
        self._touched = clock.now()
        self._file: ObjectId | None = None
        with mapped_errors(bucket):
            self._file = bucket.begin()

    def _open_file(self) -> ObjectId:
        if self._file is None:
            raise ValueError("this body was committed or aborted")
        return self._file

    def write(self, data: bytes) -> None:
        """Take the next piece; it is sent when some chunks are full."""
        file, view = self._open_file(), memoryview(data)
        while view:
            room = BATCH_BYTES - len(self._buffer)
            self._buffer += view[:room]
            view = view[room:]
            if len(self._buffer) == BATCH_BYTES:
                self._send(file)

    def _send(self, file: ObjectId) -> None:
        with mapped_errors(self._bucket):
            now = clock.now()
            if now - self._touched > _TOUCHED_AFTER:
                self._touched = now
                self._bucket.touch(file)
            self._number += self._bucket.append(file, self._number, bytes(self._buffer))
        self._size += len(self._buffer)
        self._buffer.clear()

    def commit(self, key: str, entry: Entry) -> None:
        """Name the file, and make the document that names it."""
        file = self._open_file()
        if self._buffer:
            self._send(file)
        with mapped_errors(self._bucket):
            self._bucket.finish(file, str(key), self._size)
            self._put(str(key), entry, file, self._size)
        self._file = None

    def abort(self) -> None:
        """Delete the file."""
        self._buffer.clear()
        file, self._file = self._file, None
        if file is not None and os.getpid() == self._process:
            # What cannot be deleted now is found later: no document names it.
            with suppress(CacheError), mapped_errors(self._bucket):
                self._bucket.drop(file)
