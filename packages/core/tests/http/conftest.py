"""A world in memory and one in SQLite for every test of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from requests_cache.backends.base import BaseCache
from requests_cache.backends.sqlite import SQLiteCache

# Tests are imported by file, not through a path; `world` is beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from world import World, opened


@pytest.fixture(params=["memory", "sqlite"])
def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Give a world whose sessions share one store."""
    first = BaseCache()

    def make_cache() -> BaseCache:
        if request.param == "sqlite":
            return SQLiteCache(tmp_path / "http")
        cache = BaseCache()
        cache.responses, cache.redirects = first.responses, first.redirects
        return cache

    with opened(make_cache, monkeypatch) as made:
        yield made
