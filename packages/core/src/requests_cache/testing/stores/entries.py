"""What a store keeps of an entry: head, body and both times."""

from __future__ import annotations

import pytest

from ...backends.base import BaseStorage, Entry
from .base import StoreTests, assert_same
from .values import body_of

__all__ = ["EntryTests"]

_IN_2100 = 4_102_444_800.0
_END_OF_9999 = 253_402_300_799.0
TIMES: dict[str, tuple[float | None, float | None]] = {
    "never": (None, None),
    "kept for ever": (1_700_000_000.25, None),
    "kept beyond": (1_700_000_000.5, _IN_2100),
    "fractions": (_IN_2100 + 0.123, _IN_2100 + 7.75),
    "far future": (_END_OF_9999, _END_OF_9999),
    "the epoch": (0.0, None),
    "before the epoch": (-86_400.0, None),
    "no expiry but an end": (None, _IN_2100),
}


class EntryTests(StoreTests):
    """The four verbs in terms of bytes."""

    advice = (
        "store head, body, `expires` and `keep_until` apart, times as floats in seconds or"
        " None, and give an Entry of bytes and floats back from every verb that reads"
    )

    @pytest.mark.parametrize(("expires", "keep_until"), TIMES.values(), ids=TIMES)
    def test_times(
        self, storage: BaseStorage, expires: float | None, keep_until: float | None
    ) -> None:
        """Both times come back, from every verb that reads."""
        entry = Entry(b"head", b"body", expires, keep_until)
        storage.write("key", entry)
        assert_same(storage, storage.read("key"), entry)
        assert_same(storage, dict(storage.read_many(["key"])).get("key"), entry)
        assert_same(storage, dict(storage.scan(bodies=True)).get("key"), entry)

    @pytest.mark.parametrize(("expires", "keep_until"), TIMES.values(), ids=TIMES)
    def test_times_written_in_bulk(
        self, storage: BaseStorage, expires: float | None, keep_until: float | None
    ) -> None:
        """Both times come back when they are written with others, or later."""
        entry = Entry(b"head", b"body", expires, keep_until)
        storage.write_many([("a", entry), ("b", Entry(b"x"))])
        storage.rewrite_head("b", entry)
        assert_same(storage, storage.read("a"), entry)
        assert_same(storage, storage.read("b"), entry._replace(body=b""))

    def test_a_new_value_has_no_times_of_the_old(self, storage: BaseStorage) -> None:
        """Writing replaces the times too, as `storage[key] = value` does."""
        storage.write("key", Entry(b"head", b"body", 1.0, _IN_2100))
        storage.write("key", Entry(b"head", b"body"))
        assert_same(storage, storage.read("key"), Entry(b"head", b"body"))
        storage.write("key", Entry(b"head", b"body", 1.0, _IN_2100))
        storage["key"] = "value"
        entry = storage.read("key")
        assert entry is not None
        assert entry[2:] == (None, None)

    def test_head_and_body_are_kept_apart(self, storage: BaseStorage) -> None:
        """What is head and what is body does not run together, empty or not."""
        pairs = [(b"ab", b"c"), (b"a", b"bc"), (b"abc", b""), (b"", b"abc"), (b"", b"")]
        for number, pair in enumerate(pairs):
            storage.write(str(number), Entry(*pair))
        for number, pair in enumerate(pairs):
            entry = storage.read(str(number))
            assert entry is not None
            assert entry[:2] == pair

    def test_read_missing(self, storage: BaseStorage) -> None:
        """Reading a missing key gives None."""
        assert storage.read("missing") is None

    def test_read_gives_bytes(self, storage: BaseStorage) -> None:
        """Head and body are `bytes`, whatever the driver calls them; times are floats."""
        storage.write("key", Entry(b"head", b"body", 1.0, _IN_2100))
        for entry in (storage.read("key"), *dict(storage.scan(bodies=True)).values()):
            assert type(entry) is Entry
            assert [type(field) for field in entry] == [bytes, bytes, float, float]

    def test_discard(self, storage: BaseStorage) -> None:
        """`discard` says whether the key was there."""
        storage.write("key", Entry(b"head"))
        assert storage.discard("key") is True
        assert storage.discard("key") is False
        assert storage.read("key") is None

    @pytest.mark.parametrize("size", [0, 4, 100_000, 1_000_000])
    def test_rewrite_head(self, storage: BaseStorage, size: int) -> None:
        """`rewrite_head` replaces the head and the times, and leaves a body of any size alone."""
        storage.write("key", Entry(b"head", body_of(size), 1.0, _IN_2100))
        storage.rewrite_head("key", Entry(b"longer head", b"ignored", 2.0, _IN_2100 + 1))
        expected = Entry(b"longer head", body_of(size), 2.0, _IN_2100 + 1)
        assert_same(storage, storage.read("key"), expected)
        assert len(storage) == 1

    def test_rewrite_missing_head(self, storage: BaseStorage) -> None:
        """`rewrite_head` makes no key where there is none."""
        storage.rewrite_head("missing", Entry(b"head", b"", 1.0))
        assert storage.read("missing") is None
        assert list(storage) == []

    def test_any_bytes(self, storage: BaseStorage) -> None:
        """Heads and bodies may hold any byte."""
        entry = Entry(bytes(range(256)), bytes(reversed(range(256))))
        storage.write("key", entry)
        assert_same(storage, storage.read("key"), entry)
