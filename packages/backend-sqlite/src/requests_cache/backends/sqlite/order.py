"""The order in which the values of a table were used."""

from __future__ import annotations

import sqlite3

from requests_cache._memos import MOST_REMEMBERED

from .statements import quoted, touched_table

__all__ = ["Order"]


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
