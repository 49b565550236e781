"""The contract of requests-cache, for DiskDict and DiskCache."""

from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing import CacheContract, Origin, StorageContract
from requests_cache_diskcache import DiskCache, DiskDict


class TestDiskDict(StorageContract):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DiskDict(tmp_path / name)


class TestDiskCache(CacheContract):
    @pytest.fixture
    def make_cache(self, tmp_path: Path) -> Any:
        return lambda name="one", **options: DiskCache(tmp_path / name, **options)


def test_found_by_name(tmp_path: Path) -> None:
    """The backend is found by its name."""
    with Origin() as origin, CachedSession(str(tmp_path), backend="diskcache") as session:
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/json")).from_cache
        assert isinstance(session.cache, DiskCache)
