"""Expired files go by themselves, a few at a time."""

from __future__ import annotations

from pathlib import Path

from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileDict


def test_sweeps_delete_what_need_not_be_kept_and_nothing_else(tmp_path: Path) -> None:
    store = FileDict(tmp_path / "x")
    for number in range(10):
        store.write(f"over{number}", Entry(b"h", b"b", 100.0, 200.0))
    store.write("kept", Entry(b"h", b"b", 100.0, 400.0))
    store.write("never", Entry(b"h", b"b"))
    swept = 0
    while swept < 10:
        swept += store.sweep(300.0, 2)
    assert sorted(store) == ["kept", "never"]
