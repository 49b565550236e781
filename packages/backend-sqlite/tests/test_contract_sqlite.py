"""The contract, for SQLite: tables in a file, pickled values, no file, no WAL and no waiting."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from requests_cache.backends.sqlite import DbCache, DbDict, DbPickleDict
from requests_cache.testing import CacheContract, StorageContract


class TestDbDict(StorageContract):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DbDict(tmp_path / "cache.sqlite", name)


class TestDbPickleDict(StorageContract):
    largest = 1_000_000
    more_values: ClassVar = {"complex": 1j, "own class": Path("a")}

    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DbPickleDict(tmp_path / "cache.sqlite", name)


class TestDbDictInMemory(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": DbDict("cache", name, use_memory=True)


class TestDbDictWithoutWal(StorageContract):
    largest = 1_000_000

    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        options = {"wal": False, "fast_save": True}
        return lambda name="one": DbDict(tmp_path / "cache.sqlite", name, **options)


class TestDbCache(CacheContract):
    @pytest.fixture
    def make_cache(self, tmp_path: Path) -> Any:
        return lambda name="one", **options: DbCache(tmp_path / name, **options)
