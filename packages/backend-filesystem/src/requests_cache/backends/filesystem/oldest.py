"""The files of an index that were not used for longest, found some at a time."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from requests_cache.backends.sqlite.order import Order

from .index import TABLE

__all__ = ["Oldest", "OldestOrder"]

# As many as are evicted at once when they are large; looking for one takes as long as for these.
_FOUND_AT_ONCE: Final = 8

_READ: Final = (
    "SELECT last, 1, files_touched.id, key, size FROM files_touched LEFT JOIN files USING (id)"
    " ORDER BY last, number LIMIT ?"
)
_UNREAD: Final = (
    "SELECT id, 0, id, key, size FROM files WHERE id > ? AND NOT EXISTS"
    " (SELECT 1 FROM files_touched WHERE files_touched.id = files.id) ORDER BY id LIMIT ?"
)
_FORGET: Final = "DELETE FROM files_touched WHERE id = ?"
_DELETE: Final = "DELETE FROM files WHERE id = ?"


class Oldest(NamedTuple):
    """A row of the index."""

    used: int
    """The id that was the last one when the file was read, or its own."""
    was_read: int
    id: int
    key: str | None
    """None for a note of a file that is gone."""
    size: int


class OldestOrder(Order):
    """The order of the files, of which several are looked up at once within a transaction."""

    def __init__(self) -> None:
        super().__init__(TABLE)
        self._first = 0
        """No file has a smaller id that was not read; a guess that may have to begin anew."""

    def take(
        self, connection: sqlite3.Connection, excess: int, missing: int
    ) -> list[tuple[str, int]]:
        """Delete the rows of the files that were not used for longest.

        Args:
            connection: in a transaction.
            excess: until so many are gone.
            missing: and until they have so many bytes.

        Returns:
            Their keys and sizes: at least one, unless there is none left, and some at most.
        """
        files: list[tuple[str, int]] = []
        while not files and (found := self._find(connection)):
            read, gone = [], []
            for row in found:
                if excess <= len(files) and missing <= 0:
                    break
                if row.was_read:
                    read.append((row.id,))
                if row.key is not None:
                    gone.append((row.id,))
                    files.append((row.key, row.size))
                    missing -= row.size
            connection.executemany(_FORGET, read)
            connection.executemany(_DELETE, gone)
        return files

    def _find(self, connection: sqlite3.Connection) -> list[Oldest]:
        """Give the next of them, the oldest one first."""
        read = [Oldest(*row) for row in connection.execute(_READ, (_FOUND_AT_ONCE,))]
        unread = self._find_unread_from(connection, self._first)
        if not unread and self._first:
            unread = self._find_unread_from(connection, 0)
        self._first = unread[0].id - 1 if unread else 0
        # Of two that were used at the same time the one that was read came later. What follows so
        # many may come after others that were not looked up.
        return sorted((*read, *unread), key=lambda row: row[:2])[:_FOUND_AT_ONCE]

    def _find_unread_from(self, connection: sqlite3.Connection, first: int) -> list[Oldest]:
        return [Oldest(*row) for row in connection.execute(_UNREAD, (first, _FOUND_AT_ONCE))]
