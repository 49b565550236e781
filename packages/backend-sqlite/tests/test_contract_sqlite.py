"""The contract, for SQLite: tables in a file, pickled values, no file, no WAL and no waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from requests_cache.backends.sqlite import DbCache, DbDict, DbPickleDict
from requests_cache.testing import CacheContract, StorageContract


@contextmanager
def damaged(storage: DbDict, file: Path) -> Iterator[None]:
    """Put something else in the place of the file, and bring it back."""
    storage.close()
    content = file.read_bytes()
    file.write_bytes(b"not a database" * 1000)
    yield
    storage.close()
    file.write_bytes(content)


class InFile(StorageContract):
    @pytest.fixture
    def break_storage(self, tmp_path: Path) -> Any:
        return lambda storage: damaged(storage, tmp_path / "cache.sqlite")


class TestDbDict(InFile):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DbDict(tmp_path / "cache.sqlite", name)


class TestDbPickleDict(InFile):
    largest = 1_000_000
    more_values: ClassVar = {"complex": 1j, "own class": Path("a")}

    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": DbPickleDict(tmp_path / "cache.sqlite", name)


class TestDbDictInMemory(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": DbDict("cache", name, use_memory=True)


class TestDbDictWithoutWal(InFile):
    largest = 1_000_000

    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        options = {"wal": False, "fast_save": True}
        return lambda name="one": DbDict(tmp_path / "cache.sqlite", name, **options)


class TestDbCache(CacheContract):
    @pytest.fixture
    def make_cache(self, tmp_path: Path) -> Any:
        return lambda name="one", **options: DbCache(tmp_path / name, **options)
