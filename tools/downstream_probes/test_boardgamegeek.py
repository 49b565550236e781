"""bgg-api: sessions in memory, in SQLite, and none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_cache_answers_the_second_request(kind: str, tmp_path: Path, server: Any) -> None:
    from boardgamegeek import cache

    if kind == "memory":
        session = cache.CacheBackendMemory(ttl=60).cache
    else:
        session = cache.CacheBackendSqlite(path=str(tmp_path / "bgg"), ttl=60).cache
    assert [session.get(server.url("/thing")).from_cache for _ in range(2)] == [False, True]
    assert len(server.paths) == 1


def test_a_client_takes_a_cache(tmp_path: Path) -> None:
    from boardgamegeek import BGGClient, CacheBackendSqlite

    backend = CacheBackendSqlite(path=str(tmp_path / "bgg.db"), ttl=60)
    assert BGGClient("token", cache=backend).requests_session is backend.cache
