"""An index of the files of a bounded folder: keys, sizes, order, and which are the oldest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from requests_cache.backends.sqlite.eviction import Order

__all__ = ["TABLE", "Index", "Oldest", "OldestOrder", "size_on_disk"]

TABLE: Final = "files"
# Of most file systems.
_BLOCK: Final = 4096

_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS files"
    " (id INTEGER PRIMARY KEY AUTOINCREMENT, key NOT NULL UNIQUE, size INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files_total (size INTEGER NOT NULL)",
    "INSERT INTO files_total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM files_total)",
    "CREATE TRIGGER IF NOT EXISTS files_stored AFTER INSERT ON files BEGIN"
    " UPDATE files_total SET size = size + new.size; END",
    "CREATE TRIGGER IF NOT EXISTS files_removed AFTER DELETE ON files BEGIN"
    " UPDATE files_total SET size = size - old.size; END",
    "CREATE TABLE IF NOT EXISTS files_growing (path TEXT PRIMARY KEY, size INTEGER NOT NULL)",
)
_TOTAL: Final = "SELECT size + (SELECT coalesce(sum(size), 0) FROM files_growing) FROM files_total"


def size_on_disk(size: int) -> int:
    """Give how much of the disk a file of so many bytes takes."""
    return -(-size // _BLOCK) * _BLOCK


class Index:
    """The rows of the files, and of those that are being written."""

    def create_in(self, connection: sqlite3.Connection) -> None:
        """Create the tables where they do not exist."""
        for statement in _CREATE:
            connection.execute(statement)

    def change(self, connection: sqlite3.Connection, sizes: Mapping[str, int | None]) -> None:
        """Note the sizes of files that were written, and None for those that were deleted."""
        written = [(key, size) for key, size in sizes.items() if size is not None]
        deleted = [(key,) for key, size in sizes.items() if size is None]
        if written:
            connection.executemany("REPLACE INTO files (key, size) VALUES (?, ?)", written)
        if deleted:
            connection.executemany("DELETE FROM files WHERE key = ?", deleted)

    def total(self, connection: sqlite3.Connection) -> int:
        """Add up all sizes."""
        return int(connection.execute(_TOTAL).fetchone()[0])

    def size(self, connection: sqlite3.Connection, key: str) -> int:
        """Give the size of a file; 0 if it is not known."""
        found = connection.execute("SELECT size FROM files WHERE key = ?", (key,)).fetchone()
        return 0 if found is None else int(found[0])

    def sizes(self, connection: sqlite3.Connection) -> dict[str, int]:
        """Give all keys and sizes."""
        return dict(connection.execute("SELECT key, size FROM files"))

    def growing(self, connection: sqlite3.Connection) -> list[str]:
        """Give the paths of the files that are being written."""
        return [path for (path,) in connection.execute("SELECT path FROM files_growing")]

    def grow(self, connection: sqlite3.Connection, path: str, size: int) -> None:
        """Note how large a file is that is being written."""
        connection.execute("REPLACE INTO files_growing VALUES (?, ?)", (path, size))

    def forget_growing(self, connection: sqlite3.Connection, paths: Iterable[str]) -> None:
        """Forget files that are not being written any more."""
        connection.executemany(
            "DELETE FROM files_growing WHERE path = ?", [(path,) for path in paths]
        )


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
