"""A SQLite file with bounds: its size, its order, and what others do to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from requests import Request
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbCache
from requests_cache.backends.sqlite.bounded import LogLimit
from requests_cache.errors import ConfigurationError, StorageError, StorageFullError

SIZE = 4_000_000
Make = Callable[..., DbCache]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda **options: DbCache(tmp_path / "cache", **options)


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def put(cache: DbCache, *names: str, size: int = 100) -> None:
    for name in names:
        cache.responses.write(name, Entry(b"head", bytes(size)))


def numbered(count: int, letter: str = "k") -> list[str]:
    return [f"{letter}{number:04}" for number in range(count)]


def tables(cache: DbCache) -> set[str]:
    with cache.responses.connection() as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {name for (name,) in rows}


def test_a_bound_below_what_an_empty_file_takes_is_refused(make: Make) -> None:
    with pytest.raises(ConfigurationError, match=r"max_size=999999: .*at least 1000000"):
        make(max_size=999_999)


def test_all_files_stay_within_the_bound_from_the_smallest_on(make: Make, tmp_path: Path) -> None:
    cache, largest = make(max_size=1_000_000), 0
    for number in range(200):
        put(cache, f"key{number}", size=1000 * (number % 40 + 1))
        largest = max(largest, disk(tmp_path))
    # Three pages of locks and schema are much at this size.
    assert 800_000 < largest <= 1_000_000 * 1.1
    cache.close()


@pytest.mark.parametrize("way", ["expired", "keys"])
def test_deleting_much_stays_within_the_bound(way: str, make: Make, tmp_path: Path) -> None:
    """What it changes goes through the -wal file, whose length is part of the bound."""
    cache = make(max_size=SIZE)
    for number in range(2000):
        # Keys that are not in order, and two responses on most pages, of which one stays.
        entry = Entry(b"head", bytes(2800), 100.0 + 200.0 * (number % 2))
        cache.responses.write(f"{number * 7919 % 10007:05}", entry)
    keys = list(cache.responses)
    if way == "expired":
        assert cache.responses.delete_expired(200.0) == len(keys) // 2
    else:
        cache.responses.bulk_delete(keys[::2])
    assert len(cache.responses) == len(keys) // 2 > 400
    assert disk(tmp_path) <= SIZE * 1.05
    cache.close()


def test_deleting_many_redirects_stays_within_the_bound(make: Make, tmp_path: Path) -> None:
    cache = make(max_size=SIZE)
    for number in range(2500):
        cache.redirects.write(f"{number * 7919 % 10007:05}", Entry(b"head", bytes(1000)))
    keys = list(cache.redirects)
    cache.redirects.bulk_delete(keys[::2])
    assert len(cache.redirects) == len(keys) // 2 > 1000
    assert disk(tmp_path) <= SIZE * 1.05
    cache.close()


def test_who_reads_a_body_keeps_nothing_from_being_deleted(make: Make) -> None:
    """An answer that is out of date has to go, even if the -wal file cannot become shorter."""
    cache = make(max_size=4 * SIZE)
    put(cache, "large", size=5_000_000)
    opened = cache.responses.open_body("large")
    assert opened is not None
    with pytest.raises(StorageFullError, match="that is being read"):
        put(cache, *numbered(1000), size=20_000)
    cache.responses.bulk_delete(["k0000", "k0001"])
    assert "k0000" not in cache.responses
    assert len(opened[1].read()) == 5_000_000
    opened[1].close()
    cache.close()


def test_a_hit_within_bounds_is_one_select(make: Make) -> None:
    cache = make(max_size=SIZE, max_entries=10)
    put(cache, "key")
    statements: list[str] = []
    with cache.responses.connection() as connection:
        connection.set_trace_callback(statements.append)
        assert cache.responses.read("key") is not None
        connection.set_trace_callback(None)
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_without_bounds_no_table_is_made_for_them(make: Make) -> None:
    cache = make()
    before = tables(cache)
    put(cache, *numbered(30))
    cache.responses.read("k0001")
    assert tables(cache) == before
    assert not any("touched" in name for name in before)


def test_getting_a_value_counts_as_using(make: Make) -> None:
    cache = make(max_entries=3)
    for number in range(3):
        cache.responses[f"key{number}"] = number
    assert cache.responses["key0"] == 0
    cache.responses["key3"] = 3
    assert list(cache.responses) == ["key0", "key2", "key3"]


def test_reading_many_counts_as_using(make: Make) -> None:
    cache = make(max_entries=3)
    put(cache, "a", "b", "c")
    assert [key for key, _ in cache.responses.read_many(["a", "b"])] == ["a", "b"]
    put(cache, "d")
    assert list(cache.responses) == ["a", "b", "d"]


def test_a_process_that_only_reads_tells_the_others(make: Make) -> None:
    """After a thousand different keys, what it read is not evicted by them."""
    writer, reader = make(max_entries=1100), make(max_entries=1100)
    put(writer, *numbered(1100))
    for key in numbered(1000):
        assert reader.responses.read(key) is not None
    put(writer, *numbered(50, "new"))
    assert all(key in writer.responses for key in numbered(1000))


def test_hits_outlive_a_clear_by_somebody_else(make: Make) -> None:
    cache, other = make(max_entries=3), make()
    for _ in range(2):
        put(cache, "a", "b", "c")
        cache.responses.read("a")
        put(cache, "d")
        assert list(cache.responses) == ["a", "c", "d"]
        other.clear()


def test_values_that_were_read_and_deleted_do_not_hinder(make: Make) -> None:
    cache = make(max_entries=4)
    put(cache, "a", "b", "c", "d")
    for key in "abc":
        cache.responses.read(key)
    put(cache, "e")
    cache.responses.bulk_delete(["a", "b"])
    put(cache, "f", "g", "h", "i")
    assert list(cache.responses) == ["f", "g", "h", "i"]


def test_of_values_that_were_all_read_the_first_one_goes(make: Make) -> None:
    cache = make(max_entries=2)
    put(cache, "a", "b", "c", "d")
    for key in ("d", "c"):
        cache.responses.read(key)
    put(cache, "e")
    assert list(cache.responses) == ["c", "e"]


def test_a_body_that_was_begun_early_is_as_young_as_its_end(make: Make) -> None:
    cache = make(max_entries=3)
    writer = cache.create_body()
    writer.write(bytes(100_000))
    put(cache, "a", "b")
    writer.commit("late", Entry(b"head"))
    put(cache, "c")
    assert sorted(cache.responses) == ["b", "c", "late"]
    put(cache, "d", "e", "f")
    assert sorted(cache.responses) == ["d", "e", "f"]


def test_a_file_that_was_larger_becomes_smaller(make: Make, tmp_path: Path) -> None:
    free = make()
    put(free, *numbered(100), size=100_000)
    free.close()
    assert disk(tmp_path) > SIZE * 2
    cache = make(max_size=SIZE)
    assert disk(tmp_path) <= SIZE * 1.05
    assert len(cache.responses) > 20
    assert cache.stats.evicted == 100 - len(cache.responses)
    assert "k0099" in cache.responses
    cache.close()


def test_a_damaged_file_can_be_opened_with_bounds(make: Make, tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").write_bytes(b"garbage" * 5000)
    cache = make(max_size=SIZE)
    cache.clear()
    put(cache, "key")
    assert list(cache.responses) == ["key"]


def test_redirects_alone_do_not_outgrow_the_bound(make: Make, tmp_path: Path) -> None:
    """Redirects to one response take room like all else; when it is gone, so are they."""
    cache = make(max_size=1_000_000)
    put(cache, "target")
    with cache.redirects.bulk_commit():
        for number in range(3000):
            cache.redirects.write(f"{number:0500}", Entry(*cache.serializer.encode("target")))
    assert disk(tmp_path) < 5_000_000
    assert len(cache.redirects) < 3000
    put(cache, "after")
    assert "after" in cache.responses


@pytest.mark.parametrize("share", [0.3, 0.45, 0.6, 0.75])
def test_a_value_that_is_not_too_large_has_room(make: Make, share: float) -> None:
    """It is written in segments, and counts once; what others write at once comes in turn."""
    cache = make(max_size=SIZE)
    names = numbered(8)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: put(cache, name, size=int(SIZE * share)), names))
    put(cache, "last", size=int(SIZE * share))
    assert "last" in cache.responses


def test_what_is_being_written_is_not_evicted(make: Make) -> None:
    """Two bodies in pieces that do not fit together: the second one is refused, the first stays."""
    cache = make(max_size=SIZE)
    put(cache, "key")
    first, second = cache.create_body(), cache.create_body()
    first.write(bytes(SIZE // 2))
    with pytest.raises(StorageFullError, match="no room within max_size"):
        second.write(bytes(SIZE // 2))
    second.abort()
    first.commit("first", Entry(b"head"))
    found = cache.responses.read("first")
    assert found is not None
    assert len(found.body) == SIZE // 2


def test_a_long_log_is_waited_for_until_its_reader_is_done(make: Make, tmp_path: Path) -> None:
    """A body that is being read keeps the -wal file: then nothing is stored, and read all right."""
    cache = make(max_size=SIZE * 4, timeout=0.1)
    put(cache, "large", size=5_000_000)
    opened = cache.responses.open_body("large")
    assert opened is not None
    with opened[1] as body:
        body.read(10)
        with pytest.raises(StorageFullError, match="until a body that is being read is closed"):
            put(cache, *numbered(100), size=100_000)
        assert len(body.read()) == 5_000_000 - 10
        assert disk(tmp_path) <= SIZE * 4 * 1.05
    put(cache, "more", size=100_000)
    assert "more" in cache.responses


def test_a_log_that_grows_at_the_last_moment_is_cut_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, other = make(max_size=SIZE), make()
    cut, calls = LogLimit.cut, [0]

    def cut_and_grow(self: Any, patience: float) -> None:
        cut(self, patience)
        calls[0] += 1
        if calls[0] == 1:
            put(other, "other", size=1_500_000)

    monkeypatch.setattr(LogLimit, "cut", cut_and_grow)
    put(cache, "key")
    assert calls == [2]
    assert sorted(cache.responses) == ["key", "other"]


def test_bounds_hold_without_a_log(tmp_path: Path) -> None:
    """Without WAL, and without a file, bodies go in whole."""
    for options in ({"wal": False}, {"use_memory": True}):
        cache = DbCache(tmp_path / "cache", max_size=SIZE, **options)
        for key in numbered(30):
            writer = cache.create_body()
            writer.write(bytes(300_000))
            writer.commit(key, Entry(b"head"))
        assert 5 < len(cache.responses) < 13
        cache.close()


def test_many_large_bodies_in_one_transaction_of_the_caller(make: Make) -> None:
    cache = make(max_size=SIZE)
    with cache.responses.bulk_commit():
        put(cache, *numbered(60), size=100_000)
    assert 20 < len(cache.responses) < 40
    cache.responses.write_many((key, Entry(b"head", bytes(100_000))) for key in numbered(60, "m"))
    assert "m0059" in cache.responses


def test_a_write_that_fails_leaves_all_as_it_was(make: Make) -> None:
    cache = make(max_entries=3)
    put(cache, "a", "b", "c")
    wrong: Any = object()
    with pytest.raises(StorageError):
        cache.responses.write("d", Entry(b"head", b"", wrong))
    assert list(cache.responses) == ["a", "b", "c"]
    put(cache, "e", "f")
    assert list(cache.responses) == ["c", "e", "f"]


def test_redirects_are_written_within_the_bound(make: Make) -> None:
    cache = make(max_size=SIZE)
    put(cache, "target")
    cache.save_redirect(Request("GET", "http://127.0.0.1/").prepare(), "target")
    assert len(cache.redirects) == 1
