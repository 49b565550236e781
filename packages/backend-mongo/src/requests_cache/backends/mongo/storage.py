"""A MongoDB collection as a mapping."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, TypeVar

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from bson.errors import InvalidDocument
from pymongo import ASCENDING, IndexModel, MongoClient, ReplaceOne
from pymongo.errors import DuplicateKeyError
from requests_cache import clock
from requests_cache._store.entry import DAMAGED, portions
from requests_cache.backends.base import BaseStorage, BodyWriter, Capabilities, Entry
from requests_cache.option_types import NAME, Kind, client_kind
from requests_cache.options import take

from .bucket import BATCH, CHUNK, Bucket, Upload, open_file
from .connection import Connection, Document, Documents

# A BSON date is a signed 64-bit number of milliseconds.
_LATEST: Final = 2**63 - 1
# The largest message that a server takes has 48 MB; one batch is to be a fraction of it.
_BATCH_BYTES: Final = 8 * 1024 * 1024
_BATCH: Final = 1000


_T = TypeVar("_T")

MONGO_KINDS: Final[Mapping[str, Kind]] = {
    "db_name": NAME,
    "collection_name": NAME,
    "connection": client_kind("a pymongo.MongoClient, or None"),
}
"""What the options of this library may be; the others are those of pymongo."""

# What a document of another shape may lead to.
_MADE_UP: Final = (AttributeError, KeyError, OverflowError, TypeError, ValueError, InvalidDocument)
_LARGE: Final = {"file": {"$exists": True}}
_FILE: Final = {"file": 1, "size": 1}


class MongoDict(BaseStorage):
    """A mapping in a collection, with one document for each value.

    A value that no document can hold is in a GridFS bucket of the collection's name, and its
    document names the file. The service deletes documents after `keep_until`.

    Args:
        db_name: database.
        collection_name: collection.
        connection: client to use instead of making one; it is never closed here.
        kwargs: `serializer`, `secret_key`, `salt`, and the arguments of `pymongo.MongoClient`, such
            as `host`. Unless given, a server has 5 seconds to be found and to read, write or change
            a document, and 20 to answer anything else.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option or a name is one that MongoDB does not take.
    """

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = MONGO_KINDS
    # The server looks for expired documents every 60 seconds.
    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        native_expiry=120.0,
        expiry_resolution=0.001,
        bulk=True,
        heads_apart=True,
        streaming=True,
        leases=True,
    )

    # A document may have 16 MiB in all (https://www.mongodb.com/docs/manual/reference/limits/).
    _largest_document: ClassVar[int] = 15 * 1024 * 1024
    _largest_head: ClassVar[int] = 1024 * 1024

    def __init__(
        self,
        db_name: str | Path,
        collection_name: str = "http_cache",
        connection: MongoClient[Any] | Connection | None = None,
        **kwargs: Any,
    ) -> None:
        own = take(kwargs, BaseStorage.OPTIONS)
        super().__init__(**own)
        self.db_name: str = str(db_name)
        self.collection_name: str = str(collection_name)
        if not isinstance(connection, Connection):
            connection = Connection(type(self).__name__, connection, kwargs, BaseStorage.OPTIONS)
        self._connection = connection
        self._bucket = Bucket(connection, self.db_name, self.collection_name)
        self._has_indexes = self._has_lease_index = False
        self.can_unite = True
        with self.errors():
            _ = self.collection

    @property
    def connection(self) -> MongoClient[Any]:
        """Give the client."""
        return self._connection.client

    @property
    def collection(self) -> Documents:
        """Give the collection of the documents."""
        return self._connection.collection(self.db_name, self.collection_name)

    def haste(self) -> AbstractContextManager[None]:
        """Give up soon what is asked in a block; see `Connection.haste`."""
        return self._connection.haste()

    def errors(self) -> AbstractContextManager[None]:
        """Raise our errors for those of pymongo."""
        return self._connection.errors(f"{self.db_name}.{self.collection_name}")

    def _prepared(self) -> Documents:
        """Give the collection with its indexes; they are made once, before something is written."""
        if not self._has_indexes:
            self.collection.create_indexes(
                [
                    IndexModel([("keep_until", ASCENDING)], expireAfterSeconds=0),
                    IndexModel([("expires", ASCENDING)], sparse=True),
                ]
            )
            self._has_indexes = True
        return self.collection

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, with one query unless it is large."""
        with self.errors():
            return self._read(str(key))

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces, in a file that no document names yet."""
        with self.errors():
            self._bucket.sweep_some()
        return Upload(self._bucket, self._put_file)

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry and its body as a file; a large one is not deleted while it is read."""
        with self.errors():
            return self._look_up(self._find_one(str(key)), self._open)

    def _open(self, document: Document) -> tuple[Entry, BinaryIO] | None:
        is_in_file = "file" in document and not document.get("head_size")
        if is_in_file and _size_of(document) > CHUNK:
            entry = self._entry(document, bodies=False)
            file = open_file(self._bucket, document["file"], document["size"])
        else:
            entry = self._entry(document)
            file = None if entry is None else BytesIO(entry.body)
        return None if entry is None or file is None else (entry._replace(body=b""), file)

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, a document that ends by itself."""
        now, token = clock.now(), os.urandom(8).hex()
        lease = {"token": token, "until": _date(now + seconds)}
        chosen = {"_id": key, "until": {"$lte": _date(now)}}
        with self.errors(), self.haste():
            try:
                # Of two that find it ended, or not there, one inserts what the other cannot.
                self._leases().update_one(chosen, {"$set": lease}, upsert=True)
            except DuplicateKeyError:
                return None
        return token

    def release(self, key: str, token: str) -> None:
        """Give back a lease, unless somebody else has it by now."""
        with self.errors(), self.haste():
            self._leases().delete_one({"_id": key, "token": token})

    def _leases(self) -> Documents:
        leases = self._connection.collection(self.db_name, f"{self.collection_name}.leases")
        if not self._has_lease_index:
            leases.create_index("until", expireAfterSeconds=0)
            self._has_lease_index = True
        return leases

    def entry_of(self, document: Document | None) -> Entry | None:
        """Give the entry of a document that was found, with its file if it has one."""
        with self.errors():
            return self._look_up(document, self._entry)

    def open_document(self, document: Document | None) -> tuple[Entry, BinaryIO] | None:
        """Give what `open_body` gives, of a document that was found."""
        with self.errors():
            return self._look_up(document, self._open)

    def _read(self, key: str) -> Entry | None:
        return self._look_up(self._find_one(key), self._entry)

    def _look_up(
        self, document: Document | None, make: Callable[[Document], _T | None]
    ) -> _T | None:
        file = None
        while document:
            made = make(document)
            if made is not None or document.get("file") == file:
                return made
            # The file was replaced between the two reads; the document names the new one now.
            file = document["file"]
            document = self._find_one(document["_id"])
        return None

    def _find_one(self, key: str) -> Document | None:
        with self.haste():
            return self.collection.find_one({"_id": key})

    def _entry(self, document: Document, bodies: bool = True) -> Entry | None:
        """Make an entry; None if its file is gone, or if the document is not one of ours."""
        try:
            return self._make_entry(document, bodies)
        except _MADE_UP:
            return DAMAGED

    def _make_entry(self, document: Document, bodies: bool) -> Entry | None:
        head, body = document.get("head"), document.get("body", b"")
        if not isinstance(head, bytes):
            return None
        start = document.get("head_size", 0)
        if "file" in document and (bodies or start):
            data = self._bucket.read(document["file"], document["size"])
            if data is None:
                return None
            head, body = (data[:start], data[start:]) if start else (head, data)
        until = document["keep_until"]
        seconds = None if until is None else int(until) / 1000
        return Entry(head, body, document["expires"], seconds)

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry; the file of a large one is there before its document."""
        key = str(key)
        with self.errors():
            documents = self._prepared()
            (document,) = self._documents({key: entry})
            self._replace(documents, document)
            if "file" in document:
                self._bucket.sweep_some()

    def _replace(self, documents: Documents, document: Document) -> None:
        chosen = {"_id": document["_id"]}
        with self.haste():
            old = documents.find_one_and_replace(chosen, document, _FILE, upsert=True)
        self._delete_files([old] if old else [])

    def _put_file(self, key: str, entry: Entry, file: ObjectId, size: int) -> None:
        """Store an entry whose body is in a file that is complete."""
        document = _make_document(key, entry) | {"file": file, "size": size}
        self._replace(self._prepared(), document)

    def _documents(self, entries: dict[str, Entry]) -> list[Document]:
        """Make the documents, and first the files that some of them name."""
        documents = {key: _make_document(key, entry) for key, entry in entries.items()}
        large = {key: entry for key, entry in entries.items() if self._is_large(entry)}
        for key, entry in large.items():
            move_head = len(entry.head) > self._largest_head
            data = entry.head + entry.body if move_head else entry.body
            documents[key] |= {"body": b"", "size": len(data)}
            if move_head:
                documents[key] |= {"head": b"", "head_size": len(entry.head)}
            large[key] = entry._replace(body=data)
        if large:
            files = self._bucket.write((key, entry.body) for key, entry in large.items())
            for key, file in zip(large, files, strict=True):
                documents[key]["file"] = file
        return list(documents.values())

    def _is_large(self, entry: Entry) -> bool:
        return entry.size > self._largest_document or len(entry.head) > self._largest_head

    def _delete_files(self, documents: Iterable[Document]) -> None:
        files = [document for document in documents if "file" in document]
        in_pieces = [file["file"] for file in files if _size_of(file) > CHUNK]
        self._bucket.remove(file["file"] for file in files if _size_of(file) <= CHUNK)
        self._bucket.delete(in_pieces)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value, and leave its body where it is."""
        changes = {"head": entry.head, **_times(entry)}
        # Beside a body the new head may be too large for a document, or the old one is in a file.
        body_fits = {"$lte": [{"$binarySize": "$body"}, self._largest_document - len(entry.head)]}
        place = {"_id": str(key), "head_size": {"$exists": False}, "$expr": body_fits}
        with self.errors(), self.haste():
            changed = self._prepared().update_one(place, {"$set": changes}).matched_count
        return None if changed else super().rewrite_head(key, entry)

    def discard(self, key: str) -> bool:
        with self.errors():
            with self.haste():
                old = self.collection.find_one_and_delete({"_id": str(key)}, _FILE)
            self._delete_files([old] if old else [])
        return old is not None

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, with a query for a thousand at a time."""
        for chunk in portions(map(str, keys), BATCH):
            yield from self._find({"_id": {"$in": chunk}})

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        yield from self._find({}, bodies)

    def _find(self, query: Document, bodies: bool = True) -> Iterator[tuple[str, Entry]]:
        with self.errors():
            for document in self.collection.find(query, None if bodies else {"body": 0}):
                entry = self._entry(document, bodies)
                if entry is None and "file" in document:
                    entry = self._read(document["_id"])
                if entry is not None:
                    yield document["_id"], entry

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries, some megabytes at a time."""
        for batch in _batches(items):
            with self.errors():
                documents = self._prepared()
                replaced = {"_id": {"$in": list(batch)}, **_LARGE}
                old = list(documents.find(replaced, _FILE))
                documents.bulk_write(
                    [
                        ReplaceOne({"_id": document["_id"]}, document, upsert=True)
                        for document in self._documents(batch)
                    ],
                    ordered=False,
                )
                self._delete_files(old)

    def count_unexpired(self, now: float) -> int:
        with self.errors():
            return len(self) - self.collection.count_documents({"expires": {"$lte": now}})

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`; say how many.

        It also deletes the files that a crash, or the service when it expired a value, left behind.
        """
        expired = {"expires": {"$lte": now}}
        with self.errors():
            large = list(self.collection.find({**expired, **_LARGE}, _FILE))
            count = self.collection.delete_many(expired).deleted_count
            # Not every one is garbage: a value may have been made fresh in between.
            self._bucket.delete_garbage((value["file"], value["_id"]) for value in large)
            self._bucket.sweep()
        return count

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys, a thousand at a time; missing ones are no error."""
        for chunk in portions(map(str, keys), BATCH):
            chosen = {"_id": {"$in": chunk}}
            with self.errors():
                large = list(self.collection.find({**chosen, **_LARGE}, _FILE))
                self.collection.delete_many(chosen)
                self._delete_files(large)

    def clear(self) -> None:
        """Delete everything but the indexes."""
        with self.errors():
            self.collection.delete_many({})
            self._bucket.clear()
        # They may be gone if somebody else dropped the collection.
        self._has_indexes = False

    def close(self) -> None:
        """Close the client if it is our own; the next use opens another one."""
        self._connection.close()

    def __iter__(self) -> Iterator[str]:
        with self.errors():
            keys = [document["_id"] for document in self.collection.find({}, {"_id": 1})]
        return iter(keys)

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without reading its value."""
        with self.errors():
            return self.collection.find_one({"_id": str(key)}, {"_id": 1}) is not None

    def __len__(self) -> int:
        with self.errors():
            return self.collection.count_documents({}, hint="_id_")


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _size_of(document: Document) -> int:
    size = document.get("size")
    return size if isinstance(size, int) else 0


def _make_document(key: str, entry: Entry) -> Document:
    """Give the document of an entry, with its body in it."""
    return {"_id": key, "head": entry.head, "body": entry.body, **_times(entry)}


def _times(entry: Entry) -> Document:
    """Give the fields of the times; the date is never before the time that it stands for."""
    until = entry.keep_until
    date = None if until is None else DatetimeMS(min(math.ceil(until * 1000), _LATEST))
    return {"expires": entry.expires, "keep_until": date}


def _batches(items: Iterable[tuple[str, Entry]]) -> Iterator[dict[str, Entry]]:
    """Give the entries some megabytes at a time, each key once in a batch."""
    batch: dict[str, Entry] = {}
    size = 0
    for key, entry in items:
        batch[str(key)] = entry
        size += entry.size
        if size > _BATCH_BYTES or len(batch) == _BATCH:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch


class MongoPickleDict(MongoDict):
    """Same as MongoDict, but pickles values before saving: takes any value, trusts the database."""

    default_serializer = "pickle"
