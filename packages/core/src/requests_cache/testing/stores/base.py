"""What the tests of a store share: the factory, and an open store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import ClassVar, Final, Protocol, TypeAlias

import pytest

from ...backends.base import BaseStorage, Entry
from ..contract import ContractTests

__all__ = ["CLOSING", "BreakStorage", "MakeStorage", "StoreTests", "assert_same", "write_numbered"]

CLOSING: Final = (
    "let `close` take a client from those who come later only, and close it when those who are in"
    " it have left: `SharedClient` in requests_cache.backends.base does both"
)
"""What an author does about a `close` that disturbs other threads."""

BreakStorage: TypeAlias = Callable[[BaseStorage], AbstractContextManager[object]]
"""Makes a store fail for the length of a block, as if its server were down."""


class MakeStorage(Protocol):
    """Opens a store: the same name gives the same store, another name another namespace."""

    def __call__(self, name: str = "one") -> BaseStorage:
        """Open the store of this name."""
        ...


class StoreTests(ContractTests):
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
    def break_storage(self) -> BreakStorage:
        """Give what makes a store fail; overridden by whoever can: without it, outages are skipped.

        For example it stops the server, or puts a file in the place of the store's folder, and
        undoes that at the end of the block.
        """
        pytest.skip("override the fixture break_storage to test what the store does when it fails")

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
    assert isinstance(found, Entry), f"give an Entry and not {type(found).__name__}"
    assert found.head[:100] == expected.head[:100], "the head is another one"
    assert found.head == expected.head, "the head is not the one that was written"
    assert len(found.body) == len(expected.body), "the body has another length"
    # A failing comparison of the bodies themselves would print millions of bytes.
    same_body = found.body == expected.body
    assert same_body, "the body is not the one that was written"
    resolution = storage.capabilities.expiry_resolution
    for name in ("expires", "keep_until"):
        read, written = getattr(found, name), getattr(expected, name)
        if written is None:
            assert read is None, f"{name} came from nowhere"
        else:
            assert read is not None, f"{name} is lost"
            off = abs(read - written)
            assert off <= resolution, (
                f"{name} is {off:g} s off, with a resolution of {resolution:g}"
            )
