"""One store in many threads."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from types import FrameType
from typing import Any

import pytest

from ...backends.base import BaseStorage, Entry
from ..contract import advises
from ..tasks import is_whole, sized
from .base import CLOSING, MakeStorage, StoreTests

__all__ = ["ThreadTests", "in_threads"]

_THREADS = 8
_EACH = 25
_SECONDS = 60
_REWRITES = 30


def in_threads(
    action: Callable[[int], object],
    threads: int = _THREADS,
    *,
    in_turns_of: BaseStorage | None = None,
) -> None:
    """Run `action(number)` in several threads that start together; raise what one raises.

    Args:
        action: what a thread does.
        threads: how many there are.
        in_turns_of: let another thread go on after each line of this store, so that what can
            happen between two of them does, and not by chance.
    """
    barrier = Barrier(threads, timeout=_SECONDS)
    trace = None if in_turns_of is None else _letting_others(in_turns_of)
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            if trace:
                sys.settrace(trace)
            action(number)
        except BaseException as error:  # noqa: BLE001  # the caller raises it
            raised.append(error)
        finally:
            if trace:
                sys.settrace(None)

    # Daemons: one that hangs does not keep the process from ending.
    started = [Thread(target=run, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(_SECONDS)
        assert not thread.is_alive(), f"a thread has not ended after {_SECONDS} s"
    if raised:
        raise raised[0]


def _letting_others(storage: BaseStorage) -> Callable[..., Any]:
    """Give what runs at each line of a store and of its bases; a driver has locks of its own."""
    packages = {_package_of(base.__module__) for base in type(storage).__mro__}

    def let_others(  # pragma: no cover  # what traces is not traced
        frame: FrameType, event: str, argument: object
    ) -> Callable[..., Any] | None:
        if event == "call" and _package_of(str(frame.f_globals.get("__name__"))) not in packages:
            return None
        time.sleep(0)
        return let_others

    return let_others


def _package_of(module: str) -> str:
    return module.partition(".")[0]


class ThreadTests(StoreTests):
    """Nothing is lost, torn or raised."""

    advice = (
        "one object is used by many threads at once: give each its own connection, or hold a"
        " lock over whatever `read`, `write` and `discard` do in more than one step"
    )

    @pytest.fixture(autouse=True)
    def _taking_turns(self) -> Iterator[None]:
        """Have no thread keep others waiting for long."""
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        yield
        sys.setswitchinterval(before)

    def test_threads_write_different_keys(self, storage: BaseStorage) -> None:
        """What eight threads write into one storage is all there."""

        def write(number: int) -> None:  # pragma: no cover  # as `let_others`
            for i in range(_EACH):
                storage[f"{number}/{i}"] = [number, i]

        in_threads(write, in_turns_of=storage)
        assert len(storage) == _THREADS * _EACH
        assert dict(storage) == {
            f"{number}/{i}": [number, i] for number in range(_THREADS) for i in range(_EACH)
        }

    def test_threads_with_storages_of_their_own(self, open_storage: MakeStorage) -> None:
        """Eight storages of one name write into one store, or each into its own."""
        storages = [open_storage("one") for _ in range(_THREADS)]

        def write(number: int) -> None:  # pragma: no cover  # as `let_others`
            for i in range(_EACH):
                storages[number][f"{number}/{i}"] = i

        in_threads(write)
        shared = storages[0].capabilities.persistent
        assert len(storages[0]) == (_THREADS * _EACH if shared else _EACH)

    def test_threads_write_one_key(self, storage: BaseStorage) -> None:
        """Of values written to one key at the same time, one stays, whole."""

        def write(number: int) -> None:  # pragma: no cover  # as `let_others`
            for size in (10, 150_000, 50, 130_000):
                storage.write("key", sized(number, size))

        in_threads(write, in_turns_of=storage)
        entry = storage.read("key")
        assert entry is not None, "`write` lost the value"
        assert is_whole(entry), "`write` mixed two values"
        assert list(storage) == ["key"]

    @advises(
        "let `write` put a whole value in the place of the old one in one step: a transaction,"
        " or a new file that is renamed; never delete first, and write nothing in two steps"
    )
    def test_replacing_is_never_seen_half_done(self, storage: BaseStorage) -> None:
        """While a large value is being replaced, a reader finds the old one or the new one."""
        storage.write("key", sized(0, 150_000))
        done = Event()

        def write() -> None:  # pragma: no cover  # as `let_others`
            try:
                for i in range(_REWRITES):
                    storage.write("key", sized(i, 125_000 + i % 30 * 1000))
            finally:
                done.set()

        def read() -> None:  # pragma: no cover  # as `let_others`
            while not done.is_set():
                entry = storage.read("key")
                assert entry is not None, "`write` took the value away for a moment"
                assert is_whole(entry), f"`read` saw {len(entry.body)} bytes of {entry.head!r}"

        in_threads(
            lambda number: write() if number == 0 else read(), threads=3, in_turns_of=storage
        )

    def test_threads_delete_one_key(self, storage: BaseStorage) -> None:
        """Of threads that delete one key, exactly one is told that it was there."""
        told: list[bool] = []
        for attempt in range(1, 6):
            storage["key"] = 1
            in_threads(lambda _: told.append(storage.discard("key")), in_turns_of=storage)
            assert told.count(True) == attempt, "`discard` told several, or nobody"

    def test_listing_while_threads_write(self, storage: BaseStorage) -> None:
        """Keys can be listed and values scanned while other threads write and delete."""
        storage.write_many((f"old{i}", Entry(b"head", b"body")) for i in range(50))

        def work(number: int) -> None:
            for i in range(_EACH):
                if number % 2:
                    storage[f"{number}/{i}"] = i
                    storage.discard(f"{number}/{i}")
                else:
                    assert {f"old{i}" for i in range(50)} <= set(storage)
                    assert len(dict(storage.scan(bodies=True))) >= 50

        in_threads(work, threads=4)
        assert len(storage) == 50

    def test_closing_in_one_thread(self, storage: BaseStorage) -> None:
        """A storage that was used in other threads can be closed here, and used again there."""
        in_threads(lambda number: storage.update({str(number): number}))
        storage.close()
        in_threads(lambda number: storage.update({str(number): number}))
        assert len(storage) == _THREADS

    @advises(CLOSING)
    def test_closing_while_threads_work(self, storage: BaseStorage) -> None:
        """Whoever is in the store while another thread closes it ends what he does there."""
        value = "x" * 1000

        def work(number: int) -> None:
            for i in range(_EACH):
                key = f"{number}/{i}"
                if number == 0:
                    storage.close()
                    time.sleep(0.001)
                    continue
                storage[key] = value
                # What is in memory may end when it is closed.
                kept = storage.get(key, None if storage.capabilities.persistent else value)
                assert kept == value
                storage.write_many((f"many{j}", Entry(b"head", b"body")) for j in range(3))

        in_threads(work, threads=4)
        storage["after"] = value
        assert storage["after"] == value
