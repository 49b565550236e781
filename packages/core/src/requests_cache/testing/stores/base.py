"""What the tests of a store share: the factory, and an open store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

import pytest

from ...backends.base import BaseStorage, Entry

__all__ = ["MakeStorage", "StoreTests", "assert_same", "write_numbered"]


class MakeStorage(Protocol):
    """Opens a store: the same name gives the same store, another name another namespace."""

    def __call__(self, name: str = "one") -> BaseStorage:
        """Open the store of this name."""
        ...


class StoreTests:
    """Base of the tests of a store."""

    largest: ClassVar[int] = 50 * 1024 * 1024
    """Size of the largest body that is tried, in bytes; lower it where a service is very slow."""

    @pytest.fixture
    def make_storage(self) -> MakeStorage:
        """Give the factory; overridden by whoever tests a store."""
        raise NotImplementedError(
            f"{type(self).__name__}: override the fixture make_storage with one that returns a"
            " function from a name to an open store"
        )

    @pytest.fixture
    def open_storage(self, make_storage: MakeStorage) -> Iterator[MakeStorage]:
        """Give a factory whose stores are closed after the test."""
        opened: list[BaseStorage] = []

        def open_one(name: str = "one") -> BaseStorage:
            opened.append(make_storage(name))
            return opened[-1]

        yield open_one
        for storage in opened:
            storage.close()

    @pytest.fixture
    def storage(self, open_storage: MakeStorage) -> BaseStorage:
        """Give an open store, which is empty."""
        return open_storage("one")


def write_numbered(storage: BaseStorage, count: int, body: bytes = b"body") -> dict[str, Entry]:
    """Store entries under "key0", "key1", ...; give them."""
    entries = {f"key{i}": Entry(b"head%d" % i, body) for i in range(count)}
    storage.write_many(entries.items())
    return entries


def assert_same(storage: BaseStorage, found: Entry | None, expected: Entry) -> None:
    """Assert that an entry came back, its times as exact as the store declares."""
    assert found is not None, "the entry is missing"
    assert found.head == expected.head
    assert len(found.body) == len(expected.body)
    # A failing comparison of the bodies themselves would print millions of bytes.
    same_body = found.body == expected.body
    assert same_body
    resolution = storage.capabilities.expiry_resolution
    for name in ("expires", "keep_until"):
        read, written = getattr(found, name), getattr(expected, name)
        if written is None:
            assert read is None, f"{name} came from nowhere"
        else:
            assert read is not None, f"{name} is lost"
            assert abs(read - written) <= resolution, name
