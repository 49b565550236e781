"""Threads, processes and locks."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from requests_cache.backends.sqlite import DbCache, DbDict
from requests_cache.errors import StorageTimeoutError

LARGE = b"l" * 150_000


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock of a file, as another process might."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.parametrize("value", [1, LARGE])
def test_the_timeout_is_honoured_while_another_one_writes(value: object, tmp_path: Path) -> None:
    """The first ask of users: neither an endless loop nor an error at once."""
    table = DbDict(tmp_path / "file", timeout=0.2)
    table["a"] = "old"
    with locked(tmp_path / "file.sqlite"):
        start = monotonic()
        with pytest.raises(StorageTimeoutError, match="raise `timeout`"):
            table["a"] = value
        assert 0.15 < monotonic() - start < 2
        assert table["a"] == "old"
    table["a"] = value
    assert table["a"] == value


def test_a_file_that_is_locked_is_not_replaced_by_clear(tmp_path: Path) -> None:
    cache = DbCache(tmp_path / "file", timeout=0.05)
    cache.responses["a"] = 1
    with locked(tmp_path / "file.sqlite"), pytest.raises(StorageTimeoutError):
        cache.clear()
    assert cache.responses["a"] == 1
    cache.clear()
    assert len(cache.responses) == 0


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file", timeout=0.05)
    table["a"] = 1
    with locked(tmp_path / "file.sqlite"):
        assert dict(table) == {"a": 1}
        assert dict(DbDict(tmp_path / "file", timeout=0.05)) == {"a": 1}


def test_a_vacuum_goes_round_a_reader(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file", timeout=0.05)
    table["a"] = LARGE
    reader = sqlite3.connect(tmp_path / "file.sqlite")
    cursor = reader.execute("SELECT * FROM http_cache")
    cursor.fetchone()
    table.clear()
    assert len(table) == 0
    reader.close()


def test_many_threads_write_and_read_one_file(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file")

    def work(thread: int) -> int:
        for number in range(25):
            table[f"{thread} {number}"] = LARGE if number % 10 == 0 else number
            assert table[f"{thread} {number}"] is not None
        return sum(1 for key in table if key.startswith(f"{thread} "))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [25] * 8
    assert len(table) == 200


def test_a_transaction_of_one_thread_is_not_seen_by_another_until_it_ends(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file")
    with ThreadPoolExecutor(1) as other:
        with table.bulk_commit():
            table["a"] = 1
            assert other.submit(len, table).result() == 0
        assert other.submit(len, table).result() == 1


def test_the_connection_of_a_thread_ends_with_it(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file")
    table["a"] = 1
    opened = _count_opened(tmp_path)
    for number in range(10):
        thread = Thread(target=table.__setitem__, args=("b", number))
        thread.start()
        thread.join()
    # SQLite keeps a descriptor of a file that is locked, and takes it for the next connection.
    assert _count_opened(tmp_path) <= opened + 1


def test_closing_ends_the_connections_of_all_threads(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file")
    with ThreadPoolExecutor(1) as other:
        other.submit(table.__setitem__, "a", 1).result()
        table.close()
        assert not _count_opened(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file.sqlite"]
        assert other.submit(table.__getitem__, "a").result() == 1
    assert table["a"] == 1


PROGRAM = """
import sys
from requests_cache.backends.sqlite import DbDict
table = DbDict(sys.argv[1])
for number in range(50):
    table[f"{sys.argv[2]} {number}"] = number
print(len([key for key in table if key.startswith(sys.argv[2])]))
"""


def test_processes_share_a_file(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "file"), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["50"] * 3
    assert len(DbDict(tmp_path / "file")) == 150


def _use_in_child(table: DbDict) -> None:
    """Fail, which the exit code tells, unless the child has a connection of its own."""
    opened = _count_opened(Path(table.db_path).parent)
    assert table["parent"] == 1
    assert _count_opened(Path(table.db_path).parent) > opened
    table["child"] = LARGE
    table.close()
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_does_not_use_the_connections_of_its_parent(tmp_path: Path) -> None:
    table = DbDict(tmp_path / "file")
    table["parent"] = 1
    child = multiprocessing.get_context("fork").Process(target=_use_in_child, args=(table,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert table["child"] == LARGE
    table["parent"] = 2
    assert DbDict(tmp_path / "file")["parent"] == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_leaves_the_connections_of_its_parent_open(tmp_path: Path) -> None:
    """Closing one in the child may take the file from under its parent."""
    table = DbDict(tmp_path / "file")
    table["a"] = 1
    reader = table._db.open_reader()
    assert reader is not None
    opened = _count_opened(tmp_path)
    assert opened
    child = os.fork()
    if child == 0:
        table.close()
        del reader
        gc.collect()
        os._exit(_count_opened(tmp_path) != opened)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert table["a"] == 1
    reader.close()
    table.close()
    assert not _count_opened(tmp_path)


def _count_opened(folder: Path) -> int:
    """Count the files of a folder that this process has open."""
    opened = 0
    for link in Path("/dev/fd").iterdir():
        with suppress(OSError):
            opened += link.readlink().is_relative_to(folder)
    return opened


_CLOSED_IN_USE = """
import sys, threading, time
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import SQLiteDict

options = {"use_memory": True} if sys.argv[1] == "memory" else {}
table = SQLiteDict(sys.argv[1], **options)
raised = []

def work(number):
    try:
        while not ended.is_set():
            table["key"] = "x" * 1000
            table.get("key")
            table.write_many((f"{number}/{i}", Entry(b"head", b"body")) for i in range(5))
            if not options:
                body = table.create_body()
                body.write(b"x" * 100_000)
                body.commit(str(number), Entry(b"head", b""))
            list(table)
    except BaseException as error:
        raised.append(error)
        raise

ended = threading.Event()
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for _ in range(40):
    time.sleep(0.002)
    table.close()
ended.set()
for thread in threads:
    thread.join()
sys.exit(bool(raised))
"""


@pytest.mark.parametrize("place", ["file", "memory"])
def test_closing_while_threads_work_is_no_crash(place: str, tmp_path: Path) -> None:
    """A connection that is closed while another thread is in it takes the process down."""
    name = str(tmp_path / "file") if place == "file" else place
    subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _CLOSED_IN_USE, name], check=True, timeout=120
    )


def test_closing_waits_for_a_transaction(tmp_path: Path) -> None:
    """What a thread does in one transaction is not divided between two connections."""
    table = DbDict(tmp_path / "file")
    begun, closed = Event(), Event()

    def work() -> None:
        with table.bulk_commit():
            table["a"] = 1
            begun.set()
            closed.wait(0.2)
            table["b"] = 2

    thread = Thread(target=work)
    thread.start()
    begun.wait(10)
    table.close()
    closed.set()
    thread.join()
    assert dict(table) == {"a": 1, "b": 2}
