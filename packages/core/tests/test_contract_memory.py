"""The contract, for the stores in memory, and for one that can do as little as may be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest
from requests_cache.backends.base import (
    BaseCache,
    BaseStorage,
    Capabilities,
    DictStorage,
    Entry,
)
from requests_cache.backends.bounded_memory import BoundedStorage
from requests_cache.errors import ValueTooLargeError
from requests_cache.testing import CacheContract, StorageContract


class TestDictStorage(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": DictStorage()


class TestBoundedStorage(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": BoundedStorage(max_entries=1_000_000)


class SmallStorage(BaseStorage):
    """The four verbs, small keys and values, and an end that comes by itself, as in Memcached."""

    capabilities = Capabilities(native_expiry=0.1, max_key_size=250, max_value_size=4_500_000)

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}

    def read(self, key: str) -> Entry | None:
        entry = self.entries.get(key)
        if entry is None or (entry.keep_until or inf) > time.time():
            return entry
        self.discard(key)
        return None

    def write(self, key: str, entry: Entry) -> None:
        if len(key.encode("utf-8", "surrogatepass")) > 250:
            raise ValueTooLargeError("a key has at most 250 bytes")
        if len(entry.head) + len(entry.body) > 4_500_000:
            raise ValueTooLargeError("a value has at most 4,500,000 bytes")
        self.entries[key] = entry

    def discard(self, key: str) -> bool:
        return self.entries.pop(key, None) is not None

    def __iter__(self) -> Iterator[str]:
        return (key for key in list(self.entries) if self.read(key) is not None)


class TestSmallStorage(StorageContract):
    @pytest.fixture
    def make_storage(self) -> Any:
        return lambda name="one": SmallStorage()


class SmallCache(BaseCache):
    """A cache in such stores."""

    def __init__(self, cache_name: str = "small", **options: Any) -> None:
        super().__init__(cache_name, **options)
        self.responses, self.redirects = SmallStorage(), SmallStorage()
        self.responses.serializer = self.redirects.serializer = self.serializer


class TestSmallCache(CacheContract):
    largest = 4_000_000

    @pytest.fixture
    def make_cache(self) -> Any:
        return SmallCache


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def make_cache(self) -> Any:
        return BaseCache
