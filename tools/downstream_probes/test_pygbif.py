"""pygbif: its switch for a cache of the whole program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests


@pytest.mark.parametrize("backend", ["sqlite", "memory"])
def test_its_cache_is_switched_on_and_off(backend: str, tmp_path: Path, server: Any) -> None:
    import pygbif

    pygbif.caching(True, name=str(tmp_path / "gbif"), backend=backend, expire_after=60)
    try:
        for _ in range(2):
            requests.get(server.url("/v1/species"), timeout=5)
        assert len(server.paths) == 1
    finally:
        pygbif.caching(False)
    requests.get(server.url("/v1/species"), timeout=5)
    assert len(server.paths) == 2
