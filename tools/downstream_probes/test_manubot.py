"""manubot: a cache that is installed for the whole program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests


def test_a_cache_is_installed_cleared_and_closed(tmp_path: Path, server: Any) -> None:
    from manubot.process.requests_cache import RequestsCache

    cache = RequestsCache(tmp_path / "folder" / "cache")
    cache.mkdir()
    cache.install()
    for _ in range(2):
        requests.get(server.url("/doi"), timeout=5)
    requests.get(server.url("/doi"), headers={"Accept": "text/plain"}, timeout=5)
    assert len(server.paths) == 2
    cache.clear()
    requests.get(server.url("/doi"), timeout=5)
    assert len(server.paths) == 3
    cache.close()
    requests.get(server.url("/doi"), timeout=5)
    assert len(server.paths) == 4


def test_the_next_run_takes_what_is_there(tmp_path: Path, server: Any) -> None:
    from manubot.process.requests_cache import RequestsCache

    for _ in range(2):
        cache = RequestsCache(tmp_path / "cache")
        cache.install()
        requests.get(server.url("/doi"), timeout=5)
        cache.close()
    assert len(server.paths) == 1
