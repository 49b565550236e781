"""An index of the files of a bounded folder: their keys, sizes and order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["TABLE", "Index", "size_on_disk"]

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
