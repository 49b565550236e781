"""Connections: closed when nobody works with them any more, and those that read in pieces.

To close a connection while another thread is in it takes the process down, whatever
`check_same_thread` says. Whoever refers to it may be in it; so it is closed when nobody else refers
to it, and left for later otherwise. A forked child never closes its parent's.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from time import sleep
from typing import Any, Final, Protocol
from weakref import WeakSet, ref

from requests_cache._store.threads import Background

_left: Final[list[sqlite3.Connection]] = []
# https://www.sqlite.org/howtocorrupt.html, section 2.6: a child never closes its parent's.
_parents: Final[list[object]] = []


def open_connection(path: Path | str, options: Mapping[str, Any]) -> sqlite3.Connection:
    """Open a file, or a `file:` URI with `uri=True`; transactions are left to the caller."""
    # One thread uses it, and another one may close it.
    arguments = {"isolation_level": None, "check_same_thread": False, **options}
    factory = options.get("factory", sqlite3.Connection)
    # What is no class gives connections of its own making.
    arguments["factory"] = _closing(factory) if isinstance(factory, type) else factory
    connection: sqlite3.Connection = sqlite3.connect(path, **arguments)
    return connection


@contextmanager
def setting(connection: sqlite3.Connection, pragma: str, value: int) -> Iterator[None]:
    """Have another value of a PRAGMA during a block."""
    (before,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    connection.execute(f"PRAGMA {pragma}={value}").fetchone()
    try:
        yield
    finally:
        connection.execute(f"PRAGMA {pragma}={before}").fetchone()


class _Kept:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def count(self) -> int:
        """Count the references to the connection."""
        return sys.getrefcount(self.connection)


class Held(_Kept):
    """Closes a connection when it is forgotten, in the process that opened it.

    If a thread is in the connection by then, `close_left` closes it once that thread has left.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._process = os.getpid()

    # The name is bound here, for at the end of the interpreter the module may be empty.
    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if self._process != getpid():
            _parents.append(self.connection)
        elif self.count() > _count_alone():
            _left.append(self.connection)
        else:
            self.connection.close()


def close_left() -> None:
    """Close what was given up while a thread was in it, if that is no longer so."""
    with suppress(IndexError):
        for _ in range(len(_left)):
            # If a thread is still in it, it is put back.
            Held(_left.pop(0))


@cache
def _count_alone() -> int:
    """Count the references to a connection that nobody works with: it has some to itself."""
    kept = _Kept(open_connection(":memory:", {}))
    try:
        return kept.count()
    finally:
        kept.connection.close()


class _ClosesItself:
    """Closes a connection that the collector finds: Python 3.13 warns of one that is open."""

    _process: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._process = os.getpid()

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if self._process == getpid():
            self.close()  # type: ignore[attr-defined]  # of the connection beside it
        elif self._process is not None:
            _parents.append(self)


@cache
def _closing(factory: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
    return type(factory.__name__, (_ClosesItself, factory), {})


# Bodies that are being read in pieces, and the `-wal` file that they keep from being cut

# So long the file may become before those who read are asked to move on; twice what SQLite takes.
_STEP: Final = 16 * 1024 * 1024
# A writer that writes the file back itself waits for the disk; until the next attempt, in seconds.
_ATTEMPTS: Final = 25
_PAUSE: Final = 0.01


class _Reader(Protocol):
    def move_on(self) -> None: ...


class _Database(Protocol):
    def connect(self) -> sqlite3.Connection: ...

    def find_log_size(self) -> int: ...

    def open_reader(self) -> sqlite3.Connection | None: ...


class Readers:
    """Those who read a version of a file in this process.

    SQLite writes the `-wal` file anew from its start when nobody reads a version that is in it. A
    body that is opened and left lying would let it grow by all that is written.
    """

    def __init__(self) -> None:
        self._readers: WeakSet[_Reader] = WeakSet()
        self._seen = 0
        self._is_relieving = False
        self._relief: Background[None] | None = None

    def add(self, reader: _Reader) -> None:
        """Take note of who reads; forgetting it is enough to take it away."""
        self._readers.add(reader)

    def relieve(self, database: _Database) -> None:
        """Have those who read move on if the file has become long; called after each write."""
        if not self._readers or self._is_relieving:
            return
        size = database.find_log_size()
        # What could not be cut may grow by as much once more.
        self._seen = min(self._seen, size)
        if size > self._seen + _STEP:
            self._seen = size
            # A body may have to be copied, for which no writer should wait.
            self._is_relieving = True
            # A database is not kept by who reads it.
            self._relief = Background(partial(self._relieve, ref(database)))

    def wait(self) -> None:
        """Wait until those who read have moved on."""
        relief = self._relief
        if relief is not None:
            relief.wait()

    def _relieve(self, find: Callable[[], _Database | None]) -> None:
        try:
            database = find()
            if database is not None:
                self._move_all(database)
        finally:
            self._is_relieving = False

    def _move_all(self, database: _Database) -> None:
        # Some take a copy, for which no writer should wait.
        self._move_each()
        # A writer may come between the last two steps; the file is as long as before then.
        for _ in range(_ATTEMPTS):
            self._move_off(database)
            if self._cut(database):
                return
            sleep(_PAUSE)

    def _move_off(self, database: _Database) -> None:
        """Have nobody read what is in the `-wal` file; writers wait meanwhile."""
        connection = database.connect()
        connection.execute("BEGIN IMMEDIATE")
        try:
            # To its end, so that all of it can be written back, and then off it.
            self._move_each()
            self._write_back(database)
            self._move_each()
        finally:
            connection.execute("ROLLBACK")

    def _move_each(self) -> None:
        for reader in list(self._readers):
            # It stays where it is: the next time may be better.
            with suppress(sqlite3.Error, OSError):
                reader.move_on()

    def _write_back(self, database: _Database) -> None:
        # The connection that keeps writers away cannot do it.
        other = database.open_reader()
        if other is not None:
            other.execute("COMMIT")
            other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            other.close()

    def _cut(self, database: _Database) -> bool:
        connection = database.connect()
        # Nobody should have to wait for a reader of another process.
        with setting(connection, "busy_timeout", 0):
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
