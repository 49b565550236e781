"""How large a database file may become."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from .database import PAGES_AT_ONCE, Database
from .eviction import Eviction
from .log import PATIENCE, LogLimit, log_reserve

__all__ = ["Bounds"]

# What a file of empty tables takes.
_EMPTY: Final = 256 * 1024
# What a write may take beside its value: inner nodes of the trees, halves of their leaves.
_BESIDE: Final = 96 * 1024
# What is written to delete a value: pages of the table and of its indexes.
_DELETION: Final = 40 * 1024


class Bounds(Eviction):
    """Keeps a database file, its -wal and its -shm file within bounds.

    What counts is the pages in use, of all tables: SQLite knows how many they are, and uses a free
    page before the file grows.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        max_size: int | None,
        max_entries: int | None,
        evicted: Callable[[list[str]], object],
    ) -> None:
        super().__init__(database, table, max_size, max_entries, evicted)
        self._page_size = 0
        self._log = None if max_size is None else LogLimit(database, log_reserve(max_size))
        self._most = None if self._log is None else (max_size or 0) - self._log.reserve

    @property
    def largest(self) -> int | None:
        """Give the largest value in bytes that can be stored; None for any."""
        return None if self._most is None else self._most - _EMPTY - _BESIDE

    @property
    def segment(self) -> int | None:
        """Give how many bytes should be written in one transaction at most; None for any."""
        return None if self._log is None else self._log.write

    @property
    def deletions(self) -> int | None:
        """Give how many values should be deleted in one transaction at most; None for any."""
        return None if self._log is None else max(self._log.write // _DELETION, 1)

    def settle(self, patience: float = PATIENCE) -> None:
        """Make the -wal file short enough for a write.

        Args:
            patience: seconds to wait for readers.

        Raises:
            StorageFullError: a body that is being read keeps it long.
        """
        if self._log is not None:
            self._log.cut(patience)

    def is_settled(self) -> bool:
        """Say whether the -wal file is short enough; who is in a transaction cannot change it."""
        return self._log is None or self._db.is_nested() or not self._log.is_too_long()

    def find_missing(self, connection: sqlite3.Connection, size: int) -> int:
        """Give how many bytes have to become free before `size` can be written."""
        if self._most is None:
            return 0
        pages = _ask(connection, "page_count") - _ask(connection, "freelist_count")
        if not self._page_size:
            self._page_size = _ask(connection, "page_size")
        return pages * self._page_size + size + _BESIDE - self._most

    def enforce(self) -> None:
        """Evict what is over the bounds, and make the file smaller, as when it had none before."""
        self.reserve(0)
        if self._most is None:
            return
        connection = self._db.connect()
        before, after = 0, _ask(connection, "page_count")
        while after * self._page_size > self._most and after != before:
            # One step is one page: `execute` would do only the first.
            connection.executescript(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
            before, after = after, _ask(connection, "page_count")
        if before:
            # Only now does the file itself end earlier.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _ask(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
