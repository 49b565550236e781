"""A GridFS file that is read in pieces, and is not deleted while somebody reads it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import BinaryIO, Final

from bson import ObjectId
from pymongo import ReturnDocument
from requests_cache import clock
from requests_cache.backends.base import BodyReader
from requests_cache.errors import CacheError

from .bucket import CHUNK, DELETED, READERS, Bucket

__all__ = ["open_file"]

# For so long a reader that gives no sign keeps a deleted file from going.
_HOLD: Final = 3600.0
_RENEWED_AFTER: Final = _HOLD / 6


class _Download:
    """Reads a chunk of a file at a time; `metadata.readers` of the file says until when."""

    def __init__(self, bucket: Bucket, file: ObjectId) -> None:
        self._bucket = bucket
        self._file = file
        self._token = os.urandom(8).hex()
        self._chunk_size = 0
        self._renewed = 0.0
        self._first = 0
        self._chunks: list[bytes] = []

    def begin(self) -> bool:
        """Keep the file from being deleted; say whether it is still there."""
        self._renewed = clock.now()
        found = self._bucket.files.find_one_and_update(
            {"_id": self._file, DELETED: {"$exists": False}},
            {"$push": {READERS: {"token": self._token, "until": self._renewed + _HOLD}}},
            {"chunkSize": 1},
        )
        self._chunk_size = 0 if found is None else found["chunkSize"]
        return found is not None

    def fetch(self, position: int, count: int) -> bytes:
        """Give some bytes of one chunk, which stays in memory until another one is needed."""
        number, offset = divmod(position, self._chunk_size)
        if not self._first <= number < self._first + len(self._chunks):
            self._load(number)
        return self._chunks[number - self._first][offset : offset + count] if self._chunks else b""

    def _load(self, number: int) -> None:
        self._chunks = []
        # Files of other programs, and of ours once, have smaller chunks.
        count = max(1, CHUNK // self._chunk_size)
        try:
            with self._bucket.errors():
                self._renew()
                self._chunks = self._bucket.some_chunks(self._file, number, count)
        except CacheError as error:
            raise OSError(f"the stored body cannot be read: {error}") from error
        self._first = number

    def _renew(self) -> None:
        now = clock.now()
        if now - self._renewed > _RENEWED_AFTER:
            mine = {"_id": self._file, f"{READERS}.token": self._token}
            changes = {"$set": {f"{READERS}.$.until": now + _HOLD}}
            self._bucket.files.update_one(mine, changes)
            self._renewed = now

    def end(self) -> None:
        """Let the file go; the last one who reads a deleted file deletes it."""
        self._chunks = []
        with suppress(CacheError), self._bucket.errors():  # then it goes an hour later
            left = self._bucket.files.find_one_and_update(
                {"_id": self._file},
                {"$pull": {READERS: {"token": self._token}}},
                {"metadata": 1},
                return_document=ReturnDocument.AFTER,
            )
            if left is not None and left["metadata"].get("deleted"):
                self._bucket.delete([self._file])


def open_file(bucket: Bucket, file: ObjectId, size: int) -> BinaryIO | None:
    """Give a file of so many bytes, which the caller closes; None if it was deleted."""
    download = _Download(bucket, file)
    if not download.begin():
        return None
    read, end = download.fetch, download.end
    return BodyReader(size, read, end, ahead=CHUNK)  # type: ignore[return-value]  # a raw file reads as a buffered one does
