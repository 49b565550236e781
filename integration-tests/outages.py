"""Stores that can be cut off from their servers, for the contract's tests of outages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final, NamedTuple

import pytest
from faults.proxies import ResettingProxy
from faults.traffic import wait_until
from requests_cache.backends.mongo import MongoDict
from requests_cache.errors import StorageError
from services import MongoService
from services.service import Service

__all__ = ["Breakable", "BreakableMongo", "Place"]

# It looks for a server that is gone every half second, and does not wait for it.
_IMPATIENT: Final[dict[str, Any]] = {"serverSelectionTimeoutMS": 0, "heartbeatFrequencyMS": 500}


class Place(NamedTuple):
    """Where a store finds its server."""

    host: str
    port: int


class Breakable:
    """What resets all connections of a store; only the tests that ask for it have a proxy between.

    A class of tests gives the fixture `service`, and opens its stores at `place`.
    """

    @pytest.fixture
    def proxy(self, service: Service) -> Iterator[ResettingProxy]:
        with ResettingProxy(service.host, service.port) as proxy:
            yield proxy

    @pytest.fixture
    def place(self, request: pytest.FixtureRequest, service: Service) -> Place:
        if "break_storage" not in request.fixturenames:
            return Place(service.host, service.port)
        return Place("127.0.0.1", request.getfixturevalue("proxy").port)

    @pytest.fixture
    def break_storage(self, proxy: ResettingProxy) -> Any:
        return lambda storage: proxy.resetting()


class BreakableMongo(Breakable):
    """A store whose driver waits for no server where a test cuts it off: the test waits instead.

    With any patience it would be a second for each verb.
    """

    kind: ClassVar[type[MongoDict]]

    @pytest.fixture
    def service(self, mongodb_service: MongoService) -> MongoService:
        return mongodb_service

    @pytest.fixture
    def make_storage(self, request: pytest.FixtureRequest, place: Place, db_name: str) -> Any:
        if "break_storage" not in request.fixturenames:
            return lambda name="one": self.kind(db_name, name, **place._asdict())

        def make(name: str = "one") -> MongoDict:
            storage = self.kind(db_name, name, **place._asdict(), **_IMPATIENT)
            wait_until(lambda: _answers(storage))
            return storage

        return make

    @pytest.fixture
    def break_storage(self, proxy: ResettingProxy) -> Any:
        @contextmanager
        def broken(storage: MongoDict) -> Iterator[None]:
            with proxy.resetting():
                yield
            wait_until(lambda: _answers(storage))

        return broken


def _answers(storage: MongoDict) -> bool:
    try:
        storage.read("key")
    except StorageError:
        return False
    return True
