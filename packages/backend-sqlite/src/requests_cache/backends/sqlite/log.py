"""How long the -wal file of a bounded database may become."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from requests_cache.errors import StorageFullError

from .database import Database

__all__ = ["LogLimit", "log_size"]

# This share of the bound is kept free for the file. It may take 1.5 times as much before a write,
# which itself takes up to half as much: so all files together stay within 5 % of the bound.
_SHARE: Final = 22
_LEAST: Final = 256 * 1024
# How long a reader may keep a write waiting that finds the file too long, in milliseconds.
_PATIENCE: Final = 250


def log_size(max_size: int | None) -> int | None:
    """Give from how many bytes on the file is written into a database of this largest size."""
    return None if max_size is None else max(max_size // _SHARE, _LEAST) * 4 // 5


class LogLimit:
    """Keeps the -wal file short where SQLite does not: other processes and readers hinder it."""

    def __init__(self, database: Database, max_size: int) -> None:
        self._db = database
        self.reserve = max(max_size // _SHARE, _LEAST)
        """Bytes of the bound that are the file's."""
        self._path: Path | None = None

    def cut(self) -> None:
        """Write a file that is too long into the database.

        Raises:
            StorageFullError: somebody is reading a body in pieces, for which it is needed.
        """
        if not self._db.wal or self._db.connect().in_transaction or not self._is_long():
            return
        connection = self._db.connect()
        # Readers of a moment are waited for, and not those of a body in pieces.
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE}").fetchone()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            milliseconds = int(self._db.options.get("timeout", 5.0) * 1000)
            connection.execute(f"PRAGMA busy_timeout={milliseconds}").fetchone()
        if self._is_long():
            raise StorageFullError(
                f"{self._db.path}: max_size is reached until a body that is being read is closed"
            )

    def _is_long(self) -> bool:
        with suppress(FileNotFoundError):
            return self._find().stat().st_size > self.reserve * 3 // 2
        return False

    def _find(self) -> Path:
        if self._path is None:
            # A link leads elsewhere, a URI names no file: SQLite knows which one it opened.
            row = self._db.connect().execute("PRAGMA database_list").fetchone()
            self._path = Path(f"{row[2]}-wal")
        return self._path
