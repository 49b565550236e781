"""Several storages of one store, several stores side by side, closing and opening again."""

from __future__ import annotations

import pickle
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from ...backends.base import BaseStorage, Entry
from ...errors import StorageError
from ..contract import advises
from .base import CLOSING, MakeStorage, StoreTests, write_numbered

__all__ = ["InstanceTests"]

_USES = 10
_LARGE = 100_000
NAMESPACES = ("app", "app:x", "app*", "a?p", "app%", "[a]pp", "ap", "app_", "app.x")


_SETTLING = 10.0


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _settle(most: int) -> int:
    """Count the open files; a driver may close some in threads of its own, which takes a moment."""
    end, pause = monotonic() + _SETTLING, Event()
    while _open_files() > most and monotonic() < end:
        pause.wait(0.05)
    return _open_files()


def _fill(name: str, storage: BaseStorage) -> None:
    storage.write_many([("key", Entry(name.encode())), ("x:key", Entry(b"", b"", 1.0))])


class InstanceTests(StoreTests):
    """A store is its name, not the object that opened it."""

    advice = (
        "a store is found by its name alone: derive file, table or prefix from it without loss,"
        " and open again in any verb what `close` has closed"
    )

    def test_two_storages_of_one_store(self, open_storage: MakeStorage) -> None:
        """Two storages of one name share their values, or start empty, as declared."""
        one, two = open_storage("one"), open_storage("one")
        one["key"] = "value"
        if not one.capabilities.persistent:
            assert list(two) == []
            return
        assert two["key"] == "value"
        two["key"] = "changed"
        assert one["key"] == "changed"
        del two["key"]
        assert "key" not in one
        write_numbered(one, 5)
        two.clear()
        assert len(one) == 0
        one["key"] = "after clear"
        assert two["key"] == "after clear"

    @advises("keep nothing of what was read or missing in the object: others write to the store")
    def test_what_was_missing_is_found_when_another_has_written_it(
        self, open_storage: MakeStorage
    ) -> None:
        """A storage does not remember that a key is missing, nor what it once read."""
        one, two = open_storage("one"), open_storage("one")
        if not one.capabilities.persistent:
            return
        assert two.read("key") is None
        assert "key" not in two
        assert dict(two.read_many(["key"])) == {}
        for body in (b"first", b"second"):
            one.write("key", Entry(b"head", body))
            assert two.read("key") == Entry(b"head", body)
            assert dict(two.read_many(["key"])) == {"key": Entry(b"head", body)}
            assert "key" in two
        one.discard("key")
        assert two.read("key") is None
        assert "key" not in two

    def test_opening_again(self, open_storage: MakeStorage) -> None:
        """Values are there when a store is opened again, or it is empty, as declared."""
        one = open_storage("one")
        written = write_numbered(one, 3)
        one.close()
        two = open_storage("one")
        expected = written if one.capabilities.persistent else {}
        assert dict(two.scan(bodies=True)) == expected

    def test_close_twice(self, storage: BaseStorage) -> None:
        """A store may be closed twice, used or not."""
        storage.close()
        storage.close()
        storage["key"] = 1
        storage.close()
        storage.close()

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this platform lists no files")
    @advises("let `close` close the connections, files and threads that this object opened itself")
    def test_closing_gives_back_what_was_opened(self, make_storage: MakeStorage) -> None:
        """Storages that were used and closed hold no files and no connections."""

        def use() -> BaseStorage:
            storage = make_storage("one")
            storage["key"] = 1
            assert storage["key"] == 1
            storage.close()
            return storage

        kept = [use()]
        before = _open_files()
        kept += [use() for _ in range(_USES)]
        most = before + _USES - 1
        assert _settle(most) <= most, "`close` leaves open what the storage opened"

    def test_use_after_close(self, storage: BaseStorage) -> None:
        """A closed store opens again when it is used, with its values if it is persistent."""
        storage["key"] = 1
        storage.close()
        assert not storage.capabilities.persistent or storage["key"] == 1
        storage["key"] = 2
        assert storage["key"] == 2
        storage.close()
        storage.clear()
        assert list(storage) == []

    @advises(CLOSING)
    def test_closing_between_two_steps(self, storage: BaseStorage) -> None:
        """What was begun before another thread closes the store goes on: bodies and leases.

        A list goes on too, or ends with StorageError.
        """
        if not storage.capabilities.persistent:
            pytest.skip("what is in memory may end when it is closed")
        body = b"x" * min(_LARGE, (storage.capabilities.max_value_size or 4 * _LARGE) // 4)
        storage.write_many([(str(number), Entry(b"head", body)) for number in range(3)])
        listing, scan = iter(storage), iter(storage.scan(bodies=True))
        listed, scanned = [next(listing)], [next(scan)]
        token = storage.lease("key", 60.0) if storage.capabilities.leases else None
        writer, opened = storage.create_body(), storage.open_body("0")
        assert opened is not None
        writer.write(body)
        storage.close()
        writer.write(body)
        writer.commit("written", Entry(b"head", b""))
        with opened[1] as file:
            assert file.read() == body
        with suppress(StorageError):
            assert {*listed, *listing} - {"written"} == {"0", "1", "2"}
        with suppress(StorageError):
            assert {key for key, _ in (*scanned, *scan)} - {"written"} == {"0", "1", "2"}
        if token is not None:
            storage.release("key", token)
            assert storage.lease("key", 60.0) is not None
        assert storage.read("written") == Entry(b"head", body * 2)

    def test_closing_one_of_two(self, open_storage: MakeStorage) -> None:
        """Closing one storage does not disturb another."""
        one, two = open_storage("one"), open_storage("one")
        two["key"] = "value"
        one.close()
        assert two["key"] == "value"

    def test_namespaces_are_apart(self, open_storage: MakeStorage) -> None:
        """Stores whose names are prefixes of each other, or patterns, share nothing."""
        stores = {name: open_storage(name) for name in NAMESPACES}
        for name, storage in stores.items():
            _fill(name, storage)
        for cleared, one in stores.items():
            one.clear()
            assert list(one) == []
            for name, storage in stores.items():
                if name != cleared:
                    assert storage.read("key") == Entry(name.encode()), f"{cleared!r} was cleared"
                    assert sorted(storage) == ["key", "x:key"], f"{cleared!r} was cleared"
                    assert len(storage) == 2
            _fill(cleared, one)

    def test_deleting_in_one_namespace(self, open_storage: MakeStorage) -> None:
        """Bulk deletion and sweeps reach only their own namespace."""
        one, two = open_storage("app"), open_storage("app:x")
        for storage in (one, two):
            storage.write_many((key, Entry(b"", b"", 1.0)) for key in ("key", "x:key", "y"))
        one.bulk_delete(["key", "x:key"])
        assert sorted(two) == ["key", "x:key", "y"]
        assert one.delete_expired(2.0) == 1
        assert two.count_unexpired(0.0) == 3

    def test_pickling(self, storage: BaseStorage) -> None:
        """A pickled storage opens the same store, or an empty one if it is not persistent."""
        storage["key"] = "value"
        again: BaseStorage = pickle.loads(pickle.dumps(storage))
        assert type(again) is type(storage)
        assert dict(again) == ({"key": "value"} if storage.capabilities.persistent else {})
        again["other"] = 1
        assert ("other" in storage) == storage.capabilities.persistent
        again.close()
