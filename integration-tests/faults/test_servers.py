"""Servers that hang, go away, reset connections and come back while requests are being made."""

from __future__ import annotations

import time
from functools import partial
from json import dumps
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.errors import StorageError
from requests_cache.testing.origin import Origin
from services import DynamoDbService, MongoService, RedisService
from services.service import Service

from faults.figures import IS_LONG, OUTAGE_SECONDS, report
from faults.processes import run_mixed, server_of
from faults.proxies import ResettingProxy
from faults.traffic import Incident, endure
from faults.workload import open_store

# A server that hangs may cost each of the few requests that try it one timeout.
_REDIS: dict[str, Any] = {"backend": "redis", "socket_timeout": 1.0}
_MONGODB: dict[str, Any] = {"backend": "mongodb", "timeoutMS": 1000}


def of_redis(service: RedisService, port: int) -> partial[CachedSession]:
    """Give a maker of sessions on a Redis server, which is asked through a port."""
    return partial(CachedSession, service.fresh_name(), host="127.0.0.1", port=port, **_REDIS)


def of_mongodb(service: MongoService, port: int) -> partial[CachedSession]:
    """Give the same for MongoDB."""
    host = f"mongodb://127.0.0.1:{port}"
    return partial(CachedSession, service.fresh_name(), host=host, **_MONGODB)


def of_dynamodb(service: DynamoDbService, port: int) -> partial[CachedSession]:
    """Give the same for DynamoDB Local."""
    at: dict[str, Any] = {**service.connection, "endpoint_url": f"http://127.0.0.1:{port}"}
    return partial(CachedSession, service.fresh_name(), backend="dynamodb", **at)


KINDS: dict[str, Any] = {"redis": of_redis, "mongodb": of_mongodb, "dynamodb": of_dynamodb}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(kind: str, request: pytest.FixtureRequest) -> Service:
    found: Service = request.getfixturevalue(f"{kind}_service")
    return found


def test_requests_go_on_while_a_server_hangs(
    kind: str, service: Service, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    what = f"{kind} hanging for {OUTAGE_SECONDS:g} s"
    incident = Incident(what, service.hanging, slowest=6, raises=StorageError)
    endure(incident, KINDS[kind](service, service.port), origin, caplog)


def test_requests_go_on_while_a_server_is_down(
    kind: str, service: Service, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    what = f"{kind} down for {OUTAGE_SECONDS:g} s"
    # DynamoDB Local answers slowly while it starts.
    incident = Incident(what, service.down, slowest=6, raises=StorageError)
    endure(incident, KINDS[kind](service, service.port), origin, caplog)


def test_requests_go_on_while_connections_are_reset(
    kind: str, service: Service, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    what = f"connections to {kind} reset for {OUTAGE_SECONDS:g} s"
    with ResettingProxy(service.host, service.port) as proxy:
        incident = Incident(what, proxy.resetting, raises=StorageError)
        endure(incident, KINDS[kind](service, proxy.port), origin, caplog)


@pytest.mark.skipif(not IS_LONG, reason="it takes 5 seconds: TORTURE=1")
def test_a_hanging_server_costs_five_seconds_by_default(mongodb_service: MongoService) -> None:
    """Not 20 for each attempt of the driver."""
    store = open_store(
        "mongodb", dumps({"name": "hanging", "host": mongodb_service.url}), patient=False
    )
    store["key"] = 1
    began = time.monotonic()
    with mongodb_service.hanging(), pytest.raises(StorageError):
        store.read("key")
    waited = time.monotonic() - began
    report("mongodb hanging, with the default timeouts", one_request=f"{waited:.1f} s")
    assert waited < 8
    store.close()


@pytest.mark.parametrize("store", ["redis", "mongodb", "gridfs", "dynamodb"])
def test_threads_and_processes_lose_and_tear_nothing_on_a_server(
    store: str, request: pytest.FixtureRequest
) -> None:
    of = "mongodb" if store == "gridfs" else store
    run_mixed(store, server_of(store, request.getfixturevalue(f"{of}_service")))
