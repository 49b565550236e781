"""One store in many processes, and in a process that forks."""

from __future__ import annotations

import os
from threading import Event

import pytest

from ...backends.base import BaseStorage
from ..children import run_in_child, start_child
from ..contract import advises, slow
from ..tasks import (
    is_whole,
    read_all,
    sized,
    write_across_a_fork,
    write_for_ever,
    write_values,
)
from .base import StoreTests

__all__ = ["ProcessTests"]

_PROCESSES = 3
_EACH = 50
_KILLS = 2
_PAUSE = 0.005


class ProcessTests(StoreTests):
    """A child gets the storage as a pickle, so it opens the store with a connection of its own."""

    advice = (
        "let the constructor take arguments that can be pickled, and keep nothing in the object"
        " that another process may have changed; `shared_between_processes` says whether they"
        " share it"
    )

    def test_another_process_reads(self, storage: BaseStorage) -> None:
        """Another process finds what this one wrote, or nothing, as declared."""
        storage["key"] = "value"
        shared = storage.capabilities.shared_between_processes
        assert run_in_child(read_all, storage) == ({"key": "value"} if shared else {})

    def test_another_process_writes(self, storage: BaseStorage) -> None:
        """What an ended process wrote is here, or it is not, as declared."""
        run_in_child(write_values, storage, "child", 3)
        shared = storage.capabilities.shared_between_processes
        assert dict(storage) == ({f"child/{i}": i for i in range(3)} if shared else {})

    def test_processes_write_at_once(self, storage: BaseStorage) -> None:
        """Nothing is lost of what several processes write at the same time."""
        children = [
            start_child(write_values, storage, f"child{n}", _EACH) for n in range(_PROCESSES)
        ]
        for i in range(_EACH):
            storage[f"parent/{i}"] = i
        for child in children:
            child.result()
        shared = storage.capabilities.shared_between_processes
        assert len(storage) == _EACH * (_PROCESSES + 1 if shared else 1)
        assert all(storage[f"parent/{i}"] == i for i in range(_EACH))

    @slow
    @advises(
        "let `write` and `commit` make a value in one step that happens or does not, hold no"
        " lock that outlives its process, and let nothing but whole values be listed"
    )
    def test_a_killed_writer_leaves_whole_values(self, storage: BaseStorage) -> None:
        """A process that is killed while it writes leaves the old value or the new one."""
        if not storage.capabilities.shared_between_processes:
            return
        pause = Event()
        for _ in range(_KILLS):
            storage.write("key", sized(0, 1))
            child = start_child(write_for_ever, storage)
            while storage.read("key") == sized(0, 1) and not child.has_ended():
                # It is still starting, and needs the processor for it.
                pause.wait(_PAUSE)
            child.kill()
            entry = storage.read("key")
            assert entry is not None, "the value is gone"
            assert is_whole(entry), f"{len(entry.body)} bytes are left of {entry.head!r}"
            assert sorted(storage) == ["key"], "what is half written is listed"
            assert len(storage) == 1
        storage.write("key", sized(1, 10))
        assert storage.read("key") == sized(1, 10)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    @advises(
        "a connection belongs to the process that opened it: remember `os.getpid()` with it,"
        " and open another one in a child; do not close the one of the parent there"
    )
    def test_fork(self, storage: BaseStorage) -> None:
        """A storage that is in use before a fork works in parent and child after it."""
        shared = storage.capabilities.shared_between_processes
        seen_by_child, seen_by_parent = run_in_child(write_across_a_fork, storage)
        assert seen_by_child == (["child", "parent"] if shared else seen_by_child)
        assert "child" in seen_by_child
        assert seen_by_parent == (["again", "child", "parent"] if shared else ["again", "parent"])
