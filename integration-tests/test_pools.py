"""A pool of connections that are all in use: its users wait for one, and no store is blamed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from faults.places import make_place
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

_THREADS: Final = 8
_URLS: Final = 5
_POOLS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "redis": lambda: {"max_connections": 2},
    "mongodb": lambda: {"maxPoolSize": 2},
    "gridfs": lambda: {"maxPoolSize": 2},
    "dynamodb": lambda: {"config": import_module("botocore.config").Config(max_pool_connections=2)},
}


@pytest.fixture(params=list(_POOLS))
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CachedSession]:
    """A session on a store behind two connections."""
    for place in make_place(request.param, tmp_path, request):
        with place.open(**_POOLS[request.param]()) as session:
            yield session


def test_eight_threads_share_two_connections(
    session: CachedSession, caplog: pytest.LogCaptureFixture
) -> None:
    """All is stored and found again, and nothing is said of trouble."""
    with Origin() as origin, ThreadPoolExecutor(_THREADS) as threads:

        def get(thread: int) -> list[bool]:
            urls = [origin.url(f"/json?{thread}.{number}") for number in range(_URLS)]
            return [session.get(url).from_cache for url in urls]

        with caplog.at_level(logging.WARNING, "requests_cache"):
            misses = list(threads.map(get, range(_THREADS)))
            hits = list(threads.map(get, range(_THREADS)))
        asked = origin.count("/json")
    assert misses == [[False] * _URLS] * _THREADS
    assert hits == [[True] * _URLS] * _THREADS
    assert asked == _THREADS * _URLS
    assert not session.breaker.is_troubled
    assert not [one.message for one in caplog.records if one.name.startswith("requests_cache")]
