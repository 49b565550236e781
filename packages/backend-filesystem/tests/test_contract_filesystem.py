"""The contract, for files: the default format, a cache of responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from requests_cache.backends.filesystem import FileCache, FileDict
from requests_cache.testing import CacheContract, StorageContract


class TestFileDict(StorageContract):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": FileDict(tmp_path / name)


class TestFileCache(CacheContract):
    @pytest.fixture
    def make_cache(self, tmp_path: Path) -> Any:
        return lambda name="one", **options: FileCache(tmp_path / name, **options)


class TestFileCacheInJson(CacheContract):
    @pytest.fixture
    def make_cache(self, tmp_path: Path) -> Any:
        return lambda name="one", **options: FileCache(
            tmp_path / name, **{"serializer": "json", **options}
        )
