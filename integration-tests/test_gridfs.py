"""The GridFS backend against a MongoDB server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from outages import BreakableMongo
from requests_cache.backends.gridfs import GridFSCache, GridFSDict, GridFSPickleDict
from requests_cache.testing import CacheContract, StorageContract
from services import MongoService


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


class TestGridFSDict(BreakableMongo, StorageContract):
    kind = GridFSDict


class TestGridFSPickleDict(StorageContract):
    more_values: ClassVar = {"complex": 1j}

    @pytest.fixture
    def make_storage(self, mongodb_service: MongoService, db_name: str) -> Any:
        return lambda name="one": GridFSPickleDict(db_name, name, host=mongodb_service.url)


class TestGridFSCache(CacheContract):
    @pytest.fixture
    def make_cache(self, mongodb_service: MongoService, db_name: str) -> Iterator[Any]:
        names: set[str] = set()

        def make(name: str = "one", **options: Any) -> GridFSCache:
            # The names of the contract have characters that no database name may have.
            own = f"{db_name}_{name.encode().hex()}"
            names.add(own)
            return GridFSCache(own, host=mongodb_service.url, **options)

        yield make
        drop(mongodb_service, *names)
