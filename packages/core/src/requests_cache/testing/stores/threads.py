"""One store in many threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from ...backends.base import BaseStorage, Entry
from .base import MakeStorage, StoreTests

__all__ = ["ThreadTests", "in_threads"]

_THREADS = 8
_EACH = 25
_SECONDS = 60


def in_threads(action: Callable[[int], object], threads: int = _THREADS) -> None:
    """Run `action(number)` in several threads that start together; raise what one raises."""
    barrier = Barrier(threads, timeout=_SECONDS)

    def run(number: int) -> None:
        barrier.wait()
        action(number)

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(run, number) for number in range(threads)]:
            future.result(timeout=_SECONDS)


class ThreadTests(StoreTests):
    """Nothing is lost, torn or raised."""

    def test_threads_write_different_keys(self, storage: BaseStorage) -> None:
        """What eight threads write into one storage is all there."""

        def write(number: int) -> None:
            for i in range(_EACH):
                storage[f"{number}/{i}"] = [number, i]

        in_threads(write)
        assert len(storage) == _THREADS * _EACH
        assert dict(storage) == {
            f"{number}/{i}": [number, i] for number in range(_THREADS) for i in range(_EACH)
        }

    def test_threads_with_storages_of_their_own(self, open_storage: MakeStorage) -> None:
        """Eight storages of one name write into one store, or each into its own."""
        storages = [open_storage("one") for _ in range(_THREADS)]

        def write(number: int) -> None:
            for i in range(_EACH):
                storages[number][f"{number}/{i}"] = i

        in_threads(write)
        shared = storages[0].capabilities.persistent
        assert len(storages[0]) == (_THREADS * _EACH if shared else _EACH)

    def test_threads_write_one_key(self, storage: BaseStorage) -> None:
        """Of values written to one key at the same time, one stays, whole."""

        def write(number: int) -> None:
            mark = b"%d" % number
            for size in (10, 150_000, 50, 130_000):
                storage.write("key", Entry(mark, mark * size))

        in_threads(write)
        entry = storage.read("key")
        assert entry is not None
        assert set(entry.body) == set(entry.head)
        assert list(storage) == ["key"]

    def test_replacing_is_never_seen_half_done(self, storage: BaseStorage) -> None:
        """While a large value is being replaced, a reader finds the old one or the new one."""
        marks = [b"%d" % i for i in range(10)]
        storage.write("key", Entry(marks[0], marks[0] * 150_000))
        done = Event()

        def write() -> None:
            try:
                for i in range(30):
                    mark = marks[i % 10]
                    storage.write("key", Entry(mark, mark * (125_000 + i * 1000)))
            finally:
                done.set()

        def read() -> None:
            while not done.is_set():
                entry = storage.read("key")
                assert entry is not None, "the value was gone for a moment"
                whole = entry.body.count(entry.head) == len(entry.body)
                assert whole

        in_threads(lambda number: write() if number == 0 else read(), threads=3)

    def test_threads_delete_one_key(self, storage: BaseStorage) -> None:
        """Of threads that delete one key, exactly one is told that it was there."""
        told: list[bool] = []
        for attempt in range(1, 6):
            storage["key"] = 1
            in_threads(lambda _: told.append(storage.discard("key")))
            assert told.count(True) == attempt

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
