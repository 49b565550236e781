"""How large a database file may become, and what makes room in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from requests_cache.backends.recency import Recency
from requests_cache.errors import ConfigurationError, StorageFullError, ValueTooLargeError

from .database import Database
from .entries import EntryLimit
from .log import LogLimit
from .order import Order

__all__ = ["Bounds"]

# A file of empty tables with its -wal and -shm files takes a good part of this.
_SMALLEST: Final = 1_000_000
_EMPTY: Final = 256 * 1024
# What a write may take beside its value: inner nodes of the trees, halves of their leaves.
_BESIDE: Final = 96 * 1024
# What is evicted in one transaction: more would make the -wal file long, and others wait.
_AT_ONCE: Final = 64
# When something has to go, so much more goes, so that the next writes need not evict.
_MORE_SHARE: Final = 100
# 1 MB: other writers wait some milliseconds.
_PAGES_AT_ONCE: Final = 128


class Bounds:
    """Keeps a database file, its -wal and its -shm file within bounds.

    What counts is the pages in use, of all tables: SQLite knows how many they are, and uses a free
    page before the file grows.

    Args:
        database: the file.
        table: its values are evicted.
        max_size: bytes of all files together; None for no limit.
        max_entries: number of values; None for no limit.
        evicted: called with the keys that had to go, when they are gone; with none when there is
            nothing left that could go.

    Raises:
        ConfigurationError: `max_size` is less than an empty cache takes.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        max_size: int | None,
        max_entries: int | None,
        evicted: Callable[[list[str]], object],
    ) -> None:
        if max_size is not None and max_size < _SMALLEST:
            raise ConfigurationError(
                f"max_size={max_size}: a SQLite file takes some hundred thousand bytes when it is"
                f" empty, give at least {_SMALLEST}"
            )
        self._db = database
        self._max_size = max_size
        self._log = None if max_size is None else LogLimit(database, max_size)
        self._most = None if self._log is None else (max_size or 0) - self._log.reserve
        self._more = (max_size or 0) // _MORE_SHARE
        self._entries = EntryLimit(table, max_entries)
        self._order = Order(table)
        self._recency = Recency()
        self._evicted = evicted

    @property
    def largest(self) -> int | None:
        """Give the largest value in bytes that can be stored; None for any."""
        return None if self._most is None else self._most - _EMPTY - _BESIDE

    @property
    def segment(self) -> int | None:
        """Give how many bytes should be written in one transaction at most; None for any."""
        return None if self._log is None else self._log.reserve // 2

    def refuse_large(self, size: int) -> None:
        """Raise ValueTooLargeError for a value that does not fit, even alone."""
        if self.largest is not None and size > self.largest:
            raise ValueTooLargeError(
                f"{self._db.path}: the value has {size} bytes, max_size is {self._max_size}"
            )

    @contextmanager
    def room(self, size: int, key: str | None = None) -> Iterator[None]:
        """Run a block in a transaction, in which there is room for what it writes.

        Args:
            size: bytes that it writes.
            key: under which key it stores a value; None if it stores no value of the table.

        Raises:
            StorageFullError: there is no room even without all other values; or a body that is
                being read keeps the -wal file long.
        """
        if self._log is not None:
            self._log.cut()
        is_empty = False
        while True:
            gone: list[str] = []
            with self._db.transaction() as connection:
                has_room = self._make_room(connection, size, key, gone)
                if has_room:
                    yield
            self._entries.note_evicted(len(gone))
            if gone or not has_room:
                self._evicted(gone)
            if has_room:
                return
            if not gone and is_empty:
                raise StorageFullError(f"{self._db.path}: there is no room within max_size")
            is_empty = not gone

    def _make_room(
        self, connection: sqlite3.Connection, size: int, key: str | None, gone: list[str]
    ) -> bool:
        """Evict until there is room, but not too much at once; say whether there is room."""
        self._order.note(connection, self._recency.take())
        excess = self._entries.find_excess(connection, key)
        missing = self._find_missing(connection, size)
        if excess <= 0 and missing <= 0:
            return True
        self._order.write(connection)
        while (excess > 0 or missing > -self._more) and len(gone) < _AT_ONCE:
            evicted = self._order.evict(connection)
            if evicted is None:
                break
            gone.append(evicted)
            excess -= 1
            missing = self._find_missing(connection, size)
        return excess <= 0 and missing <= 0

    def _find_missing(self, connection: sqlite3.Connection, size: int) -> int:
        """Give how many bytes have to become free before `size` can be written."""
        if self._most is None:
            return 0
        pages = _ask(connection, "page_count") - _ask(connection, "freelist_count")
        return pages * _ask(connection, "page_size") + size + _BESIDE - self._most

    def note_use(self, key: str) -> None:
        """Remember that a value was read; who only reads writes it down now and then."""
        if self._recency.note(key):
            # A hit has to succeed where nobody can write, or somebody else does.
            with suppress(sqlite3.Error), self._db.transaction() as connection:
                self._order.note(connection, self._recency.take())

    def note_late(self, key: str) -> None:
        """Take account of a value that came in pieces: its id is that of its beginning."""
        self._entries.forget()
        self.note_use(key)

    def enforce(self) -> None:
        """Evict what is over the bounds, and make the file smaller, as when it had none before."""
        with self.room(0):
            pass
        if self._most is None:
            return
        connection = self._db.connect()
        before, after = 0, _ask(connection, "page_count")
        while after * _ask(connection, "page_size") > self._most and after != before:
            # One step is one page: `execute` would do only the first.
            connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
            before, after = after, _ask(connection, "page_count")


def _ask(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
