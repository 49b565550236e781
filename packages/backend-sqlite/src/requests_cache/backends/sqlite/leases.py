"""Leases as rows of a table that is made when the first one is asked for."""

from __future__ import annotations

import os
import sqlite3

from requests_cache import clock
from requests_cache.backends.base import BaseStorage

from .database import Database
from .errors import mapped_errors
from .statements import quoted

__all__ = ["Leases", "LeasingStorage"]


class Leases:
    """The leases of one table."""

    def __init__(self, database: Database, table: str) -> None:
        self._db = database
        name = quoted(f"{table}_leases")
        self._create = (
            f"CREATE TABLE IF NOT EXISTS {name}"
            " (key TEXT PRIMARY KEY, token TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID"
        )
        self._sweep = f"DELETE FROM {name} WHERE until <= ?"
        self._take = f"INSERT OR IGNORE INTO {name} VALUES (?, ?, ?)"
        self._release = f"DELETE FROM {name} WHERE key = ? AND token = ?"
        self._held = f"SELECT 1 FROM {name} WHERE key = ? AND until > ?"

    def take(self, key: str, seconds: float) -> str | None:
        """Take a lease; None if somebody else has it."""
        now, token = clock.now(), os.urandom(8).hex()
        with mapped_errors(self._db.path):
            # Those who wait only read, so that they do not keep the writer from writing.
            if self._is_held(key, now):
                return None
            with self._db.transaction() as connection:
                connection.execute(self._create)
                connection.execute(self._sweep, (now,))
                taken = connection.execute(self._take, (key, token, now + seconds)).rowcount
        return token if taken else None

    def _is_held(self, key: str, now: float) -> bool:
        try:
            found = self._db.connect().execute(self._held, (key, now)).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return False
        return found is not None

    def release(self, key: str, token: str) -> None:
        """Give a lease back."""
        with mapped_errors(self._db.path):
            self._db.connect().execute(self._release, (key, token))


class LeasingStorage(BaseStorage):
    """The verbs of a storage that hand out leases."""

    _leases: Leases

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, a row that ends by itself."""
        return self._leases.take(key, seconds)

    def release(self, key: str, token: str) -> None:
        """Give back a lease."""
        self._leases.release(key, token)
