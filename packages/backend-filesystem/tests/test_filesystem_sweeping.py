"""Expired files go by themselves, a few at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from requests_cache import CachedResponse, clock
from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileCache, FileDict, storage
from requests_cache.backends.filesystem.layout import read_times, shard_of
from requests_cache.expiration import VALIDATION_GRACE
from requests_cache.testing.caches.base import response_to, save


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


def test_sweeps_look_at_all_files_of_a_subfolder_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed once; each sweep looks at some of its files, none of them twice."""
    store = FileDict(tmp_path / "x")
    entry = Entry(b"h", b"b", 100.0, 200.0)
    keys = [key for key in map("{:05}".format, range(50_000)) if shard_of(key) == "00"]
    for key in keys:
        store.write(key, entry)
    listed: list[str] = []
    looked: list[str] = []
    list_folder = os.listdir

    def note_listing(folder: str) -> list[str]:
        listed.append(folder)
        return list_folder(folder)

    def note_look(path: str) -> Entry | None:
        looked.append(path)
        return read_times(path)

    monkeypatch.setattr(storage, "choice", lambda shards: "00")
    monkeypatch.setattr(os, "listdir", note_listing)
    monkeypatch.setattr(storage, "read_times", note_look)
    assert len(keys) > 128
    while len(looked) < len(keys):
        store.sweep(150.0, 32)
    assert len(listed) == 1
    assert len(set(looked)) == len(keys)


def test_sweeps_delete_readable_files_when_they_are_wanted_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FileCache(tmp_path / "x", serializer="json")
    now = clock.now()
    for number in range(20):
        save(cache, f"https://example.org/{number}", now + 60)
    save(cache, "https://example.org/never", None)
    monkeypatch.setattr(clock, "now", lambda: now + 60 + VALIDATION_GRACE - 10)
    assert not any(cache.responses.sweep(clock.now(), 32) for _ in range(2000))
    monkeypatch.setattr(clock, "now", lambda: now + 60 + VALIDATION_GRACE + 10)
    swept = 0
    while swept < 20:
        swept += cache.responses.sweep(clock.now(), 32)
    assert list(cache.urls) == ["https://example.org/never"]
    cache.close()


def test_readable_files_that_may_be_served_stale_for_ever_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FileCache(tmp_path / "x", serializer="json")
    response = response_to()
    expired = CachedResponse.from_response(response, expires=clock.now() - 1)
    cache.write_response("key", expired, grace=None)
    monkeypatch.setattr(clock, "now", lambda: 4e9)
    assert not any(cache.responses.sweep(4e9, 32) for _ in range(2000))
    cache.close()
