"""Deleting what has expired and giving the space back at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from requests import Request
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbCache, DbDict
from requests_cache.errors import StorageError

LARGE = bytes(150_000)
NOW = 100.0


@pytest.fixture
def table(tmp_path: Path) -> Iterator[DbDict]:
    table = DbDict(tmp_path / "file", "it's")
    yield table
    table.close()


def fill(table: DbDict, count: int, body: bytes = b"body") -> None:
    """Store values of which every other one has expired."""
    with table.bulk_commit():
        for number in range(count):
            expires = (NOW - 1, NOW + 1, None)[min(number % 4, 2)] if number % 2 else NOW
            table.write(f"{number:03}", Entry(b"head", body, expires, NOW + 5))


def schema(table: DbDict) -> set[tuple[str, str]]:
    with table.connection() as connection:
        return set(connection.execute("SELECT type, name FROM sqlite_schema").fetchall())


def test_what_has_not_expired_stays_as_it_was_and_in_its_order(table: DbDict) -> None:
    fill(table, 20)
    fill(table, 9, LARGE)
    before = [(key, entry) for key, entry in table.scan(bodies=True) if int(key) % 2]
    assert table.purge(NOW) == 10
    assert list(table.scan(bodies=True)) == before
    assert table.count_unexpired(NOW) == len(table) == len(before)


def test_bodies_of_what_has_expired_go_and_others_stay(table: DbDict) -> None:
    fill(table, 4, LARGE)
    table.purge(NOW)
    with table.connection() as connection:
        (rows,) = connection.execute('SELECT count(*) FROM "it\'s_bodies"').fetchone()
    assert rows == 2
    assert dict(table.scan(bodies=True))["001"].body == LARGE
    table.clear()


def test_the_table_has_the_same_indexes_and_triggers_afterwards(table: DbDict) -> None:
    fill(table, 4)
    before = schema(table)
    table.purge(NOW)
    assert schema(table) == before


@pytest.mark.parametrize("expires", [NOW, None])
def test_an_id_is_not_used_again(expires: float | None, table: DbDict) -> None:
    def last() -> int:
        with table.connection() as connection:
            return int(connection.execute('SELECT max(id) FROM "it\'s"').fetchone()[0])

    for key in "ab":
        table.write(key, Entry(b"head", b"body", expires))
    largest = last()
    table.purge(NOW)
    table["c"] = 1
    assert last() == largest + 1


def test_a_table_that_was_never_written_to_can_be_purged(table: DbDict) -> None:
    assert table.purge(NOW) == 0
    table["a"] = 1
    assert dict(table) == {"a": 1}


def test_a_body_that_is_being_written_is_not_disturbed(table: DbDict) -> None:
    fill(table, 4, LARGE)
    writer = table.create_body()
    writer.write(bytes(1_500_000))
    table.purge(NOW)
    writer.write(b"end")
    writer.commit("new", Entry(b"head"))
    entry = table.read("new")
    assert entry is not None
    assert entry.body == bytes(1_500_000) + b"end"


def test_a_body_that_is_being_read_stays_what_it_was(table: DbDict) -> None:
    table.write("a", Entry(b"head", bytes(3_000_000), NOW))
    opened = table.open_body("a")
    assert opened is not None
    with opened[1] as file:
        with table.connection() as connection:
            connection.execute("PRAGMA busy_timeout=0").fetchone()
        table.purge(NOW)
        assert file.read() == bytes(3_000_000)
    assert "a" not in table


def test_other_threads_read_and_write_on(table: DbDict) -> None:
    fill(table, 4)
    seen = []

    def work(purge: bool) -> None:
        table["other"] = "thread"
        if purge:
            table.purge(NOW)
        seen.append(table["other"])

    assert table.read("001") is not None
    for purge in (True, False):
        thread = Thread(target=work, args=(purge,))
        thread.start()
        thread.join()
        assert table.read("000") is None
        assert table.read("001") is not None
    assert seen == ["thread"] * 2


def test_in_a_transaction_nothing_can_be_purged_and_nothing_is_lost(table: DbDict) -> None:
    fill(table, 4)
    with pytest.raises(StorageError, match="VACUUM"), table.bulk_commit():
        table.purge(NOW)
    assert len(table) == 4
    with table.connection() as connection:
        assert connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (1000,)


@pytest.mark.parametrize("bounds", [{}, {"max_size": 8_000_000}])
def test_the_file_of_a_cache_becomes_smaller_and_redirects_to_nowhere_go(
    bounds: dict[str, Any], tmp_path: Path
) -> None:
    cache = DbCache(tmp_path / "cache", **bounds)
    for number in range(200):
        cache.responses.write(str(number), Entry(b"head", bytes(20_000), 1.0 if number else None))
    for number in (0, 1):
        cache.save_redirect(Request("GET", f"http://127.0.0.1/{number}").prepare(), str(number))
    cache.delete(expired=True, vacuum=True)
    assert list(cache.responses) == ["0"]
    assert len(cache.redirects) == 1
    assert (tmp_path / "cache.sqlite").stat().st_size < 300_000
    cache.close()


def test_space_is_given_back_whatever_is_deleted(tmp_path: Path) -> None:
    cache = DbCache(tmp_path / "cache")
    cache.responses.write("a", Entry(b"head", bytes(2_000_000)))
    cache.delete("a", vacuum=True)
    assert (tmp_path / "cache.sqlite").stat().st_size < 300_000
    cache.close()


def test_a_file_that_was_purged_is_whole(table: DbDict) -> None:
    fill(table, 400, bytes(3000))
    table.purge(NOW)
    table.close()
    connection = sqlite3.connect(table.db_path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
