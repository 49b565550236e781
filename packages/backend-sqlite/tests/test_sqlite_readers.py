"""A body that is opened and left lying does not let the `-wal` file grow without end."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

import pytest
from requests_cache import CachedSession
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbDict
from requests_cache.backends.sqlite.connection import Readers
from requests_cache.testing.origin import Answer, Origin, Request

MEGABYTE = 1024 * 1024
BODY = random.Random(1).randbytes(5 * MEGABYTE + 17)
OTHER = random.Random(2).randbytes(MEGABYTE)
LIMIT = 35 * MEGABYTE


@pytest.fixture
def table(tmp_path: Path) -> Iterator[DbDict]:
    table = DbDict(tmp_path / "things", "things")
    yield table
    table.close()


def open_body(table: DbDict, key: str = "read") -> BinaryIO:
    opened = table.open_body(key)
    assert opened is not None
    return opened[1]


def write_much(table: DbDict) -> int:
    """Write sixty megabytes; give how long the file has become at most."""
    log = Path(f"{table.db_path}-wal")
    longest = 0
    for number in range(60):
        table.write(f"other {number % 3}", Entry(b"head", OTHER))
        table._db.readers.wait()
        longest = max(longest, log.stat().st_size)
    return longest


CHANGES: dict[str, Callable[[DbDict], object]] = {
    "kept": lambda table: None,
    "replaced": lambda table: table.write("read", Entry(b"head", BODY[::-1])),
    "made small": lambda table: table.write("read", Entry(b"head", b"small")),
    "deleted": lambda table: table.discard("read"),
    "cleared": lambda table: table.clear(),
}


@pytest.mark.parametrize(
    ("change", "position"),
    [(change, 1000) for change in CHANGES]
    + [("deleted", 0), ("deleted", 2 * MEGABYTE), ("deleted", len(BODY))],
)
def test_an_open_body_is_read_to_its_end_and_the_log_stays_short(
    table: DbDict, change: str, position: int
) -> None:
    table.write("read", Entry(b"head", BODY))
    body = open_body(table)
    begun = body.read(position)
    CHANGES[change](table)
    assert write_much(table) < LIMIT
    is_same = begun + body.read() == BODY
    assert is_same
    body.seek(MEGABYTE - 5)
    assert body.read(10) == BODY[MEGABYTE - 5 : MEGABYTE + 5]
    body.close()
    table.close()
    with pytest.raises(ValueError, match="closed"):
        body.read(1)


def test_the_log_is_cut_when_a_writer_that_wrote_it_back_is_done(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the disk, so that for several attempts nobody else can write it back."""
    move_off, held = Readers._move_off, iter(range(20))
    monkeypatch.setattr(
        Readers, "_move_off", lambda *of: move_off(*of) if next(held, None) is None else None
    )
    table.write("read", Entry(b"head", BODY))
    body = open_body(table)
    begun = body.read(1000)
    assert write_much(table) < LIMIT
    is_same = begun + body.read() == BODY
    assert is_same


def test_several_bodies_are_open_and_some_are_forgotten(table: DbDict) -> None:
    for number in range(4):
        table.write(f"read {number}", Entry(b"head", BODY[number:]))
    bodies = [open_body(table, f"read {number}") for number in range(4)]
    del bodies[3]
    table.discard("read 1")
    assert write_much(table) < LIMIT
    for number, body in enumerate(bodies):
        is_same = body.read() == BODY[number:]
        assert is_same
        body.close()


def test_a_body_is_read_while_others_write(table: DbDict) -> None:
    table.write("read", Entry(b"head", BODY))
    body, is_over = open_body(table), Event()

    def write() -> None:
        while not is_over.is_set():
            table.write("read", Entry(b"head", OTHER))

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            body.seek(0)
            pieces = iter(lambda: body.read(10_000), b"")
            is_same = b"".join(pieces) == BODY
            assert is_same
    finally:
        is_over.set()
        for writer in writers:
            writer.join()
    body.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no list of open files")
def test_what_was_opened_for_a_reader_is_closed_with_it(table: DbDict) -> None:
    """SQLite itself keeps a few open, for as long as the file is locked."""
    counts = []
    for _ in range(3):
        table.write("read", Entry(b"head", BODY))
        body = open_body(table)
        table.discard("read")
        write_much(table)
        body.close()
        counts.append(len(os.listdir("/proc/self/fd")))
    assert counts[-1] <= counts[0] + 1


def test_a_streamed_hit_that_is_left_lying_keeps_its_version(tmp_path: Path) -> None:
    bodies = [BODY, BODY[::-1]]
    answers: dict[str, Callable[[Request], Answer]] = {
        "/read": lambda request: Answer(bodies.pop(0)),
        "/other": lambda request: Answer(OTHER),
    }
    with Origin(answers) as origin, CachedSession(str(tmp_path / "cache"), "sqlite") as session:
        session.get(origin.url("/read"))
        hit = session.get(origin.url("/read"), stream=True)
        session.get(origin.url("/read"), force_refresh=True)
        for _ in range(60):
            session.get(origin.url("/other"), force_refresh=True)
        assert (tmp_path / "cache.sqlite-wal").stat().st_size < LIMIT
        is_same = hit.content == BODY
        assert is_same
