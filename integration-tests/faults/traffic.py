"""Requests that go on while something happens to the store, and what they meet."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from threading import Thread
from typing import Any, NamedTuple, Self

import pytest
from requests_cache import CachedSession
from requests_cache.errors import StorageError
from requests_cache.testing.origin import Origin

from faults.figures import OUTAGE_SECONDS, report

__all__ = ["Incident", "Traffic", "endure", "wait_until"]

_numbers = count()


class Traffic:
    """Threads that request pages as fast as they can: mostly known ones, sometimes a new one."""

    def __init__(self, session: CachedSession, origin: Origin) -> None:
        self.failures: list[str] = []
        self.latencies: list[float] = []
        self._session = session
        self._origin = origin
        self._is_over = False
        self._threads = [Thread(target=self._run, args=(n,), daemon=True) for n in range(4)]

    def _run(self, number: int) -> None:
        requested = 0
        while not self._is_over:
            requested += 1
            size = 1 + requested % 20
            query = "" if requested % 5 else f"?new={next(_numbers)}"
            began = time.monotonic()
            try:
                answer = self._session.get(self._origin.url(f"/bytes/{size}{query}"))
                assert len(answer.content) == size
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


class Incident(NamedTuple):
    """Something that happens to a store."""

    what: str
    """Words for the table."""
    fault: Callable[[], AbstractContextManager[Any]]
    """Lasts as long as its block."""
    slowest: float = 3.0
    """Seconds that a request may take meanwhile."""
    raises: type[StorageError] | None = None
    """What `on_error="raise"` raises meanwhile; None if the fault may be over too soon."""
    warnings: int = 1
    """How often the log may warn: once, and once more if the store comes back in two steps."""


def endure(
    incident: Incident,
    make_session: Callable[..., CachedSession],
    origin: Origin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Make requests before, during and after an incident; check and report what they met."""
    with (
        make_session() as session,
        make_session(on_error="raise") as strict,
        Traffic(session, origin) as traffic,
    ):
        strict.get(origin.url("/bytes/1"))
        wait_until(lambda: session.cache.stats.hits > 20)
        before = len(traffic.latencies)
        with incident.fault():
            if incident.raises is not None:
                _assert_raises(incident.raises, strict, origin)
            time.sleep(OUTAGE_SECONDS)  # the outage has to last for some real time
        began = time.monotonic()
        wait_until(lambda: _is_cached(session, origin), 30)
        back, during = time.monotonic() - began, traffic.latencies[before:]
    warned = [r for r in caplog.records if r.levelname == "WARNING" and "store failed" in r.msg]
    report(
        incident.what,
        requests=f"{len(traffic.latencies):,}",
        failed=len(traffic.failures),
        mean=f"{sum(during) / max(1, len(during)) * 1000:.0f} ms",
        slowest=f"{max(during, default=0):.1f} s",
        back_after=f"{back:.1f} s",
        warnings=len(warned),
    )
    assert traffic.failures == [], traffic.failures[:3]
    assert max(during, default=0) < incident.slowest
    assert back < 15
    assert len(warned) <= incident.warnings, [record.getMessage() for record in warned]


def _assert_raises(kind: type[StorageError], strict: CachedSession, origin: Origin) -> None:
    with pytest.raises(kind) as raised:
        strict.get(origin.url(f"/bytes/1?new={next(_numbers)}"))
    assert raised.value.__cause__ is not None


def _is_cached(session: CachedSession, origin: Origin) -> bool:
    url = origin.url(f"/bytes/1?new={next(_numbers)}")
    return not session.get(url).from_cache and session.get(url).from_cache


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Return when something has become true."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)  # threads and a server change it, who tell nobody
