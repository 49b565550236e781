"""Sessions that follow HTTP, on Redis: the tests in packages/core/tests/http with another store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from requests_cache.backends.redis import RedisCache
from services.redis import RedisService

SCENARIOS = Path(__file__).parents[1] / "packages" / "core" / "tests" / "http"
sys.path.insert(0, str(SCENARIOS))

opened = import_module("world").opened

for _file in sorted(SCENARIOS.glob("test_http_*.py")):
    pytest.register_assert_rewrite(_file.stem)
    _module = vars(import_module(_file.stem))
    # Fixtures of a module come along; `world`, on which they build, is the one below.
    _new = {name: value for name, value in _module.items() if name not in globals()}
    _twice = [
        name
        for name in _module.keys() - _new.keys()
        if name.startswith("test_") or "ixtureFunction" in type(_module[name]).__name__
    ]
    assert not _twice, f"{_file.name} has names of another file: {_twice}"
    globals().update(_new)


@pytest.fixture
def world(redis_service: RedisService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a world whose sessions share one namespace on the server."""
    namespace = uuid4().hex

    def make_cache() -> RedisCache:
        return RedisCache(namespace, url=redis_service.url)

    with opened(make_cache, monkeypatch) as made:
        yield made
        made.session.cache.clear()
