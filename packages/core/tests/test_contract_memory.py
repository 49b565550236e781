"""The contract, for the store that is a dictionary."""

from __future__ import annotations

from typing import Any

import pytest
from requests_cache.backends.base import BaseCache, DictStorage
from requests_cache.testing import CacheContract, StorageContract


class TestDictStorage(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": DictStorage()


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def make_cache(self) -> Any:
        return BaseCache
