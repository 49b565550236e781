"""Large bodies in pieces: what happens when the table changes under a reader or a writer."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from requests_cache._store.entry import DAMAGED
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbDict, bodies, statements
from requests_cache.errors import StorageError, StorageTimeoutError, ValueTooLargeError

MEGABYTE = 1024 * 1024
ENTRY = Entry(b"head", b"", 2_000_000_000.0)
LARGE = bytes(range(256)) * 8192  # 2 MB


@pytest.fixture
def table(tmp_path: Path) -> DbDict:
    return DbDict(tmp_path / "file", "things")


def change(table: DbDict, *statements: str) -> None:
    """Change the file as another program would."""
    connection = sqlite3.connect(table.db_path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


# Writing


def test_a_download_during_which_the_table_is_cleared_is_given_up(table: DbDict) -> None:
    writer = table.create_body()
    table.clear()
    with pytest.raises(StorageError, match="cleared during a download"):
        writer.write(LARGE)
    other = table.create_body()
    with pytest.raises(StorageError, match="cleared during a download"):
        writer.commit("key", ENTRY)
    writer.abort()
    other.write(LARGE)
    other.commit("key", ENTRY)
    assert list(table) == ["key"]


def test_a_table_of_notes_that_is_not_ours_is_an_error(table: DbDict) -> None:
    writer = table.create_body()
    change(table, 'DROP TABLE "things_pending"', 'CREATE TABLE "things_pending" (other)')
    with pytest.raises(StorageError, match="no such column"):
        writer.write(LARGE)


def test_a_body_of_too_many_segments_is_refused(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_SEGMENTS", 2)
    writer = table.create_body()
    writer.write(LARGE)
    with pytest.raises(ValueTooLargeError, match="at most 1 TB"):
        writer.write(bytes(MEGABYTE))
    writer.abort()
    assert list(table) == []


def test_what_a_dead_writer_has_left_is_deleted_by_the_next_one(table: DbDict) -> None:
    writer = table.create_body()
    writer.write(LARGE)
    # No system gives a process this number.
    change(table, "UPDATE things_pending SET process = 1073741824")
    table.create_body().abort()
    assert table._db.connect().execute("SELECT count(*) FROM things_bodies").fetchone() == (0,)
    writer.abort()


# Who is alive


def test_a_machine_without_namespaces_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path) -> Path:
        raise OSError("no /proc here")

    with_namespace = statements.here()
    monkeypatch.setattr(Path, "readlink", fail)
    assert with_namespace.startswith(statements.here())
    assert statements.here()


def test_a_process_is_alive_if_it_may_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may belong to another user, or to a system where asking would end it."""

    def refuse(process: int, signal: int) -> None:
        raise PermissionError

    assert statements._is_alive(os.getpid())
    monkeypatch.setattr(os, "kill", refuse)
    assert statements._is_alive(1)
    monkeypatch.setattr(statements, "os", SimpleNamespace(name="nt"))
    assert statements._is_alive(1)


# Reading


def test_a_body_in_a_transaction_is_read_in_that_transaction(table: DbDict) -> None:
    with table.bulk_commit():
        table.write("key", ENTRY._replace(body=LARGE))
        opened = table.open_body("key")
        assert opened is not None
        with opened[1] as file:
            same = file.read() == LARGE
    assert same


@pytest.mark.parametrize("body", [None, b"small"])
def test_a_body_that_goes_while_it_is_opened_is_what_there_is_then(
    table: DbDict, monkeypatch: pytest.MonkeyPatch, body: bytes | None
) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    open_reader = table._db.open_reader

    def open_late() -> Any:
        table.discard("key")
        if body is not None:
            table.write("key", ENTRY._replace(body=body))
        return open_reader()

    monkeypatch.setattr(table._db, "open_reader", open_late)
    opened = table.open_body("key")
    assert (opened and (opened[0], opened[1].read())) == (body and (ENTRY, body))


@pytest.mark.parametrize("is_to_be_copied", [False, True])
def test_a_file_that_is_damaged_meanwhile_is_an_error_of_the_body(
    table: DbDict, is_to_be_copied: bool
) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    table.vacuum()
    opened = table.open_body("key")
    assert opened is not None
    if is_to_be_copied:
        table.discard("key")
    with Path(table.db_path).open("r+b") as file:
        file.seek(16 * 1024)
        file.write(bytes(MEGABYTE))
    table._db.readers._move_each()
    with opened[1] as body, pytest.raises(OSError, match="the stored body cannot be read"):
        body.read()


def test_a_body_that_another_thread_closes_meanwhile_is_closed(table: DbDict) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    opened = table.open_body("key")
    assert opened is not None
    opened[1].close()
    with pytest.raises(ValueError, match="closed"):
        cast("Any", opened[1])._fetch_now(0, 1)


def test_a_body_that_is_neither_bytes_nor_rows_is_damaged(table: DbDict) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    change(table, "UPDATE things SET body = 'neither'")
    opened = table.open_body("key")
    assert (opened and (opened[0], opened[1].read())) == (DAMAGED, b"")


def test_bodies_whose_table_is_gone_are_an_error(table: DbDict) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    change(table, 'DROP TABLE "things_bodies"')
    with pytest.raises(StorageError):
        table.read("key")


def test_a_reader_is_closed_if_the_table_is_not_ours(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write("key", ENTRY._replace(body=LARGE))
    open_reader = table._db.open_reader
    readers: list[sqlite3.Connection] = []

    def open_late() -> sqlite3.Connection | None:
        change(table, 'DROP TABLE "things"')
        reader = open_reader()
        assert reader is not None
        readers.append(reader)
        return reader

    monkeypatch.setattr(table._db, "open_reader", open_late)
    with pytest.raises(StorageError):
        table.open_body("key")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        readers[0].execute("SELECT 1")


# Space and leases


def test_a_sweep_gives_back_what_is_free_a_little_at_a_time(table: DbDict) -> None:
    for number in range(8):
        table.write(str(number), Entry(b"head", LARGE, 100.0, 200.0))
    table.vacuum()
    full = Path(table.db_path).stat().st_size
    sizes = []
    for _ in range(3):
        table.sweep(300.0, 3)
        change(table, "PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(Path(table.db_path).stat().st_size)
    assert list(table) == []
    assert full > sizes[0] > sizes[1] > sizes[2] > 0


def test_a_table_of_leases_that_is_not_ours_is_an_error(table: DbDict) -> None:
    change(table, 'CREATE TABLE "things_leases" (other)')
    with pytest.raises(StorageError, match="no such column"):
        table.lease("key", 10)


def test_who_waited_for_a_lock_in_vain_does_not_wait_again_to_tidy_up(tmp_path: Path) -> None:
    storage = DbDict(tmp_path / "c", timeout=0.01)
    writer = storage.create_body()
    writer.write(bytes(2 * bodies.SEGMENT))
    with storage._db.connect() as connection, sqlite3.connect(tmp_path / "c.sqlite") as other:
        other.execute("BEGIN IMMEDIATE")
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        with pytest.raises(StorageTimeoutError):
            writer.write(bytes(bodies.SEGMENT))
        before = len(asked)
        writer.abort()
        assert len(asked) == before
        connection.set_trace_callback(None)
        other.rollback()
    other.close()
    assert storage.read("key") is None
