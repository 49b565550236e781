"""Leases: one process fetches, and a killed one stops nobody."""

from __future__ import annotations

import time

import pytest

from ...backends.base import BaseStorage
from .base import MakeStorage, StoreTests

__all__ = ["LeaseTests"]

_LONG = 60.0
_SHORT = 0.3
# Nobody waits longer than this for a short lease to end.
_PATIENCE = 5.0


def offers_none(storage: BaseStorage) -> bool:
    """Say whether a store declares that it has no leases, which is then held against it."""
    if storage.capabilities.leases:
        return False
    with pytest.raises(NotImplementedError, match="has no leases"):
        storage.lease("key", _LONG)
    with pytest.raises(NotImplementedError, match="has no leases"):
        storage.release("key", "token")
    return True


class LeaseTests(StoreTests):
    """A store without leases says so, by `Capabilities.leases` and when it is asked for one."""

    advice = (
        "declare `leases` if `lease` gives a token to one caller at a time and ends by itself,"
        " on the clock of the server if there is one; `release` deletes it if the token is the"
        " same"
    )

    def test_a_lease_is_given_once(self, storage: BaseStorage, open_storage: MakeStorage) -> None:
        """Nobody else has it until it is given back; other keys are free meanwhile."""
        if offers_none(storage):
            return
        shared = storage.capabilities.shared_between_processes
        other = open_storage("one") if shared else storage
        token = storage.lease("key", _LONG)
        assert token
        assert storage.lease("key", _LONG) is None
        assert other.lease("key", _LONG) is None
        assert other.lease("another key", _LONG)
        storage.release("key", token)
        assert other.lease("key", _LONG)

    def test_a_lease_is_given_back_by_its_owner_alone(self, storage: BaseStorage) -> None:
        """A token that is not that of the lease gives nothing back, and is no error."""
        if offers_none(storage):
            return
        assert storage.lease("key", _LONG)
        storage.release("key", "somebody's")
        assert storage.lease("key", _LONG) is None
        storage.release("a key without a lease", "somebody's")

    def test_a_lease_ends_by_itself(self, storage: BaseStorage) -> None:
        """Then another one can have it, whom the first cannot disturb any more."""
        if offers_none(storage):
            return
        began, first = time.monotonic(), storage.lease("key", _SHORT)
        assert first
        while not storage.lease("key", _LONG):
            assert time.monotonic() - began < _PATIENCE
            time.sleep(0.02)  # the server's clock may decide here, and it cannot be injected
        assert time.monotonic() - began > _SHORT - 0.1
        storage.release("key", first)
        assert storage.lease("key", _LONG) is None

    def test_leases_are_no_values(self, storage: BaseStorage, open_storage: MakeStorage) -> None:
        """They are neither read, listed nor counted, nor seen by another namespace."""
        if offers_none(storage):
            return
        assert storage.lease("key", _LONG)
        assert storage.read("key") is None
        assert list(storage) == []
        assert list(storage.scan()) == []
        assert len(storage) == 0
        assert open_storage("two").lease("key", _LONG)

    @pytest.mark.parametrize("key", ["('GET', 'http://host/?a=1')", "", "é" * 2000, "a\0b"])
    def test_any_text_can_be_leased(self, storage: BaseStorage, key: str) -> None:
        """A key of a lease is any text, as that of a value is."""
        if offers_none(storage):
            return
        token = storage.lease(key, _LONG)
        assert token
        assert storage.lease(key, _LONG) is None
        storage.release(key, token)
        assert storage.lease(key, _LONG)
