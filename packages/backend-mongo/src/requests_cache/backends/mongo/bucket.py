"""A GridFS bucket for what no document can hold, and how its files come and go in pieces.

The layout is that of the GridFS specification
(https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md), so other tools
can read the files. Nothing is written in place: a value gets a new file, then its document names
this file, then the old file is deleted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from typing import BinaryIO, Final

from bson import ObjectId
from pymongo import ASCENDING, ReturnDocument
from requests_cache import clock
from requests_cache._store.entry import portions
from requests_cache._store.threads import Background
from requests_cache.backends.base import BodyReader, BodyWriter, Entry
from requests_cache.errors import CacheError, StorageClearedError

from .connection import Connection, Document, Documents

CHUNK: Final = 2 * 1024 * 1024 - 64 * 1024
"""Size of the chunks of a new file; so much is asked for and sent at once, when a file comes or
goes in pieces. A megabyte costs the server and pymongo half of what it does in chunks of 256 KB,
and more again when the message is larger than a power of two, to which pymongo makes its buffer."""
_DELETED: Final = "metadata.deleted"
"""Set in a file that waits for its readers to end before it goes."""
_READERS: Final = "metadata.readers"
"""Who reads a file, and until when it has to stay for them."""
_TOUCHED: Final = "metadata.touched"
BATCH: Final = 1000
# An upload that takes longer than this is taken for one whose process died.
_LONGEST_UPLOAD: Final = 3600.0
_SAMPLE: Final = 10
_ABOUT: Final = {"filename": 1, _TOUCHED: 1}


class Bucket:
    """The files that documents of one collection name in their field `file`.

    A file without such a document is garbage: the service has expired its document, or a process
    died between two steps. Every file has its entry in `files` from its first byte to its last, so
    garbage can be found there. `sweep` finds all, and each writer of a file looks at a few.
    """

    def __init__(self, connection: Connection, db_name: str, name: str) -> None:
        self._connection = connection
        self._db_name = db_name
        self._name = name
        self._has_indexes = False

    def _collection(self, suffix: str = "") -> Documents:
        return self._connection.collection(self._db_name, self._name + suffix)

    def __str__(self) -> str:
        return f"{self._db_name}.{self._name}"

    def errors(self) -> AbstractContextManager[None]:
        """Raise our errors for those of pymongo, and keep the client open; see `Connection`."""
        return self._connection.errors(self)

    @property
    def files(self) -> Documents:
        """Give the collection that describes the files."""
        return self._collection(".files")

    @property
    def _chunks(self) -> Documents:
        return self._collection(".chunks")

    def _prepare(self) -> None:
        """Create the indexes that the specification asks for, once."""
        if not self._has_indexes:
            self.files.create_index([("filename", ASCENDING), ("uploadDate", ASCENDING)])
            self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)
            self._has_indexes = True

    def write(self, values: Iterable[tuple[str, bytes]]) -> list[ObjectId]:
        """Store a new file for each key and its data; give their ids."""
        self._prepare()
        new = [(ObjectId(), key, data) for key, data in values]
        self.files.insert_many([_describe(*file) for file in new])
        chunks = (chunk for file, _, data in new for chunk in _cut(file, data))
        self._chunks.insert_many(chunks, ordered=False)
        return [file for file, _, _ in new]

    def begin(self) -> ObjectId:
        """Begin a file of which neither the size nor the key is known."""
        self._prepare()
        file = ObjectId()
        touched = {"metadata": {"touched": clock.now()}}
        self.files.insert_one({**_describe(file, "", b""), **touched})
        return file

    def append(self, file: ObjectId, number: int, data: bytes) -> None:
        """Add a chunk to a file that was begun; all but the last one are full."""
        self._chunks.insert_one({"files_id": file, "n": number, "data": data})

    def finish(self, file: ObjectId, key: str, size: int) -> None:
        """Give a file that was begun its key and size; raises as `touch` does."""
        self.touch(file, {"filename": key, "length": size, "uploadDate": datetime.now(UTC)})

    def touch(self, file: ObjectId, changes: Document | None = None) -> None:
        """Show that somebody writes to a file; StorageClearedError if somebody deleted it."""
        chosen = {"_id": file, _DELETED: {"$exists": False}}
        changed = self.files.update_one(
            chosen, {"$set": {_TOUCHED: clock.now(), **(changes or {})}}
        )
        if not changed.matched_count:
            raise StorageClearedError(f"MongoDB cache {self}: cleared during a download")

    def drop(self, file: ObjectId) -> None:
        """Delete a file that was begun, and its chunks even if somebody cleared the bucket."""
        self._chunks.delete_many({"files_id": file})
        self.files.delete_one({"_id": file})

    def some_chunks(self, file: ObjectId, number: int, count: int) -> list[bytes]:
        """Read so many chunks from this number on, up to one that is not there."""
        which = {"files_id": file, "n": {"$gte": number, "$lt": number + count}}
        found = self._chunks.find(which, {"n": 1, "data": 1}).sort("n")
        in_row = takewhile(lambda chunk: chunk[1]["n"] == chunk[0], enumerate(found, number))
        return [chunk["data"] for _, chunk in in_row]

    def read(self, file: ObjectId, size: int) -> bytes | None:
        """Read a file whole; None if it was deleted, or is being deleted."""
        chunks = self._chunks.find({"files_id": file}, {"data": 1}).sort("n")
        data = b"".join(chunk["data"] for chunk in chunks)
        return data if len(data) == size else None

    def delete(self, files: Iterable[ObjectId]) -> None:
        """Delete files, or have the last reader delete them; missing ones are no error."""
        for chunk in portions(files, BATCH):
            chosen = {"_id": {"$in": chunk}}
            self.files.update_many(chosen, {"$set": {_DELETED: True}})
            read = {**chosen, f"{_READERS}.until": {"$gt": clock.now()}}
            kept = {file["_id"] for file in self.files.find(read, {"_id": 1})}
            self.remove(file for file in chunk if file not in kept)

    def remove(self, files: Iterable[ObjectId]) -> None:
        """Delete files that nobody reads in pieces."""
        for chunk in portions(files, BATCH):
            self._chunks.delete_many({"files_id": {"$in": chunk}})
            self.files.delete_many({"_id": {"$in": chunk}})

    def clear(self) -> None:
        """Delete all files."""
        self._chunks.delete_many({})
        self.files.delete_many({})
        # They may be gone if somebody else dropped the collections.
        self._has_indexes = False

    def sweep(self) -> None:
        """Delete all garbage that is not an upload in progress."""
        self._delete_old_garbage(self.files.find({}, _ABOUT))

    def sweep_some(self) -> None:
        """Do what `sweep` does, to a few files chosen at random."""
        pipeline = [{"$sample": {"size": _SAMPLE}}, {"$project": _ABOUT}]
        self._delete_old_garbage(self.files.aggregate(pipeline))

    def _delete_old_garbage(self, files: Iterable[Document]) -> None:
        latest = clock.now() - _LONGEST_UPLOAD
        self.delete_garbage(
            (file["_id"], file["filename"]) for file in files if _last_sign(file) < latest
        )

    def delete_garbage(self, files: Iterable[tuple[ObjectId, str]]) -> None:
        """Delete those of `files`, given as (id, key), that their documents do not name."""
        for chunk in portions(files, BATCH):
            keys = [key for _, key in chunk]
            documents = self._collection().find({"_id": {"$in": keys}}, {"file": 1})
            named = {document.get("file") for document in documents}
            self.delete(file for file, _ in chunk if file not in named)


def _describe(file: ObjectId, key: str, data: bytes) -> Document:
    about = {"_id": file, "filename": key, "length": len(data), "chunkSize": CHUNK}
    return {**about, "uploadDate": datetime.now(UTC)}


def _last_sign(file: Document) -> float:
    """Give when somebody wrote to a file, as far as it tells."""
    begun: float = file["_id"].generation_time.timestamp()
    touched: float = file.get("metadata", {}).get("touched", begun)
    return max(begun, touched)


def _cut(file: ObjectId, data: bytes) -> Iterator[Document]:
    for number, start in enumerate(range(0, len(data), CHUNK)):
        yield {"files_id": file, "n": number, "data": data[start : start + CHUNK]}


# A body that goes into a file in pieces

# Well within the hour after which an upload is taken for dead.
_TOUCHED_AFTER: Final = 600.0


class Upload(BodyWriter):
    """Writes a chunk whenever it is full; `put` makes the document that names the file.

    The file has no name until it is complete, so no document can mean it. What a killed process
    leaves is found as every file without a document is.
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
        """Take the next piece; a full chunk is sent while the next one fills, and fails there."""
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


# A file that is read in pieces, and is not deleted while somebody reads it

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
            {"_id": self._file, _DELETED: {"$exists": False}},
            {"$push": {_READERS: {"token": self._token, "until": self._renewed + _HOLD}}},
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
            mine = {"_id": self._file, f"{_READERS}.token": self._token}
            changes = {"$set": {f"{_READERS}.$.until": now + _HOLD}}
            self._bucket.files.update_one(mine, changes)
            self._renewed = now

    def end(self) -> None:
        """Let the file go; the last one who reads a deleted file deletes it."""
        self._chunks = []
        with suppress(CacheError), self._bucket.errors():  # then it goes an hour later
            left = self._bucket.files.find_one_and_update(
                {"_id": self._file},
                {"$pull": {_READERS: {"token": self._token}}},
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
