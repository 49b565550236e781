"""Leases: one process fetches, and a killed one stops nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests_cache import clock
from requests_cache.backends.sqlite import DbDict


def test_a_lease_is_given_once_until_it_is_released(tmp_path: Path) -> None:
    one, other = DbDict(tmp_path / "x.sqlite"), DbDict(tmp_path / "x.sqlite")
    token = one.lease("key", 10)
    assert token
    assert other.lease("key", 10) is None
    assert other.lease("another", 10)
    one.release("key", token)
    assert other.lease("key", 10)
    one.close()
    other.close()


def test_a_lease_ends_by_itself_and_is_then_no_longer_its_first_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DbDict(tmp_path / "x.sqlite")
    first = store.lease("key", 10)
    assert first
    later = clock.now() + 11
    monkeypatch.setattr(clock, "now", lambda: later)
    assert store.lease("key", 10)
    store.release("key", first)
    assert store.lease("key", 10) is None
    store.close()


def test_leases_are_no_values(tmp_path: Path) -> None:
    store = DbDict(tmp_path / "x.sqlite")
    store.lease("key", 10)
    assert list(store) == []
    store.clear()
    store.close()
