"""A folder with bounds: its index, and what others do to both."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileCache, bounds, storage
from requests_cache.backends.filesystem import folder as files
from requests_cache.backends.filesystem.bounded import BoundedFileDict
from requests_cache.backends.filesystem.bounds import TABLE, OldestOrder, create_index, note_sizes
from requests_cache.backends.filesystem.folder import remove
from requests_cache.backends.sqlite.database import Database
from requests_cache.backends.sqlite.eviction import Order
from requests_cache.errors import ConfigurationError, StorageError, StorageFullError
from requests_cache.testing.children import run_in_child

SIZE = 4_000_000
Make = Callable[..., FileCache]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened: list[FileCache] = []

    def open_one(**options: Any) -> FileCache:
        opened.append(FileCache(tmp_path / "cache", **options))
        return opened[-1]

    yield open_one
    for cache in opened:
        cache.close()


def disk(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def put(cache: FileCache, *names: str, size: int = 100) -> None:
    for name in names:
        cache.responses.write(name, Entry(b"head", bytes(size)))


def numbered(count: int) -> list[str]:
    return [f"key-{number:04}" for number in range(count)]


def kept(cache: FileCache) -> list[str]:
    return sorted(cache.responses)


def test_a_bound_below_what_an_empty_cache_takes_is_refused(make: Make) -> None:
    with pytest.raises(ConfigurationError, match=r"max_size=999999: .*at least 1000000"):
        make(max_size=999_999)


def test_all_files_stay_within_the_bound(make: Make, tmp_path: Path) -> None:
    """Small files count as the blocks that they take, and the databases beside them count, too."""
    cache, largest = make(max_size=SIZE), 0
    for number in range(800):
        put(cache, f"key-{number}", size=number * 37 % 40_000)
        if number % 10 == 0:
            largest = max(largest, disk(tmp_path))
    assert SIZE * 0.8 < largest <= SIZE * 1.05


def test_what_a_new_file_replaces_counts_until_it_is_replaced(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that stores something in that moment makes room for all three."""
    cache, other = make(max_size=SIZE), make(max_size=SIZE)
    put(cache, *numbered(70), "large", size=50_000)
    put(cache, "large", size=1_000_000)
    move, sizes = files.Folder.move, list[int]()

    def move_late(self: files.Folder, written: str, path: str) -> None:
        monkeypatch.undo()
        put(other, "new", size=1_000_000)
        sizes.append(disk(tmp_path))
        move(self, written, path)

    monkeypatch.setattr(files.Folder, "move", move_late)
    put(cache, "large", size=1_000_000)
    assert SIZE * 0.9 < sizes[0] <= SIZE * 1.05
    assert {"large", "new"} <= set(kept(cache))
    put(cache, *numbered(20))
    cache.close()
    with closing(sqlite3.connect(next(tmp_path.rglob("index*.sqlite")))) as index:
        found = index.execute("SELECT size FROM files WHERE key = 'large'").fetchone()
    assert found == (1_003_520,)


def test_what_the_index_was_told_in_vain_it_is_told_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise these files would never be evicted."""
    cache = make(max_size=SIZE)
    put(cache, *numbered(8))

    def note_and_fail(*args: Any) -> None:
        note_sizes(*args)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(bounds, "note_sizes", note_and_fail)
    with pytest.raises(StorageError, match="disk is full"):
        put(cache, *numbered(20))
    monkeypatch.undo()
    put(cache, "more", size=100_000)
    with closing(sqlite3.connect(cache.cache_dir / "responses" / "index.bin.sqlite")) as index:
        known = {key for (key,) in index.execute("SELECT key FROM files")}
    assert known == set(kept(cache)) > set(numbered(8))


def test_what_the_index_was_told_in_vain_with_the_end_of_a_body_it_is_told_again(
    make: Make,
) -> None:
    cache = make(max_size=SIZE)
    put(cache, *numbered(8))
    assert isinstance(cache.responses, BoundedFileDict)
    no_path: Any = object()
    with pytest.raises(sqlite3.Error):
        cache.responses.bounds.forget_growing(no_path)
    cache.close()
    with closing(sqlite3.connect(cache.cache_dir / "responses" / "index.bin.sqlite")) as index:
        known = {key for (key,) in index.execute("SELECT key FROM files")}
    assert known == set(numbered(8))


def test_without_bounds_there_is_no_index(make: Make, tmp_path: Path) -> None:
    put(make(), *numbered(30))
    assert not list(tmp_path.rglob("index*"))


def test_what_others_without_bounds_did_is_found_when_it_is_opened(make: Make) -> None:
    """Files that came, went and grew meanwhile; the oldest of the new ones go first."""
    put(make(max_size=SIZE), *numbered(30), size=50_000)
    free = make()
    free.responses.bulk_delete(numbered(10))
    for number, key in enumerate(numbered(60)[20:]):
        put(free, key, size=100_000)
        os.utime(free.responses._path(key), (number, number))
    cache = make(max_size=SIZE)
    names = kept(cache)
    assert 25 < len(names) < 45
    assert names[-15:] == numbered(60)[-15:]
    put(cache, *numbered(60), size=100_000)
    assert names[-1] in kept(cache)


def die_with_files(folder: str) -> None:
    """Store something, begin a large body, and be killed."""
    cache = FileCache(folder, max_size=SIZE)
    put(cache, "untold-1", "untold-2", size=10_000)
    cache.create_body().write(bytes(2_000_000))
    os.write(1, b"\x80\x04N.")
    os._exit(0)


def test_a_killed_process_leaves_nothing_that_counts_for_ever(make: Make, tmp_path: Path) -> None:
    run_in_child(die_with_files, str(tmp_path / "cache"))
    cache = make(max_size=SIZE)
    assert kept(cache) == ["untold-1", "untold-2"]
    cache.create_body().abort()
    put(cache, *numbered(30), size=100_000)
    assert len(kept(cache)) == 32
    put(cache, *numbered(60), size=100_000)
    assert "untold-1" not in kept(cache)


def test_a_damaged_index_is_made_anew(make: Make, tmp_path: Path) -> None:
    cache = make(max_entries=5)
    put(cache, *numbered(5))
    cache.close()
    for path in tmp_path.rglob("index*"):
        path.write_bytes(b"garbage" * 5000)
    put(cache, "after")
    assert len(kept(cache)) == 5
    assert "after" in kept(cache)


def test_an_index_of_another_layout_is_an_error(make: Make, tmp_path: Path) -> None:
    cache = make(max_entries=5)
    with closing(sqlite3.connect(next(tmp_path.rglob("index.bin.sqlite")))) as connection:
        connection.executescript("DROP TABLE files_total; CREATE TABLE files_total (other)")
    with pytest.raises(StorageError, match="no such column"):
        put(cache, "key")


def test_a_deleted_index_is_made_anew_when_expired_files_are_swept(
    make: Make, tmp_path: Path
) -> None:
    cache = make(max_size=SIZE)
    put(cache, *numbered(5))
    for path in tmp_path.rglob("index*"):
        path.unlink()
    cache.responses.sweep(0.0, 10)
    put(cache, *numbered(60), size=100_000)
    assert disk(tmp_path) <= SIZE * 1.05


@pytest.mark.parametrize("key", ["expired-key", "x" * 300])
def test_what_is_swept_makes_room(make: Make, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    cache = make(max_entries=300)
    cache.responses.write(key, Entry(b"head", b"body", 1.0, 1.0))
    shard = Path(cache.responses._path(key)).parent.name
    monkeypatch.setattr("requests_cache.backends.filesystem.storage.choice", lambda _: shard)
    assert cache.responses.sweep(2.0, 10) == 1
    put(cache, *numbered(300))
    assert cache.stats.evicted == 0


def test_what_cannot_be_deleted_is_tried_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which does not delete what somebody reads."""
    cache = make(max_entries=2)
    put(cache, "stuck", "other")
    stuck = cache.responses._path("stuck")

    def refuse(path: str) -> bool:
        if path == stuck:
            raise PermissionError(path)
        return remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "remove", refuse)
        put(cache, *numbered(3))
    assert Path(stuck).exists()
    put(cache, *numbered(6))
    assert len(kept(cache)) == 2


def test_long_keys_go_with_their_values(make: Make, tmp_path: Path) -> None:
    cache = make(max_entries=2)
    put(cache, *("x" * 300 + str(number) for number in range(5)))
    assert len(list(tmp_path.rglob("*.key"))) == 2


def test_a_body_in_pieces_makes_room_as_it_grows(make: Make, tmp_path: Path) -> None:
    cache = make(max_size=SIZE)
    put(cache, *numbered(35), size=100_000)
    writer = cache.create_body()
    for _ in range(30):
        writer.write(bytes(100_000))
        assert disk(tmp_path) <= SIZE * 1.05
    with pytest.raises(StorageFullError, match="no room within max_size"):
        cache.create_body().write(bytes(1_500_000))
    writer.commit("large", Entry(b"head"))
    assert "large" in kept(cache)
    put(cache, *numbered(60), size=100_000)
    assert "large" not in kept(cache)


@pytest.mark.parametrize("file", ["responses/index.bin.sqlite", "redirects.sqlite"])
def test_a_log_that_grew_beside_a_reader_takes_no_room_afterwards(
    make: Make, tmp_path: Path, file: str
) -> None:
    """Nothing that can be evicted would make room; threads read beside each other all the time."""
    cache = make(max_size=1_000_000)
    [path] = tmp_path.rglob(Path(file).name)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
    log = path.with_name(f"{path.name}-wal")
    while log.stat().st_size < 400_000:
        put(cache, "key", size=20_000)
        cache.redirects["key"] = "elsewhere"
    reader.close()
    put(cache, "large", size=590_000)
    assert kept(cache)[-1] == "large"
    assert disk(tmp_path) <= 1_000_000


@pytest.mark.parametrize("bounds", [{"max_size": SIZE}, {"max_entries": 100}])
@pytest.mark.parametrize("failures", [1, 2])
def test_on_a_full_disk_files_go_although_the_bound_allows_more(
    make: Make, monkeypatch: pytest.MonkeyPatch, failures: int, bounds: dict[str, int]
) -> None:
    cache, left = make(**bounds), failures
    put(cache, *numbered(10), size=100_000)
    write_all = files._write_all

    def fail(file: int, pieces: Sequence[bytes]) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_all(file, pieces)

    monkeypatch.setattr(files, "_write_all", fail)
    if failures == 1:
        put(cache, "new", size=250_000)
        assert "new" in kept(cache)
    else:
        with pytest.raises(StorageFullError, match="the disk is full"):
            put(cache, "new", size=250_000)
        assert "new" not in kept(cache)
    gone = len(set(numbered(10)) - set(kept(cache)))
    assert gone == (3 if "max_size" in bounds else 0)
    left = 0
    put(cache, "last", size=250_000)
    assert "last" in kept(cache)


def test_readable_files_have_bounds_too(make: Make) -> None:
    cache = make(serializer="json", max_entries=3)
    for number in range(5):
        writer = cache.create_body()
        writer.write(b"body")
        writer.commit(f"key-{number}", Entry(b"{}"))
    assert kept(cache) == ["key-2", "key-3", "key-4"]


def test_a_new_head_does_not_count_twice(make: Make) -> None:
    cache = make(max_size=SIZE)
    put(cache, "small")
    put(cache, "large", size=1_500_000)
    for number in range(10):
        for key in ("small", "large"):
            cache.responses.rewrite_head(key, Entry(b"head %d" % number))
    assert kept(cache) == ["large", "small"]
    assert cache.stats.evicted == 0


@pytest.mark.parametrize("seed", range(20))
def test_files_go_in_the_order_in_which_any_store_of_ours_evicts(seed: int, tmp_path: Path) -> None:
    """Several are looked up at once, some of which were read, some written again, some deleted."""
    rng = random.Random(seed)
    databases = [Database(tmp_path / f"{name}.sqlite", fast_save=True) for name in ("one", "other")]
    orders = Order(TABLE), OldestOrder()
    for database in databases:
        database.add_schema(create_index)
    for _ in range(30):
        known = [str(rng.randrange(60)) for _ in range(rng.randrange(30))]
        sizes = {key: rng.choice([1, 2, 3, None]) for key in known}
        read = [str(rng.randrange(60)) for _ in range(rng.randrange(20))]
        count = rng.randrange(20)
        gone: list[list[str]] = []
        for database, order in zip(databases, orders, strict=True):
            with database.transaction() as connection:
                note_sizes(connection, sizes)
                order.note(connection, read)
                order.write(connection)
                gone.append(_evict(order, connection, count))
        assert gone[0] == gone[1]
    for database in databases:
        database.close()


def _evict(order: Order, connection: sqlite3.Connection, count: int) -> list[str]:
    gone: list[str] = []
    while len(gone) < count:
        if isinstance(order, OldestOrder):
            some = [key for key, _ in order.take(connection, count - len(gone), 0)]
        else:
            one = order.evict(connection)
            some = [] if one is None else [one]
        if not some:
            break
        gone += some
    return gone


def test_a_file_is_evicted_with_one_statement_beside_those_that_find_several(make: Make) -> None:
    cache, statements = make(max_entries=1000), list[str]()
    put(cache, *numbered(1000))
    responses = cache.responses
    assert isinstance(responses, BoundedFileDict)
    before = cache.stats.evicted
    responses._db.connect().set_trace_callback(statements.append)
    put(cache, *(f"new-{name}" for name in numbered(1000)))
    evicted = cache.stats.evicted - before
    assert evicted > 900
    # That a trigger runs is told as its statement again.
    assert len({text for text in statements if text.startswith("DELETE")}) == evicted
    assert sum(text.startswith("SELECT") for text in statements) < evicted * 1.2
