"""The contract of requests-cache, for DiskDict and DiskCache."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing import CacheContract, Origin, StorageContract
from requests_cache_diskcache import DiskCache, DiskDict


@contextmanager
def damaged(storage: DiskDict, file: Path) -> Iterator[None]:
    """Put something else in the place of the file, and bring it back."""
    storage.close()
    content = file.read_bytes()
    file.write_bytes(b"not a database" * 1000)
    yield
    storage.close()
    file.write_bytes(content)


class TestDiskDict(StorageContract):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DiskDict(tmp_path / name)

    @pytest.fixture
    def break_storage(self, tmp_path: Path) -> Any:
        return lambda storage: damaged(storage, tmp_path / "one" / "cache.db")


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
