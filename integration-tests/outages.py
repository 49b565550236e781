"""Stores that can be cut off from their servers, for the contract's tests of outages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from faults.proxies import ResettingProxy
from services.service import Service

__all__ = ["Breakable", "Place"]


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
