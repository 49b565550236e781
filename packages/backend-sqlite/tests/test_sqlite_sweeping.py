"""Expired values go by themselves, and a file that was replaced is opened anew."""

from __future__ import annotations

from pathlib import Path

from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbDict


def test_a_sweep_deletes_a_few_of_what_need_not_be_kept(tmp_path: Path) -> None:
    store = DbDict(tmp_path / "x.sqlite")
    for number in range(10):
        store.write(f"over{number}", Entry(b"h", b"b", 100.0, 200.0))
    store.write("kept", Entry(b"h", b"b", 100.0, 400.0))
    store.write("kept for ever", Entry(b"h", b"b", 100.0, None))
    store.write("never", Entry(b"h", b"b"))
    assert store.sweep(300.0, 4) == 4
    assert store.sweep(300.0, 40) == 6
    assert sorted(store) == ["kept", "kept for ever", "never"]
    store.close()


def test_a_file_that_was_deleted_is_made_anew_at_the_next_sweep(tmp_path: Path) -> None:
    store = DbDict(tmp_path / "x.sqlite")
    store.write("before", Entry(b"h", b"b"))
    for file in tmp_path.glob("x.sqlite*"):
        file.unlink()
    store.sweep(0.0, 1)
    store.write("after", Entry(b"h", b"b"))
    other = DbDict(tmp_path / "x.sqlite")
    assert list(other) == ["after"]
    store.close()
    other.close()
