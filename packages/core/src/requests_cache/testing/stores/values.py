"""Values of every kind, and of every size from nothing to past the limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from ...backends.base import BaseStorage, Entry
from ...errors import RecordError, ValueTooLargeError
from .base import StoreTests, assert_same

__all__ = ["ValueTests"]

VALUES: dict[str, Any] = {
    "None": None,
    "booleans": [True, False],
    "zero": 0,
    "large integer": -(2**80),
    "float": 0.1,
    "empty text": "",
    "text": "naïve 文字 🎉 \0",
    "empty bytes": b"",
    "all bytes": bytes(range(256)),
    "list": [1, [2, [3]]],
    "tuple": (1, ("a", b"b")),
    "set": {1, 2, 3},
    "dictionary": {"a": {1: [None]}, 2: b"x"},
    "time": datetime(2024, 2, 29, 12, 30, 15, 123456, UTC),
    "date": date(1, 1, 1),
    "duration": timedelta(days=-1, microseconds=1),
}
SIZES = (0, 1, 1023, 1024, 65_535, 65_536, 65_537, 399_000, 409_600, 1_048_576, 5_000_000)
_HEAD = b"head"


def body_of(size: int) -> bytes:
    """Give bytes that show where a piece is missing, twice there or in the wrong place."""
    block = b"".join(i.to_bytes(4, "big") for i in range(4099))
    return (block * (size // len(block) + 1))[:size]


class ValueTests(StoreTests):
    """Values come back as they were."""

    advice = (
        "let `read` give the bytes that `write` got, of any size; above `max_value_size`, which"
        " counts head and body, `write` raises ValueTooLargeError and leaves the old value"
    )

    more_values: ClassVar[Mapping[str, Any]] = {}
    """Values that this store takes beside those that every store takes."""

    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
    def test_value(self, storage: BaseStorage, value: object) -> None:
        """Plain values come back equal and of the same type."""
        storage["key"] = value
        assert storage["key"] == value
        assert type(storage["key"]) is type(value)
        assert storage.get("key", "default") == value

    def test_more_values(self, storage: BaseStorage) -> None:
        """The values that only this store takes come back too."""
        storage.update(self.more_values)
        assert dict(storage) == dict(self.more_values)

    @pytest.mark.parametrize("size", SIZES)
    def test_size(self, storage: BaseStorage, size: int) -> None:
        """A body of any size up to the limit comes back whole, replaces and is deleted."""
        self._write_and_delete(storage, size)

    def test_largest(self, storage: BaseStorage) -> None:
        """A very large body comes back whole, or is refused if it is beyond the limit."""
        self._write_and_delete(storage, self.largest)

    @pytest.mark.parametrize("size", [10_000, 1_048_576, 5_000_000])
    def test_large_head(self, storage: BaseStorage, size: int) -> None:
        """A head may be large too: there are formats that put everything into it."""
        entry = Entry(body_of(size), b"body")
        limit = storage.capabilities.max_value_size
        if limit is not None and size + 4 > limit:
            with pytest.raises(ValueTooLargeError):
                storage.write("key", entry)
            return
        storage.write("key", entry)
        assert_same(storage, storage.read("key"), entry)

    def _write_and_delete(self, storage: BaseStorage, size: int) -> None:
        small = Entry(b"small", b"body")
        large = Entry(_HEAD, body_of(size))
        storage.write("key", small)
        limit = storage.capabilities.max_value_size
        if limit is not None and size + len(_HEAD) > limit:
            with pytest.raises(ValueTooLargeError):
                storage.write("key", large)
            assert_same(storage, storage.read("key"), small)
            return
        storage.write("key", large)
        assert_same(storage, storage.read("key"), large)
        storage.write("key", small)
        assert_same(storage, storage.read("key"), small)
        storage.write("key", large)
        assert storage.discard("key")
        assert list(storage) == []

    def test_limit(self, storage: BaseStorage) -> None:
        """A value of exactly the declared size is stored, one of a byte more is refused."""
        limit = storage.capabilities.max_value_size
        if limit is None:
            # No limit: what replaces a large body must not leave a piece of it behind.
            for size in (200_000, 100_000, 100_001, 3):
                storage.write("key", Entry(_HEAD, body_of(size)))
                assert_same(storage, storage.read("key"), Entry(_HEAD, body_of(size)))
            return
        storage.write("key", Entry(_HEAD, bytes(limit - len(_HEAD))))
        with pytest.raises(ValueTooLargeError):
            storage.write("key", Entry(_HEAD, bytes(limit - len(_HEAD) + 1)))
        with pytest.raises(ValueTooLargeError):
            storage.write_many([("key", Entry(_HEAD, bytes(limit)))])
        assert_same(storage, storage.read("key"), Entry(_HEAD, bytes(limit - len(_HEAD))))

    @pytest.mark.parametrize(
        ("head", "body"),
        [
            (b"", b""),
            (b"\0\0\0\0", b"\0"),
            (b"not ours", b"at all"),
            (b"RQC\x01", b"cut off"),
            (b"RQC\xff" + bytes(40), b"of a later version"),
            (b"RQC\x00" + bytes(40), b"of an earlier version"),
            (b"RQV\x01{", b""),
            (b"RQP\x01\x80", b""),
        ],
        ids=["empty", "zeros", "foreign", "cut", "newer", "older", "damaged", "damaged pickle"],
    )
    def test_bytes_that_are_no_value(self, storage: BaseStorage, head: bytes, body: bytes) -> None:
        """Bytes that cannot be read raise RecordError, and nothing else suffers."""
        storage["good"] = 1
        storage.write("bad", Entry(head, body))
        with pytest.raises(RecordError):
            storage["bad"]
        assert "bad" in storage
        assert storage["good"] == 1
        assert sorted(storage) == ["bad", "good"]
        storage["bad"] = 2
        assert storage["bad"] == 2

    def test_values_are_copies(self, storage: BaseStorage) -> None:
        """Bytes handed in or out can be changed without changing what is stored."""
        body = bytearray(b"body")
        storage.write("key", Entry(b"head", bytes(body)))
        body[:] = b"oops"
        assert storage.read("key") == Entry(b"head", b"body")
