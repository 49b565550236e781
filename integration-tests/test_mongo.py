"""The MongoDB backend against a MongoDB server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ClassVar

import pytest
from gridfs import GridFS
from outages import BreakableMongo
from pymongo import MongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent
from requests_cache import clock
from requests_cache.backends.base import BodyWriter, Entry
from requests_cache.backends.gridfs import GridFSCache, GridFSDict
from requests_cache.backends.mongo import MongoCache, MongoDict, MongoPickleDict
from requests_cache.backends.mongo.bucket import CHUNK
from requests_cache.errors import (
    StorageError,
    StorageTimeoutError,
    StorageUnavailableError,
)
from requests_cache.testing import CacheContract, StorageContract
from services import MongoAuthService, MongoService


@pytest.fixture
def db_name(mongodb_service: MongoService) -> Iterator[str]:
    """The name of a database that is dropped after the test."""
    name = mongodb_service.fresh_name()
    yield name
    drop(mongodb_service, name)


def drop(service: MongoService, *names: str) -> None:
    with service.client() as client:
        for name in names:
            client.drop_database(name)


class TestMongoDict(BreakableMongo, StorageContract):
    kind = MongoDict


class TestMongoPickleDict(StorageContract):
    more_values: ClassVar = {"complex": 1j}

    @pytest.fixture
    def make_storage(self, mongodb_service: MongoService, db_name: str) -> Any:
        return lambda name="one": MongoPickleDict(db_name, name, host=mongodb_service.url)


class TestMongoCache(CacheContract):
    @pytest.fixture
    def make_cache(self, mongodb_service: MongoService, db_name: str) -> Iterator[Any]:
        names: set[str] = set()

        def make(name: str = "one", **options: Any) -> MongoCache:
            # The names of the contract have characters that no database name may have.
            own = f"{db_name}_{name.encode().hex()}"
            names.add(own)
            return MongoCache(own, host=mongodb_service.url, **options)

        yield make
        drop(mongodb_service, *names)


def write_large(storage: MongoDict, key: str = "key", size: int = 17_000_000) -> Entry:
    entry = Entry(b"head", os.urandom(1000) * (size // 1000))
    storage.write(key, entry)
    return entry


@pytest.fixture
def database(mongodb_service: MongoService, db_name: str) -> Iterator[Any]:
    """The database as pymongo sees it."""
    with mongodb_service.client() as client:
        yield client[db_name]


@pytest.fixture
def storage(mongodb_service: MongoService, db_name: str) -> Iterator[MongoDict]:
    made = MongoDict(db_name, "things", host=mongodb_service.url)
    yield made
    made.close()


class TestExpiry:
    def test_the_ttl_index_survives_clear(self, storage: MongoDict, database: Any) -> None:
        """`clear` leaves the index, and a collection that somebody dropped gets it again."""
        for dropped in (False, True):
            storage["key"] = 1
            if dropped:
                database.things.drop()
            storage.clear()
            storage["key"] = 1
            indexes = database.things.index_information()
            assert indexes["keep_until_1"]["expireAfterSeconds"] == 0

    def test_the_date_is_not_before_the_time(self, storage: MongoDict, database: Any) -> None:
        """The service may not delete a value too early, so its date is rounded up."""
        storage.write("key", Entry(b"", b"", 1.0, 4_102_444_800.0001))
        date = database.things.find_one({"_id": "key"})["keep_until"]
        assert date == datetime(2100, 1, 1, 0, 0, 0, 1000)  # noqa: DTZ001  # pymongo's are naive UTC

    def test_times_beyond_every_calendar(self, storage: MongoDict) -> None:
        """A server may send any `max-age`; the value is kept for as long as a date can say."""
        storage.write("key", Entry(b"", b"", 1e300, 1e300))
        entry = storage.read("key")
        assert entry is not None
        assert entry.expires == 1e300


class TestLargeValues:
    def test_a_file_for_a_large_value(self, storage: MongoDict, database: Any) -> None:
        """A value past the limit of documents is a GridFS file that any tool can read."""
        entry = write_large(storage)
        assert storage.read("key") == entry
        assert GridFS(database, "things").get_last_version("key").read() == entry.body

    def test_no_file_is_left(self, storage: MongoDict, database: Any) -> None:
        """Overwriting and deleting leave neither files nor chunks, whichever verb does it."""
        small = Entry(b"head", b"body", 1.0)

        def expire() -> None:
            storage.rewrite_head("key", small)
            storage.delete_expired(2.0)

        for delete in (
            lambda: storage.write("key", small),
            lambda: storage.write_many([("key", small)]),
            lambda: storage.discard("key"),
            lambda: storage.bulk_delete(["key"]),
            expire,
            storage.clear,
        ):
            write_large(storage)
            write_large(storage)
            assert len(list(database.things.files.find())) == 1
            delete()
            assert list(database.things.files.find()) == []
            assert list(database.things.chunks.find()) == []

    def test_no_small_file_is_left(
        self, mongodb_service: MongoService, db_name: str, database: Any
    ) -> None:
        """The same goes for the small files of GridFS."""
        storage = GridFSDict(db_name, "small", host=mongodb_service.url)
        for body in (b"one", b"other"):
            storage.write("key", Entry(b"head", body))
            assert database.small.files.count_documents({}) == 1
        assert storage.discard("key")
        assert database.small.files.count_documents({}) == 0
        assert database.small.chunks.count_documents({}) == 0
        storage.close()

    def test_garbage_is_swept(
        self, storage: MongoDict, database: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file without its document is deleted after an hour: crash, or expiry by the service."""
        write_large(storage, "kept")
        write_large(storage, "expired")
        database.things.delete_one({"_id": "expired"})
        database.things.files.insert_one({"filename": "crashed", "length": 1})
        storage.delete_expired(1.0)
        assert len(list(database.things.files.find())) == 3
        later = clock.now() + 3601
        monkeypatch.setattr(clock, "now", lambda: later)
        storage.delete_expired(1.0)
        assert [file["filename"] for file in database.things.files.find()] == ["kept"]
        assert storage.read("kept") is not None

    def test_a_writer_sweeps_a_little(
        self, storage: MongoDict, database: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Garbage goes without anybody asking, as long as large values are written."""
        database.things.files.insert_one({"filename": "crashed", "length": 1})
        later = clock.now() + 3601
        monkeypatch.setattr(clock, "now", lambda: later)
        write_large(storage)
        assert [file["filename"] for file in database.things.files.find()] == ["key"]

    def test_readers_always_find_a_value(self, mongodb_service: MongoService, db_name: str) -> None:
        """While a file is replaced again and again, each reader gets one of the values, whole."""
        bodies = {bytes([number]) * 3_000_000 for number in range(5)}
        storage = GridFSDict(db_name, host=mongodb_service.url)
        storage.write("key", Entry(b"", bytes(3_000_000)))

        def replace() -> None:
            for body in [*bodies] * 4:
                storage.write("key", Entry(b"", body))

        with ThreadPoolExecutor(1) as pool:
            writer = pool.submit(replace)
            while not writer.done():
                entry = storage.read("key")
                assert entry is not None
                assert entry.body in bodies
            writer.result()
        storage.close()

    def test_a_file_that_is_lost_is_a_miss(self, storage: MongoDict, database: Any) -> None:
        """A document whose file somebody deleted is no value, and no endless search."""
        write_large(storage)
        database.things.chunks.drop()
        assert storage.read("key") is None
        assert list(storage.read_many(["key"])) == []


def upload(storage: MongoDict, size: int = 5_000_000) -> BodyWriter:
    writer = storage.create_body()
    writer.write(os.urandom(1000) * (size // 1000))
    return writer


class Counted(CommandListener):
    """Notes into and from which collections requests move documents."""

    def __init__(self) -> None:
        self.insertions: list[str] = []
        self.searches: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if "insert" in event.command:
            self.insertions.append(event.command["insert"])
        if "find" in event.command:
            self.searches.append(event.command["find"])

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


class TestBodiesInPieces:
    def test_nothing_is_left_of_an_upload(self, storage: MongoDict, database: Any) -> None:
        """Aborted, or cleared away by somebody else: neither file nor chunk stays."""
        upload(storage).abort()
        writer = upload(storage)
        storage.clear()
        writer.write(bytes(3_000_000))
        with pytest.raises(StorageError, match="cleared during a download"):
            writer.commit("key", Entry(b"head"))
        assert database.things.chunks.count_documents({}) > 0
        writer.abort()
        assert list(database.things.files.find()) == []
        assert list(database.things.chunks.find()) == []
        with pytest.raises(ValueError, match="aborted"):
            writer.write(b"more")

    def test_an_upload_whose_process_died_is_swept(
        self, storage: MongoDict, database: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It goes an hour after its last chunk, when another body is written; a slow one stays."""
        dead, slow = upload(storage), upload(storage)
        started = clock.now()
        monkeypatch.setattr(clock, "now", lambda: started + 3000)
        slow.write(bytes(2_000_000))
        monkeypatch.setattr(clock, "now", lambda: started + 3700)
        upload(storage).abort()
        assert database.things.files.count_documents({}) == 1
        slow.commit("key", Entry(b"head"))
        entry = storage.read("key")
        assert entry is not None
        assert len(entry.body) == 7_000_000
        with pytest.raises(StorageError, match="cleared"):
            dead.commit("key", Entry(b"head"))

    def test_the_last_reader_deletes_a_deleted_file(
        self, storage: MongoDict, database: Any
    ) -> None:
        """A file stays while two read it, though its document is gone."""
        write_large(storage)
        opened = [storage.open_body("key") for _ in range(2)]
        storage.discard("key")
        assert storage.open_body("key") is None
        for left, found in zip((1, 0), opened, strict=True):
            assert found is not None
            assert len(found[1].read()) == 17_000_000
            found[1].close()
            assert database.things.files.count_documents({}) == left
        assert list(database.things.chunks.find()) == []

    def test_a_reader_gives_a_sign_that_it_lives(
        self, storage: MongoDict, database: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A deleted file waits an hour for a reader that gives none, and no longer."""
        write_large(storage)
        opened = [storage.open_body("key") for _ in range(2)]
        assert opened[0] is not None
        started = clock.now()
        monkeypatch.setattr(clock, "now", lambda: started + 3000)
        assert opened[0][1].read(10)
        storage.discard("key")
        for later, left in ((3700, 1), (7200, 0)):
            monkeypatch.setattr(clock, "now", lambda later=later: started + later)
            storage.delete_expired(1.0)
            assert database.things.files.count_documents({}) == left
        with pytest.raises(OSError, match="body ends at"):
            opened[0][1].read()
        for found in opened:
            assert found is not None
            found[1].close()

    def test_a_chunk_that_is_lost(self, storage: MongoDict, database: Any) -> None:
        """Reading ends there, with an error, and does not go on with the next one."""
        write_large(storage)
        database.things.chunks.delete_one({"n": 2})
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as file:
            assert len(file.read(2 * CHUNK)) == 2 * CHUNK
            with pytest.raises(OSError, match="body ends at"):
                file.read(1)

    def test_a_file_in_smaller_chunks(self, storage: MongoDict, database: Any) -> None:
        """Each file says how large its chunks are; those of other programs have 255 KB."""
        entry = write_large(storage)
        size = 255 * 1024
        file = GridFS(database, "things").put(entry.body, chunkSize=size)
        database.things.update_one({"_id": "key"}, {"$set": {"file": file}})
        assert storage.read("key") == entry
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as body:
            assert body.read() == entry.body
            assert body.seek(30 * size - 5) == 30 * size - 5
            assert body.read(10) == entry.body[30 * size - 5 :][:10]

    def test_a_chunk_is_one_request_each_way(
        self, mongodb_service: MongoService, db_name: str
    ) -> None:
        counted = Counted()
        with MongoClient[Any](mongodb_service.url, event_listeners=[counted]) as client:
            storage = MongoDict(db_name, "things", connection=client)
            upload(storage, 4 * CHUNK // 1000 * 1000).commit("key", Entry(b"head"))
            assert counted.insertions == ["things.files"] + ["things.chunks"] * 4
            opened = storage.open_body("key")
            assert opened is not None
            with opened[1] as body:
                while body.read(100_000):
                    continue
            assert counted.searches == ["things"] + ["things.chunks"] * 4

    def test_a_document_that_names_a_file_being_deleted(
        self, storage: MongoDict, database: Any
    ) -> None:
        """It is a miss, as one whose file is gone."""
        write_large(storage)
        database.things.files.update_one({}, {"$set": {"metadata.deleted": True}})
        assert storage.open_body("key") is None


class TestConnection:
    def test_a_client_handed_in_is_not_closed(
        self, mongodb_service: MongoService, db_name: str
    ) -> None:
        """It is the caller's, however often caches that use it are closed."""
        with mongodb_service.client() as client:
            cache = MongoCache(db_name, connection=client)
            cache.responses["key"] = 1
            cache.close()
            assert client.admin.command("ping")["ok"] == 1
            assert cache.responses["key"] == 1

    def test_foreign_documents_are_no_values(self, storage: MongoDict, database: Any) -> None:
        """What another program, such as requests-cache 1.x, keeps here is a miss, and no error."""
        database.things.insert_one({"_id": "foreign", "data": b"data"})
        storage["ours"] = 1
        assert storage.read("foreign") is None
        assert [key for key, _ in storage.scan(bodies=True)] == ["ours"]

    def test_caches_in_one_database_are_apart(
        self, mongodb_service: MongoService, db_name: str
    ) -> None:
        """MongoCache and GridFSCaches of two names share a database, but nothing in it."""
        host = mongodb_service.url
        caches: list[Any] = [
            MongoCache(db_name, host=host),
            GridFSCache(db_name, host=host),
            GridFSCache(db_name, host=host, collection_name="other"),
        ]
        for number, cache in enumerate(caches):
            cache.responses.write("key", Entry(b"", b"%d" % number))
            cache.redirects.write("key", Entry(b"", b"%d" % number))
        caches[1].clear()
        assert [len(cache.responses) + len(cache.redirects) for cache in caches] == [2, 0, 2]
        for cache in caches:
            cache.close()

    def test_users(self, mongodb_auth_service: MongoAuthService) -> None:
        """A wrong password is an error that says so; the right one works."""
        url = mongodb_auth_service.url
        name = mongodb_auth_service.fresh_name()
        refused = MongoDict(name, host=url, password="wrong")
        with pytest.raises(StorageUnavailableError, match="check username"):
            refused.read("key")
        refused.close()
        storage = MongoDict(name, host=url)
        storage["key"] = 1
        assert storage["key"] == 1
        drop(mongodb_auth_service, name)
        storage.close()

    def test_a_server_that_hangs(
        self, mongodb_service: MongoService, db_name: str, request: pytest.FixtureRequest
    ) -> None:
        """It is given up after `socketTimeoutMS`, and used again when it answers."""
        options: dict[str, Any] = {"socketTimeoutMS": 300, "retryReads": False}
        storage = MongoDict(db_name, host=mongodb_service.url, **options)
        request.addfinalizer(storage.close)
        storage["key"] = 1
        with mongodb_service.hanging(), pytest.raises(StorageTimeoutError):
            storage.read("key")
        assert storage["key"] == 1
