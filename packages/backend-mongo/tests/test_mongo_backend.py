"""What needs no server: options, names, errors, the ways in."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo import errors as driver
from requests_cache.backends import gridfs, mongo, mongodb
from requests_cache.backends.mongo.connection import mapped_errors
from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    UnknownOptionError,
    ValueTooLargeError,
)

# Nothing listens on this port.
NOWHERE: dict[str, Any] = {"host": "mongodb://127.0.0.1:9/", "serverSelectionTimeoutMS": 50}
CLASSES = [
    mongo.MongoCache,
    mongo.MongoDict,
    mongo.MongoPickleDict,
    gridfs.GridFSCache,
    gridfs.GridFSDict,
    gridfs.GridFSPickleDict,
]


@pytest.mark.parametrize("cls", CLASSES)
class TestOptions:
    def test_making_asks_no_server(self, cls: Any) -> None:
        """A server that is down does not keep a program from starting; using the store fails."""
        made = cls("test", **NOWHERE)
        store = getattr(made, "responses", made)
        with pytest.raises(StorageUnavailableError, match="is the server running") as caught:
            store.read("key")
        assert isinstance(caught.value.__cause__, driver.ServerSelectionTimeoutError)
        made.close()

    def test_unknown_option(self, cls: Any) -> None:
        """The nearest option is suggested, be it pymongo's or ours."""
        with pytest.raises(UnknownOptionError, match="'maxpoolsize'"):
            cls("test", maxPoolSizes=3)
        with pytest.raises(UnknownOptionError, match="'serializer'"):
            cls("test", serialiser="json")

    def test_bounds_are_refused_with_what_to_do_instead(self, cls: Any) -> None:
        with pytest.raises(UnknownOptionError, match="max_entries"):
            cls("test", max_entries=3)

    def test_wrong_value(self, cls: Any) -> None:
        """What pymongo says about a value is said when the store is made."""
        with pytest.raises(ConfigurationError, match="maxPoolSize must be an integer"):
            cls("test", maxPoolSize="many")
        with pytest.raises(ConfigurationError, match="Port"):
            cls("test", host="mongodb://localhost:port")

    def test_wrong_name(self, cls: Any) -> None:
        """A name that MongoDB does not take fails at once."""
        with pytest.raises(ConfigurationError, match="cannot contain the character '/'"):
            cls("a/b", **NOWHERE)

    def test_options_beside_a_client(self, cls: Any) -> None:
        """Options would be without effect beside a client, so they are refused."""
        client: MongoClient[Any] = MongoClient(connect=False)
        with pytest.raises(ConfigurationError, match="host, port cannot be given along with"):
            cls("test", connection=client, host="localhost", port=1)

    def test_timeouts(self, cls: Any) -> None:
        """A server that is missing or hangs is given up, unless the caller says otherwise."""

        def timeouts(**options: Any) -> tuple[float, float]:
            made = cls("test", **options)
            given = getattr(made, "responses", made).connection.options
            return given.server_selection_timeout, given.pool_options.socket_timeout

        assert timeouts() == (5, 20)
        assert timeouts(sockettimeoutms=1000) == (5, 1)
        assert timeouts(host="mongodb://localhost/?serverSelectionTimeoutMS=2000") == (2, 20)

    def test_pickling(self, cls: Any) -> None:
        """A pickle says how to connect."""
        again = pickle.loads(pickle.dumps(cls("test", **NOWHERE)))
        assert getattr(again, "responses", again).db_name == "test"
        again.close()


def test_a_storage_of_a_cache_can_be_pickled() -> None:
    """It connects by itself then."""
    cache = mongo.MongoCache("test", **NOWHERE)
    again = pickle.loads(pickle.dumps(cache.responses))
    assert (again.db_name, again.collection_name) == ("test", "responses")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_a_child_has_a_client_of_its_own() -> None:
    """A client does not work in a child; the parent's is not used there, and goes on working."""
    storage = mongo.MongoDict("test", **NOWHERE)
    client = storage.connection
    child = os.fork()
    if child == 0:
        os._exit(0 if storage.connection is not client else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert storage.connection is client


def test_names() -> None:
    """The names of the seed and of 1.x, and the buckets that they stand for."""
    assert mongodb.MongoDict is mongo.MongoDict
    assert gridfs.GridFSPickleDict("test").collection_name == "fs"
    assert gridfs.GridFSCache("test").responses.collection_name == "fs.responses"
    assert mongo.MongoCache().responses.db_name == "http_cache"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (driver.AutoReconnect("connection closed"), StorageUnavailableError),
        (driver.NetworkTimeout("timed out"), StorageTimeoutError),
        (driver.ExecutionTimeout("too slow", 50), StorageTimeoutError),
        (driver.OperationFailure("not authorized", 13), StorageUnavailableError),
        (driver.OperationFailure("out of disk space", 14031), StorageFullError),
        (driver.DocumentTooLarge("too large"), ValueTooLargeError),
        (driver.CursorNotFound("gone", 43), StorageError),
    ],
)
def test_errors(error: driver.PyMongoError, kind: type[CacheError]) -> None:
    """Errors of the driver come as ours, with the collection's name and the cause."""
    with pytest.raises(kind, match=r"db\.things") as caught, mapped_errors("db.things"):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("cls", [mongo.MongoCache, mongo.MongoDict])
@pytest.mark.parametrize("name", ["connection"])
def test_where_the_server_is_is_checked(cls: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}(=5| is a int): give"):
        cls("c", **{name: 5})
