"""Many keys at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ...backends.base import BaseStorage, Entry
from ..contract import advises
from .base import StoreTests, assert_same, write_numbered

__all__ = ["BulkTests"]

_MANY = 10_000
_BULK_VERBS = ("read_many", "write_many", "bulk_delete")


class BulkTests(StoreTests):
    """Bulk operations take any iterable of any length."""

    advice = (
        "read the iterable once, in pieces that the store takes, and give or delete no more"
        " than is asked for; BaseStorage does all of it by the four verbs"
    )

    def test_bulk_is_what_is_declared(self, storage: BaseStorage) -> None:
        """A store that declares `bulk` has verbs of its own for it, another one has not."""
        inherited = [
            verb
            for verb in _BULK_VERBS
            if getattr(type(storage), verb) is getattr(BaseStorage, verb)
        ]
        if storage.capabilities.bulk:
            assert inherited == [], "declared as bulk, but done one key at a time"
        else:
            assert inherited != [], "does everything in bulk, but does not declare it"

    def test_bulk_delete(self, storage: BaseStorage) -> None:
        """`bulk_delete` deletes the keys given and no others."""
        write_numbered(storage, 10)
        storage.bulk_delete(["key1", "key3", "key5"])
        assert sorted(storage) == [f"key{i}" for i in (0, 2, 4, 6, 7, 8, 9)]

    def test_bulk_delete_takes_a_generator(self, storage: BaseStorage) -> None:
        """`bulk_delete` reads its keys once."""
        write_numbered(storage, 10)
        storage.bulk_delete(f"key{i}" for i in range(5))
        assert sorted(storage) == [f"key{i}" for i in range(5, 10)]

    def test_bulk_delete_of_what_it_lists(self, storage: BaseStorage) -> None:
        """`bulk_delete` may be given the store's own keys while they are being listed."""
        write_numbered(storage, 30)
        storage.bulk_delete(key for key in storage)
        assert len(storage) == 0

    def test_bulk_delete_with_duplicates(self, storage: BaseStorage) -> None:
        """A key that is given twice is deleted once."""
        write_numbered(storage, 3)
        storage.bulk_delete(["key0", "key0", "key1", "key0"])
        assert list(storage) == ["key2"]

    def test_bulk_delete_with_missing_keys(self, storage: BaseStorage) -> None:
        """Missing keys are no error."""
        write_numbered(storage, 2)
        storage.bulk_delete(["missing", "key0", "also missing"])
        assert list(storage) == ["key1"]

    def test_bulk_delete_of_nothing(self, storage: BaseStorage) -> None:
        """No keys are no error, and nothing is deleted."""
        write_numbered(storage, 2)
        storage.bulk_delete([])
        storage.bulk_delete(iter(()))
        assert len(storage) == 2

    def test_bulk_delete_of_very_many(self, storage: BaseStorage) -> None:
        """Ten thousand keys are deleted with one call, most of them missing."""
        write_numbered(storage, 150)
        storage.bulk_delete([f"key{i}" for i in range(50, 50 + _MANY)])
        assert sorted(storage) == sorted(f"key{i}" for i in range(50))

    def test_read_many(self, storage: BaseStorage) -> None:
        """`read_many` gives the keys that are there, whole."""
        written = write_numbered(storage, 5)
        found = dict(storage.read_many(key for key in ("key4", "missing", "key0", "key4")))
        assert found.keys() == {"key0", "key4"}
        for key, entry in found.items():
            assert_same(storage, entry, written[key])

    def test_read_very_many(self, storage: BaseStorage) -> None:
        """`read_many` takes ten thousand keys."""
        written = write_numbered(storage, 150)
        found = dict(storage.read_many(f"key{i}" for i in range(_MANY)))
        assert found == written

    def test_read_many_of_nothing(self, storage: BaseStorage) -> None:
        """`read_many` of no keys gives nothing."""
        write_numbered(storage, 2)
        assert list(storage.read_many([])) == []

    def test_read_many_large(self, storage: BaseStorage) -> None:
        """`read_many` and `scan` put large bodies together, beside small ones."""
        bodies = [b"", b"x" * 100_000, b"small", b"y" * 500_000]
        written = {str(i): Entry(b"head", body) for i, body in enumerate(bodies)}
        storage.write_many(written.items())
        for found in (dict(storage.read_many(written)), dict(storage.scan(bodies=True))):
            assert found.keys() == written.keys()
            for key, entry in found.items():
                assert_same(storage, entry, written[key])

    def test_write_many_replaces(self, storage: BaseStorage) -> None:
        """`write_many` replaces what is there."""
        storage["key1"] = "old"
        written = write_numbered(storage, 3)
        assert dict(storage.read_many(written)) == written
        assert len(storage) == 3

    def test_write_many_with_duplicates(self, storage: BaseStorage) -> None:
        """Of two entries for one key the later one stays."""
        storage.write_many(
            (key, Entry(head)) for key, head in (("a", b"1"), ("b", b"2"), ("a", b"3"))
        )
        assert storage.read("a") == Entry(b"3")
        assert len(storage) == 2

    @advises(
        "let through what the given iterator raises, and give back locks and transactions on the"
        " way: `with lock:` does"
    )
    @pytest.mark.parametrize("verb", ["write_many", "bulk_delete"])
    def test_what_is_given_may_break_off(self, storage: BaseStorage, verb: str) -> None:
        """What an iterator raises comes out of `write_many`, and the store works as before."""

        def breaking() -> Iterator[Any]:
            yield ("key", Entry(b"head")) if verb == "write_many" else "key"
            raise LookupError("there is no more")

        with pytest.raises(LookupError):
            getattr(storage, verb)(breaking())
        storage.write_many([("after", Entry(b"head", b"body"))])
        assert storage.read("after") == Entry(b"head", b"body")
        assert "after" in list(storage)

    def test_write_many_of_nothing(self, storage: BaseStorage) -> None:
        """`write_many` of nothing does nothing."""
        storage.write_many([])
        storage.write_many(iter(()))
        assert len(storage) == 0
