"""Servers that hang, go away and come back while requests are being made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from json import dumps
from threading import Thread
from typing import Any, Self

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin
from services import DynamoDbService, MongoService, RedisService
from services.service import Service

from faults.figures import OUTAGE_SECONDS, report
from faults.processes import run_mixed

# A server that hangs may cost each of the few requests that try it one timeout.
TIMEOUT = 1.0


class Traffic:
    """Threads that request pages as fast as they can, and what they met."""

    def __init__(self, session: CachedSession, origin: Origin) -> None:
        self.failures: list[str] = []
        self.latencies: list[float] = []
        self._session = session
        self._origin = origin
        self._is_over = False
        self._threads = [Thread(target=self._run, args=(n,), daemon=True) for n in range(4)]

    def _run(self, number: int) -> None:
        count = 0
        while not self._is_over:
            count += 1
            began = time.monotonic()
            try:
                answer = self._session.get(self._origin.url(f"/bytes/{1 + count % 20}"))
                assert len(answer.content) == 1 + count % 20
            except Exception as error:  # noqa: BLE001  # any failure is one of the user's request
                self.failures.append(f"{number}: {type(error).__name__}: {error}")
            self.latencies.append(time.monotonic() - began)
            time.sleep(0.005)  # the test shares two processors with the server

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._is_over = True
        for thread in self._threads:
            thread.join(60)


def suffer(
    service: Service,
    session: CachedSession,
    origin: Origin,
    outage: str,
    warnings: Any,
) -> None:
    """Make requests before, while and after a server fails; check and report what they met."""
    faults: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "hanging": service.hanging,
        "down": service.down,
    }
    with Traffic(session, origin) as traffic:
        wait_until(lambda: session.cache.stats.hits > 20)
        before = len(traffic.latencies)
        with faults[outage]():
            time.sleep(OUTAGE_SECONDS)  # the outage has to last for some real time
        during = traffic.latencies[before:]
        began, hits = time.monotonic(), session.cache.stats.hits
        wait_until(lambda: session.cache.stats.hits > hits + 20)
        back = time.monotonic() - began
    warned = [r for r in warnings.records if r.levelname == "WARNING" and "store failed" in r.msg]
    report(
        f"{service.name} {outage} for {OUTAGE_SECONDS:g} s",
        requests=len(traffic.latencies),
        failed=len(traffic.failures),
        mean=f"{sum(during) / max(1, len(during)) * 1000:.0f} ms",
        slowest=f"{max(during, default=0):.1f} s",
        back_after=f"{back:.1f} s",
        warnings=len(warned),
    )
    assert traffic.failures == []
    assert max(during, default=0) < 15
    assert back < 35
    assert len(warned) <= 3


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Return when something has become true."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)  # threads and a server change it, who tell nobody


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


OUTAGES = pytest.mark.parametrize("outage", ["hanging", "down"])


@OUTAGES
def test_requests_go_on_without_redis(
    redis_service: RedisService, origin: Origin, outage: str, caplog: pytest.LogCaptureFixture
) -> None:
    options: dict[str, Any] = {
        "host": redis_service.host,
        "port": redis_service.port,
        "socket_timeout": TIMEOUT,
    }
    session = CachedSession(redis_service.fresh_name(), backend="redis", **options)
    with session:
        suffer(redis_service, session, origin, outage, caplog)


@OUTAGES
def test_requests_go_on_without_mongodb(
    mongodb_service: MongoService, origin: Origin, outage: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = CachedSession(
        mongodb_service.fresh_name(),
        backend="mongodb",
        host=mongodb_service.url,
        serverSelectionTimeoutMS=1000,
        socketTimeoutMS=1000,
    )
    with session:
        suffer(mongodb_service, session, origin, outage, caplog)


@OUTAGES
def test_requests_go_on_without_dynamodb(
    dynamodb_service: DynamoDbService,
    origin: Origin,
    outage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    options: dict[str, Any] = {"backend": "dynamodb", **dynamodb_service.connection}
    name = dynamodb_service.fresh_name()
    with CachedSession(name, **options) as session:
        # The server keeps its tables in memory; the session makes the table again.
        suffer(dynamodb_service, session, origin, outage, caplog)


def test_threads_and_processes_lose_nothing_on_redis(redis_service: RedisService) -> None:
    run_mixed("redis", dumps({"name": redis_service.fresh_name(), "port": redis_service.port}))


@pytest.mark.parametrize("kind", ["mongodb", "gridfs"])
def test_threads_and_processes_lose_nothing_on_mongodb(
    mongodb_service: MongoService, kind: str
) -> None:
    run_mixed(kind, dumps({"name": mongodb_service.fresh_name(), "host": mongodb_service.url}))


def test_threads_and_processes_lose_nothing_on_dynamodb(dynamodb_service: DynamoDbService) -> None:
    name = dynamodb_service.fresh_name()
    run_mixed("dynamodb", dumps({"name": name, **dynamodb_service.connection}))
