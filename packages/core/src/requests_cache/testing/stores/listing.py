"""Going through a store, also while it changes."""

from __future__ import annotations

import pytest

from ...backends.base import BaseStorage
from ..contract import advises
from .base import StoreTests, assert_same, write_numbered

__all__ = ["ListingTests"]

# More than a page of any store: 1,000 rows of SQLite, 1 MB of DynamoDB, 101 documents of MongoDB.
_PAGES = 1200
_BODY = b"x" * 1000


class ListingTests(StoreTests):
    """`iter`, `len` and `scan`."""

    advice = (
        "let `__iter__` and `scan` give each key that was there once, page by page or from a"
        " list, also while others write, rewrite and delete; `len` counts the same keys"
    )

    def test_lists_more_than_a_page(self, storage: BaseStorage) -> None:
        """Every key is listed once, counted once and scanned once, however many there are."""
        written = write_numbered(storage, _PAGES, _BODY)
        assert sorted(storage) == sorted(written)
        assert len(storage) == _PAGES
        assert sorted(key for key, _ in storage.scan()) == sorted(written)
        assert storage.count_unexpired(0.0) == _PAGES
        storage.clear()
        assert len(storage) == 0

    def test_scan_gives_heads(self, storage: BaseStorage) -> None:
        """`scan()` gives heads and times; bodies only as declared."""
        written = write_numbered(storage, 5)
        found = dict(storage.scan())
        assert found.keys() == written.keys()
        for key, entry in found.items():
            body = b"" if storage.capabilities.heads_apart else written[key].body
            assert_same(storage, entry, written[key]._replace(body=body))

    def test_scan_with_bodies(self, storage: BaseStorage) -> None:
        """`scan(bodies=True)` gives whole entries."""
        written = write_numbered(storage, 5)
        assert dict(storage.scan(bodies=True)) == written

    def test_scan_of_nothing(self, storage: BaseStorage) -> None:
        """An empty store has nothing to list."""
        assert list(storage.scan()) == []
        assert list(storage.scan(bodies=True)) == []
        assert storage.count_unexpired(0.0) == 0

    def test_order(self, storage: BaseStorage) -> None:
        """Keys are listed in the order of writing, if the store declares it."""
        keys = ["c", "a", "b", "z", "0", "B"]
        for key in keys:
            storage[key] = key
        listed = list(storage)
        assert sorted(listed) == sorted(keys)
        assert not storage.capabilities.ordered or listed == keys

    def test_writing_while_listing(self, storage: BaseStorage) -> None:
        """New keys may be written while keys are listed; those of before are listed once."""
        before = set(write_numbered(storage, 50))
        listed = []
        for number, key in enumerate(storage):
            listed.append(key)
            if number < 50:
                storage[f"new{number}"] = number
        assert before <= set(listed)
        assert len(listed) == len(set(listed))
        assert len(storage) == 100

    def test_rewriting_while_listing(self, storage: BaseStorage) -> None:
        """Writing each key again while keys are listed comes to an end."""
        before = write_numbered(storage, 50)
        listed = []
        for key in storage:
            listed.append(key)
            storage[key] = "again"
            assert len(listed) <= 50, "a key that was written again is listed again"
        assert sorted(listed) == sorted(before)
        assert set(storage.values()) == {"again"}

    def test_deleting_while_listing(self, storage: BaseStorage) -> None:
        """Keys may be deleted while keys are listed."""
        write_numbered(storage, 50)
        for key in storage:
            storage.discard(key)
        assert len(storage) == 0

    @advises(
        "leave out of `scan` what is deleted between listing its key and reading it, or list both"
        " at once"
    )
    @pytest.mark.parametrize("bodies", [False, True])
    def test_deleting_while_scanning(self, storage: BaseStorage, bodies: bool) -> None:
        """What is deleted during a scan is in it, or is not; it is no error."""
        written = write_numbered(storage, 50)
        scan = iter(storage.scan(bodies))
        first, _ = next(scan)
        storage.bulk_delete(key for key in written if key != first)
        for key, entry in scan:
            assert entry.head == written[key].head, "`scan` gives another head"
        assert list(storage) == [first]

    def test_reading_while_scanning(self, storage: BaseStorage) -> None:
        """A scan that is not finished does not hinder reading, writing or another scan."""
        write_numbered(storage, 50)
        scan = storage.scan()
        next(scan)
        storage["new"] = 1
        assert storage["new"] == 1
        assert len(list(storage.scan())) == 51
        assert {key for key, _ in scan} <= set(storage)
