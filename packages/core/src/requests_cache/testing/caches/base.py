"""What the tests of a cache share: the factory, and an open cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from ...backends.base import BaseCache

__all__ = ["CacheTests", "MakeCache"]


class MakeCache(Protocol):
    """Opens a cache: the same name gives the same store, another name another namespace."""

    def __call__(self, name: str = "one", **options: Any) -> BaseCache:
        """Open the cache of this name; `options` are those of BaseCache."""
        ...


class CacheTests:
    """Base of the tests of a cache."""

    @pytest.fixture
    def make_cache(self) -> MakeCache:
        """Give the factory; overridden by whoever tests a cache."""
        raise NotImplementedError(
            f"{type(self).__name__}: override the fixture make_cache with one that returns a"
            " function from a name and options to an open cache"
        )

    @pytest.fixture
    def open_cache(self, make_cache: MakeCache) -> Iterator[MakeCache]:
        """Give a factory whose caches are closed after the test."""
        opened: list[BaseCache] = []

        def open_one(name: str = "one", **options: Any) -> BaseCache:
            opened.append(make_cache(name, **options))
            return opened[-1]

        yield open_one
        for cache in opened:
            cache.close()

    @pytest.fixture
    def cache(self, open_cache: MakeCache) -> BaseCache:
        """Give an open cache, which is empty."""
        return open_cache("one")
