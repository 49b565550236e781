"""How long the -wal file of a bounded database may become."""

from __future__ import annotations

from sqlite3 import Connection
from time import monotonic, sleep
from typing import Final

from requests_cache.errors import StorageFullError

from .connection import setting
from .database import Database

__all__ = ["PATIENCE", "LogLimit", "log_reserve", "log_size"]

# This share of the bound is kept free for the file, for each time that it is written back the disk
# has to be waited for: of what SQLite takes by itself, 1000 pages, most is left at 50 MB.
_SHARE: Final = 10
_LEAST, _MOST = 256 * 1024, 8_600_000
# In parts of that share: it is written back from here on, then by force, and must not grow beyond.
# A write takes up to 0.2, so that all files together stay within 4 % of the bound.
_OFTEN, _LONG, _TOO_LONG, _WRITE = 0.85, 1.15, 1.2, 0.2
# How long an attempt waits for others, and how long it is until the next one, in seconds.
_ATTEMPT, _PAUSE = 0.05, 0.005

PATIENCE: Final = 0.25
"""How long all attempts wait for readers, in seconds."""


def log_size(max_size: int | None) -> int | None:
    """Give from how many bytes on the file is written into a database of this largest size."""
    return None if max_size is None else int(log_reserve(max_size) * _OFTEN)


def log_reserve(max_size: int) -> int:
    """Give how many bytes of the bound of a database are kept free for the file."""
    return min(max(max_size // _SHARE, _LEAST), _MOST)


class LogLimit:
    """Keeps the -wal file short where SQLite does not: threads, processes and readers hinder it.

    Args:
        database: whose file it is.
        reserve: bytes of a bound that are the file's.
    """

    def __init__(self, database: Database, reserve: int) -> None:
        self._db = database
        self.reserve: int = reserve
        self.write: int = int(self.reserve * _WRITE)
        """Bytes that one transaction should write at most."""

    def cut(self, patience: float = PATIENCE) -> None:
        """Write a file that is too long into the database.

        Args:
            patience: seconds to wait for readers.

        Raises:
            StorageFullError: somebody is reading a body in pieces, for which it is needed.
        """
        connection = self._db.connect()
        if not self._db.wal or connection.in_transaction or not self._exceeds(_LONG):
            return
        timeout = self._db.options.get("timeout", 5.0)
        with setting(connection, "busy_timeout", int(_ATTEMPT * 1000)):
            self._write_back(connection, timeout, patience)

    def _write_back(self, connection: Connection, timeout: float, patience: float) -> None:
        begun = monotonic()
        while True:
            cut = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not cut[0] or not self.is_too_long():
                return
            # -1: somebody else is writing it back, which ends soon. Otherwise it is being read.
            if monotonic() - begun > (timeout if cut[1] < 0 else min(timeout, patience)):
                path = self._db.path
                raise StorageFullError(
                    f"{path}: max_size is reached until a body that is being read is closed"
                )
            sleep(_PAUSE)

    def is_too_long(self) -> bool:
        """Say whether another write could make it longer than the bound allows."""
        return self._exceeds(_TOO_LONG)

    def _exceeds(self, share: float) -> bool:
        return self._db.find_log_size() > self.reserve * share
