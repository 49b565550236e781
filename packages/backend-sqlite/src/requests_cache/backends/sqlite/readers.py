"""Bodies that are being read in pieces, and the `-wal` file that they keep from being cut."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import sleep
from typing import Final, Protocol
from weakref import WeakSet, ref

from requests_cache._store.background import Background

from .connection import setting

__all__ = ["Readers"]

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
