"""Deleting rows of a table, some at a time, and giving their space back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from .database import PAGES_AT_ONCE
from .errors import mapped_errors
from .statements import PARAMETERS, chunkify
from .table import Table

__all__ = ["Deletion"]

# Some 40 MB of pages: the -wal file does not become as long as the database, and others may write
# in between.
_DELETED_AT_ONCE = 5000
# A body of more than this may have rows of its own.
_ALWAYS_INLINE = 64 * 1024


class Deletion(Table):
    """The verbs of a table that remove."""

    _deleted_at_once: int = _DELETED_AT_ONCE
    """So many values are deleted in one transaction."""

    def discard(self, key: str) -> bool:
        """Delete `key`; say whether it was there."""
        with self.connection() as connection:
            return connection.execute(self._sql.discard, (key,)).rowcount > 0

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`, some at a time; say how many."""
        with mapped_errors(self.db_path), self._db.at_large():
            return sum(iter(partial(self._delete_some, now), 0))

    def _delete_some(self, now: float) -> int:
        with self._deletion() as connection:
            some = (now, self._deleted_at_once)
            return connection.execute(self._sql.delete_expired, some).rowcount

    @contextmanager
    def _deletion(self) -> Iterator[sqlite3.Connection]:
        """Run a block that deletes `_deleted_at_once` values at most, in a transaction."""
        with self.connection(commit=True) as connection:
            yield connection

    def purge(self, now: float) -> int:
        """Delete the values that have expired at `now`, and vacuum; say how many they were."""
        from .compaction import replace_by_survivors, without_checkpoints

        with mapped_errors(self.db_path), without_checkpoints(self._db):
            deleted = replace_by_survivors(self._db, self._sql, now)
            self.vacuum()
        return deleted

    def sweep(self, now: float, most: int) -> int:
        """Delete some values that need not be kept any longer; look whether the file is ours."""
        self._db.forget_if_replaced()
        with self.connection() as connection:
            swept = connection.execute(self._sql.sweep, (now, most)).rowcount
            self._db.give_back(PAGES_AT_ONCE)
        return swept

    def bulk_delete(
        self, keys: Iterable[str] | None = None, values: Iterable[Any] | None = None
    ) -> None:
        """Delete many keys, and all keys of many values; missing ones are no error."""
        for chunk in chunkify(keys or (), min(self._deleted_at_once, PARAMETERS)):
            marks = f"({','.join('?' * len(chunk))})"
            with self._deletion() as connection:
                connection.execute(self._sql.delete_many + marks, chunk)
        for head, body in map(self.serializer.encode, values or ()):
            with self._deletion() as connection:
                connection.execute(self._sql.delete_value, (head, body))
                if len(body) > _ALWAYS_INLINE:
                    self._delete_large(connection, head, body)

    def _delete_large(self, connection: sqlite3.Connection, head: bytes, body: bytes) -> None:
        rows = connection.execute(self._sql.find_large, (head, len(body))).fetchall()
        found = [(key,) for key, place in rows if self._body(place) == body]
        connection.executemany(self._sql.discard, found)

    def clear(self) -> None:
        """Delete everything, and give the disk space back."""
        with self.connection(commit=True) as connection:
            for statement in self._sql.drop:
                connection.execute(statement)
            self._sql.create_in(connection)
            within_another = self._db.is_nested()
        if not within_another:
            self.vacuum()

    def vacuum(self) -> None:
        """Give the space of deleted values back to the file system; rewrites the file."""
        with self.connection() as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
