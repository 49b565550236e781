"""The contract, for files: the default format, a cache of responses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from requests_cache.backends.filesystem import FileCache, FileDict
from requests_cache.testing import CacheContract, StorageContract


@contextmanager
def forbidden(folder: Path) -> Iterator[None]:
    """Take all permissions from a folder, and from root the right to do without them."""
    folder.chmod(0)
    if os.getuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(os.getuid())
        folder.chmod(0o700)


class TestFileDict(StorageContract):
    @pytest.fixture
    def make_storage(self, tmp_path: Path) -> Any:
        return lambda name="one": FileDict(tmp_path / name)

    @pytest.fixture
    def break_storage(self, tmp_path: Path) -> Any:
        return lambda storage: forbidden(tmp_path / "one")


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
