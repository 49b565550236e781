"""Expiry: when a value expires, how long it is kept all the same, and when it goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import inf

import pytest

from ...backends.base import BaseStorage, Entry
from ..contract import advises
from .base import StoreTests

__all__ = ["ExpiryTests"]

_NOW = 1_700_000_000.0
_IN_2100 = 4_102_444_800.0
# Nobody waits longer in a test than this for a store to delete something by itself.
_PATIENCE = 5.0
# A store that looks at a part of it at a time has come to everything by then.
_SWEEPS = 5000


def write_around(storage: BaseStorage) -> None:
    """Store what expired, what expires now, what will expire, and what never does."""
    storage.write_many(
        [
            ("before", Entry(b"", b"", _NOW - 1)),
            ("now", Entry(b"", b"", _NOW)),
            ("now, but kept", Entry(b"", b"", _NOW, _IN_2100)),
            ("after", Entry(b"", b"", _NOW + 1)),
            ("after, and kept", Entry(b"", b"", _NOW + 1, _IN_2100)),
            ("never", Entry(b"")),
        ]
    )


class ExpiryTests(StoreTests):
    """Time is an argument of these verbs, so nothing here waits but one test of native expiry."""

    advice = (
        "keep a value until its `keep_until`, whatever `expires` says, and compare with `<=`:"
        " it has expired at the moment that `expires` names; only `native_expiry` deletes by"
        " itself"
    )

    def test_expired_values_are_still_read(self, storage: BaseStorage) -> None:
        """An expired value can be read, listed and counted until it is deleted."""
        write_around(storage)
        assert storage.read("before") is not None
        assert "before" in storage
        assert len(storage) == len(list(storage)) == 6

    def test_count_unexpired(self, storage: BaseStorage) -> None:
        """A value has expired from the moment on that its `expires` names."""
        write_around(storage)
        assert storage.count_unexpired(_NOW - 2) == 6
        assert storage.count_unexpired(_NOW - 1) == 5
        assert storage.count_unexpired(_NOW - 0.5) == 5
        assert storage.count_unexpired(_NOW) == 3
        assert storage.count_unexpired(_NOW + 1) == 1
        assert storage.count_unexpired(_IN_2100 * 2) == 1

    @advises(
        "let `sweep` delete up to `most` values whose `keep_until` is past, others each time,"
        " and give their number; without one of yours BaseStorage has one that works"
    )
    def test_repeated_sweeps_come_to_all_that_is_over(self, storage: BaseStorage) -> None:
        """`sweep` deletes at most as many as it may, and in the end all that is over, no more."""
        if storage.capabilities.native_expiry is not None:
            return
        over, kept = (f"over{i}" for i in range(40)), [f"kept{i}" for i in range(40)]
        storage.write_many((key, Entry(b"head", b"body", _NOW, _NOW)) for key in over)
        storage.write_many((key, Entry(b"head", b"body", _NOW, _NOW + 1)) for key in kept)
        told = 0
        for _ in range(_SWEEPS):
            swept = storage.sweep(_NOW, 3)
            assert isinstance(swept, int), f"`sweep` gives {swept!r}: give a number"
            assert swept <= 3, f"`sweep(now, most=3)` deleted {swept}"
            told += swept
            assert not swept or len(storage) == 80 - told, "`sweep` tells another number"
            if told == 40:
                break
        assert sorted(storage) == sorted(kept), f"after {_SWEEPS} sweeps {told} of 40 are gone"

    @advises(
        "let `discard_over` compare `keep_until` with `now` (`<=`) and say whether it has deleted;"
        " BaseStorage has one that works"
    )
    def test_discard_over(self, storage: BaseStorage) -> None:
        """`discard_over` deletes a value that need not be kept any longer, and no other."""
        storage.write("over", Entry(b"head", b"body", _NOW, _IN_2100))
        storage.write("kept", Entry(b"head", b"body", _NOW))
        for key in ("over", "kept", "missing"):
            assert not storage.discard_over(key, _IN_2100 - 1), f"{key!r} was not over"
        assert storage.discard_over("over", _IN_2100), "what is over has to go"
        assert not storage.discard_over("kept", _IN_2100)
        assert list(storage) == ["kept"]

    def test_sweep(self, storage: BaseStorage) -> None:
        """`sweep` deletes nothing that has to be kept, expired or not."""
        write_around(storage)
        assert storage.sweep(_NOW, 100) == 0
        assert len(storage) == 6

    def test_delete_expired(self, storage: BaseStorage) -> None:
        """`delete_expired` deletes what has expired, kept or not, and says how many."""
        write_around(storage)
        assert storage.delete_expired(_NOW) == 3
        assert sorted(storage) == ["after", "after, and kept", "never"]
        assert storage.delete_expired(_NOW) == 0

    def test_delete_expired_before_anything_expires(self, storage: BaseStorage) -> None:
        """Nothing goes before its time."""
        write_around(storage)
        assert storage.delete_expired(_NOW - 2) == 0
        assert len(storage) == 6

    def test_what_never_expires_stays(self, storage: BaseStorage) -> None:
        """A value without `expires` outlives every sweep."""
        write_around(storage)
        assert storage.delete_expired(_IN_2100 * 2) == 5
        assert list(storage) == ["never"]

    def test_delete_expired_of_many(self, storage: BaseStorage) -> None:
        """A sweep deletes more than a page, large bodies included."""
        storage.write_many((f"old{i}", Entry(b"", b"x" * 1000, _NOW)) for i in range(1100))
        storage.write("old and large", Entry(b"", b"x" * 500_000, _NOW))
        storage["young"] = 1
        assert storage.delete_expired(_NOW) == 1101
        assert list(storage) == ["young"]

    def test_what_is_made_fresh_meanwhile_stays(
        self, storage: BaseStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was listed as expired is not deleted if somebody has replaced it since."""
        write_around(storage)
        scan = storage.scan

        def scan_too_early(bodies: bool = False) -> Iterator[tuple[str, Entry]]:
            listed = list(scan(bodies))
            storage.write("before", Entry(b"fresh", b"", _NOW + 1, _IN_2100))
            storage.discard("now")
            yield from listed

        monkeypatch.setattr(storage, "scan", scan_too_early)
        # A store that asks for no list deletes all three; the fresh value comes too late for it.
        count = storage.delete_expired(_NOW)
        assert (count, "before" in storage) in ((1, True), (3, False))

    def test_rewritten_times_count(self, storage: BaseStorage) -> None:
        """`rewrite_head` changes when a value expires, in both directions."""
        write_around(storage)
        storage.rewrite_head("before", Entry(b"", b"", _NOW + 1))
        storage.rewrite_head("never", Entry(b"", b"", _NOW))
        storage.rewrite_head("now", Entry(b""))
        storage.delete_expired(_NOW)
        assert sorted(storage) == ["after", "after, and kept", "before", "now"]

    def test_end_of_keeping(self, storage: BaseStorage) -> None:
        """A value past its `keep_until` goes or stays as the store declares."""
        native = storage.capabilities.native_expiry
        if native is None:
            storage.write("key", Entry(b"head", b"body", _NOW, _NOW))
            assert storage.read("key") is not None
            assert storage.delete_expired(_NOW) == 1
        elif native <= _PATIENCE:
            self._assert_deletes_itself(storage, native)
        else:
            assert 0 < native <= inf
            storage.write("key", Entry(b"head", b"body", _NOW, time.time() + 60))
            assert storage.read("key") is not None

    @staticmethod
    def _assert_deletes_itself(storage: BaseStorage, native: float) -> None:
        now = time.time()
        storage.write("key", Entry(b"head", b"body", now - 1, now + 0.5))
        assert storage.read("key") is not None, "expired, but has to be kept"
        deadline = now + 0.5 + native + 1
        while storage.read("key") is not None and time.time() < deadline:
            # The server's clock decides here, and it cannot be injected.
            time.sleep(0.05)
        assert time.time() >= now + 0.5, "deleted too early"
        assert storage.read("key") is None
        assert list(storage) == []
