"""One store in many processes, and in a process that forks."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

from ...backends.base import BaseStorage
from ..children import run_in_child, start_child
from .base import StoreTests

__all__ = ["ProcessTests"]

_PROCESSES = 3
_EACH = 50


class ProcessTests(StoreTests):
    """A child gets the storage as a pickle, so it opens the store with a connection of its own."""

    def test_another_process_reads(self, storage: BaseStorage) -> None:
        """Another process finds what this one wrote, or nothing, as declared."""
        storage["key"] = "value"
        shared = storage.capabilities.shared_between_processes
        assert run_in_child(_read, storage) == ({"key": "value"} if shared else {})

    def test_another_process_writes(self, storage: BaseStorage) -> None:
        """What an ended process wrote is here, or it is not, as declared."""
        run_in_child(_write, storage, "child", 3)
        shared = storage.capabilities.shared_between_processes
        assert dict(storage) == ({f"child/{i}": i for i in range(3)} if shared else {})

    def test_processes_write_at_once(self, storage: BaseStorage) -> None:
        """Nothing is lost of what several processes write at the same time."""
        children = [start_child(_write, storage, f"child{n}", _EACH) for n in range(_PROCESSES)]
        for i in range(_EACH):
            storage[f"parent/{i}"] = i
        for child in children:
            child.result()
        shared = storage.capabilities.shared_between_processes
        assert len(storage) == _EACH * (_PROCESSES + 1 if shared else 1)
        assert all(storage[f"parent/{i}"] == i for i in range(_EACH))

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    def test_fork(self, storage: BaseStorage) -> None:
        """A storage that is in use before a fork works in parent and child after it."""
        shared = storage.capabilities.shared_between_processes
        seen_by_child, seen_by_parent = run_in_child(_fork, storage)
        assert seen_by_child == (["child", "parent"] if shared else seen_by_child)
        assert "child" in seen_by_child
        assert seen_by_parent == (["again", "child", "parent"] if shared else ["again", "parent"])


def _read(storage: BaseStorage) -> dict[str, object]:
    return dict(storage)


def _write(storage: BaseStorage, name: str, count: int) -> None:
    for i in range(count):
        storage[f"{name}/{i}"] = i


def _fork(storage: BaseStorage) -> tuple[list[str], list[str]]:
    storage["parent"] = 1
    reading, writing = os.pipe()
    child = os.fork() or _be_child(storage, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        seen_by_child = pipe.read().decode().split("\n")
    os.waitpid(child, 0)
    storage["again"] = 3
    return seen_by_child, sorted(storage)


def _be_child(storage: BaseStorage, writing: int) -> NoReturn:
    try:
        storage["child"] = 2
        os.write(writing, "\n".join(sorted(storage)).encode())
    finally:
        # Leave without the parent's exit handlers and buffers.
        os._exit(0)
