"""Making room: what was not used for longest goes, some values at a time."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from requests_cache._memos import MOST_REMEMBERED, Recency
from requests_cache.errors import ConfigurationError, StorageFullError, ValueTooLargeError

from .database import Database
from .statements import quoted, touched_table

# The files of an empty cache take a good part of this.
_SMALLEST: Final = 1_000_000
# What is evicted in one transaction: more would make the -wal file long, and others wait.
_AT_ONCE: Final = 64
# When something has to go, so much more goes, so that the next writes need not evict.
_MORE_SHARE: Final = 100
# Counting reads an index from start to end, so there is room for so many writes after it.
_MARGIN_SHARE: Final = 100


class Eviction(ABC):
    """Keeps what a table knows of within bounds.

    Args:
        database: file of the table.
        table: has the columns `id`, which grows, and `key`.
        max_size: bytes on the disk, of all files together; None for no limit.
        max_entries: number of values; None for no limit.
        evicted: called with the keys that had to go, when they are gone; with none when there is
            nothing left that could go.

    Raises:
        ConfigurationError: `max_size` is little more than an empty cache takes.
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
                f"max_size={max_size}: the files of an empty cache take some hundred thousand"
                f" bytes, give at least {_SMALLEST}"
            )
        self._db = database
        self._max_size = max_size
        self._more = (max_size or 0) // _MORE_SHARE
        self._entries = _EntryLimit(table, max_entries)
        self._order = Order(table)
        self._recency = Recency()
        self._evicted = evicted

    @property
    @abstractmethod
    def largest(self) -> int | None:
        """Give the largest value in bytes that can be stored; None for any."""

    @property
    def deletions(self) -> int | None:
        """Give how many values should be deleted in one transaction at most; None for any."""
        return None

    @abstractmethod
    def find_missing(self, connection: sqlite3.Connection, size: int) -> int:
        """Give how many bytes have to become free before `size` can be written."""

    def settle(self) -> None:  # noqa: B027  # optional
        """Do what has to be done before a transaction."""

    def is_settled(self) -> bool:
        """Say in a transaction whether nobody else undid what `settle` did."""
        return True

    def prepare(self, connection: sqlite3.Connection) -> None:  # noqa: B027  # optional
        """Tell the table what it does not know yet."""

    def undo(self) -> None:
        """Know again what was known before a transaction that failed: what was evicted is there."""
        self._entries.forget()

    def remove(self, connection: sqlite3.Connection, excess: int, missing: int) -> list[str]:
        """Delete one or more values that were not used for longest; give their keys.

        That is, in a transaction, until `excess` values are gone and `missing` bytes are free.
        None are given if there is no value left.
        """
        evicted = self._order.evict(connection)
        return [] if evicted is None else [evicted]

    def refuse_large(self, size: int) -> None:
        """Raise ValueTooLargeError for a value that does not fit, even alone."""
        if self.largest is not None and size > self.largest:
            raise ValueTooLargeError(
                f"{self._db.path}: the value has {size} bytes, max_size is {self._max_size}"
            )

    @contextmanager
    def room(self, size: int, key: str | None = None) -> Iterator[None]:
        """Run a block in a transaction, in which there is room for the `size` bytes that it writes.

        `key` is that under which it stores a value; None if it stores no value of the table.
        Without room even when all other values are gone it is StorageFullError.
        """
        is_empty = False
        while True:
            self.settle()
            gone: list[str] = []
            try:
                with self._db.transaction() as connection:
                    if not self.is_settled():
                        continue
                    has_room = self._make_room(connection, size, key, gone)
                    if has_room:
                        yield
            except BaseException:
                self.undo()
                raise
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
        self.prepare(connection)
        self._order.note(connection, self._recency.take())
        excess = self._entries.find_excess(connection, key)
        missing = self.find_missing(connection, size)
        if excess <= 0 and missing <= 0:
            return True
        self._order.write(connection)
        while (excess > 0 or missing > -self._more) and len(gone) < _AT_ONCE:
            evicted = self.remove(connection, excess, missing + self._more)
            if not evicted:
                break
            gone += evicted
            excess -= len(evicted)
            self._entries.note_evicted(len(evicted))
            missing = self.find_missing(connection, size)
        return excess <= 0 and missing <= 0

    def reserve(self, size: int) -> None:
        """Make room for what is written next, elsewhere."""
        with self.room(size):
            pass

    def note_use(self, key: str) -> None:
        """Remember that a value was read; who only reads writes it down now and then."""
        if self._recency.note(key):
            keys = self._recency.take()
            # A hit has to succeed where nobody can write, or somebody else does.
            with suppress(sqlite3.Error), self._db.transaction() as connection:
                self._order.note(connection, keys)

    def note_late(self, key: str) -> None:
        """Take account of a value whose id is older than it is."""
        self._entries.forget()
        self.note_use(key)


class _EntryLimit:
    """A largest number of values.

    Ids grow, so since the last count there came at most as many values as the largest id grew,
    whoever wrote them.
    """

    def __init__(self, table: str, most: int | None) -> None:
        name = quoted(table)
        self._most = most
        self._margin = (most or 0) // _MARGIN_SHARE
        self._last = f"SELECT coalesce(max(id), 0) FROM {name}"
        self._count = f"SELECT count(*) FROM {name}"
        self._contains = f"SELECT 1 FROM {name} WHERE key = ?"
        self._counted: tuple[int, int] | None = None

    def forget(self) -> None:
        """Count anew next time: a value came whose id is not a new one."""
        self._counted = None

    def find_excess(self, connection: sqlite3.Connection, key: str | None) -> int:
        """Give how many values have to go before `key` can be stored; None for no key."""
        if self._most is None:
            return 0
        (last,) = connection.execute(self._last).fetchone()
        if self._counted is not None:
            count, largest = self._counted
            # A smaller id than before: the table was cleared.
            if last >= largest and count + last - largest < self._most:
                return 0
        (count,) = connection.execute(self._count).fetchone()
        self._counted = count, last
        is_new = key is not None and not connection.execute(self._contains, (key,)).fetchone()
        return max(0, int(count) + is_new - self._most + self._margin)

    def note_evicted(self, number: int) -> None:
        """Take evicted values from the count."""
        if self._counted is not None:
            self._counted = self._counted[0] - number, self._counted[1]


class Order:
    """Finds the value that was not used for longest.

    Ids grow, so a value that was never read needs no note: its id says when it was written. One
    that was read has a row in a table beside it, with the id that was the last one by then. So a
    write costs nothing more, and a process that knows of no bounds may use the same file. The notes
    of values that are gone are deleted when it is their turn.
    """

    def __init__(self, table: str) -> None:
        name, touched, index = (
            quoted(text) for text in (table, touched_table(table), f"{table}_order")
        )
        self._table = table
        self._exists = "SELECT 1 FROM sqlite_schema WHERE name = ?"
        self._create = (
            f"CREATE TABLE {touched}"
            " (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, number INTEGER NOT NULL)",
            f"CREATE INDEX {index} ON {touched} (last, number)",
        )
        self._last = f"SELECT coalesce(max(id), 0) FROM {name}"
        self._touch = f"REPLACE INTO {touched} SELECT id, ?, ? FROM {name} WHERE key = ?"
        self._oldest_read = f"SELECT last, id FROM {touched} ORDER BY last, number LIMIT 1"
        self._oldest_unread = (
            f"SELECT id FROM {name} WHERE id > ? AND NOT EXISTS"
            f" (SELECT 1 FROM {touched} WHERE {touched}.id = {name}.id) ORDER BY id LIMIT 1"
        )
        self._forget = f"DELETE FROM {touched} WHERE id = ?"
        self._delete = f"DELETE FROM {name} WHERE id = ? RETURNING key"
        self._read: list[tuple[int, list[str]]] = []
        """What was read, with the id that was the last one by then."""
        self._passed = 0
        """No value has a smaller id that was not read; a guess that may have to begin anew."""

    def note(self, connection: sqlite3.Connection, keys: list[str]) -> None:
        """Remember that these keys were read, the last of them last, before the next write."""
        if keys:
            (last,) = connection.execute(self._last).fetchone()
            self._read.append((last, keys))
            if sum(len(keys) for _, keys in self._read) >= MOST_REMEMBERED:
                self.write(connection)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write down what was read."""
        if not connection.execute(self._exists, (touched_table(self._table),)).fetchone():
            # It is the first time, or somebody cleared the table.
            self._passed = 0
            for statement in self._create:
                connection.execute(statement)
        read, self._read = self._read, []
        pairs = ((last, key) for last, keys in read for key in keys)
        rows = ((last, number, key) for number, (last, key) in enumerate(pairs))
        connection.executemany(self._touch, rows)

    def evict(self, connection: sqlite3.Connection) -> str | None:
        """Delete the value that was not used for longest; give its key, None if there is none."""
        while (found := self._oldest(connection)) is not None:
            connection.execute(self._forget, (found,))
            for (key,) in connection.execute(self._delete, (found,)).fetchall():
                return str(key)
        return None

    def _oldest(self, connection: sqlite3.Connection) -> int | None:
        read = connection.execute(self._oldest_read).fetchone()
        unread = self._find_unread(connection)
        if read is not None and (unread is None or read[0] < unread):
            return int(read[1])
        return unread

    def _find_unread(self, connection: sqlite3.Connection) -> int | None:
        row = connection.execute(self._oldest_unread, (self._passed,)).fetchone()
        if row is None and self._passed:
            # A body that came in pieces has the id of its beginning.
            self._passed = 0
            return self._find_unread(connection)
        if row is None:
            return None
        self._passed = row[0] - 1
        return int(row[0])
