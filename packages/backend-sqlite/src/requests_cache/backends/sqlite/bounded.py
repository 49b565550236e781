"""Tables of a file that has bounds: what was not used for longest goes first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from requests_cache.backends.base import BaseStorage, BodyWriter, Entry
from requests_cache.errors import StorageFullError

from .bodies import SEGMENT, SegmentWriter
from .bounds import Bounds
from .database import Database
from .errors import mapped_errors
from .eviction import Eviction
from .leftovers import remove_leftovers
from .statements import Statements
from .storage import DbDict

__all__ = ["BoundedDict", "GuestDict"]


class GuestDict(DbDict):
    """A table for whose values those of another store make room.

    Args:
        args: as for `DbDict`.
        bounds: bounds of both.
        kwargs: as for `DbDict`.
    """

    def __init__(self, *args: Any, bounds: Eviction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bounds = bounds
        self._deleted_at_once = bounds.deletions or self._deleted_at_once

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry, and evict as many values of the other table as it takes."""
        with mapped_errors(self.db_path):
            self._bounds.reserve(len(key) + entry.size)
        super().write(key, entry)


class BoundedDict(DbDict):
    """A table that evicts its least recently used values to keep its file within bounds.

    Args:
        args: as for `DbDict`.
        bounds: bounds of the file.
        kwargs: as for `DbDict`.
    """

    # While a body is read in pieces the -wal file cannot become shorter.
    _read_at_once = 4 * 1024 * 1024

    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bounds = bounds
        self._deleted_at_once = bounds.deletions or self._deleted_at_once

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, which is the last to be evicted from now on."""
        entry = super().read(key)
        if entry is not None:
            self._bounds.note_use(key)
        return entry

    def __getitem__(self, key: str) -> Any:
        """Give the value of `key`, by `read`, so that its use is noted."""
        return BaseStorage.__getitem__(self, key)

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, and note that they were used."""
        for key, entry in super().read_many(keys):
            self._bounds.note_use(key)
            yield key, entry

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry and its body as a file, and note that it was used."""
        opened = super().open_body(key)
        if opened is not None:
            self._bounds.note_use(key)
        return opened

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry, and evict as many others as it takes.

        Raises:
            ValueTooLargeError: it alone is larger than the bounds allow.
        """
        size = len(key) + entry.size
        self._bounds.refuse_large(size)
        segment = self._bounds.segment
        if segment is not None and size > segment and self.capabilities.streaming:
            # In one transaction it would make the -wal file as long as itself.
            with self._db.in_turn():
                writer = self.create_body()
                writer.write(entry.body)
                writer.commit(key, entry)
            return
        with mapped_errors(self.db_path), self._bounds.room(size, key):
            super().write(key, entry)

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries, each in a transaction of its own, so that none becomes long."""
        for key, entry in items:
            self.write(key, entry)

    @contextmanager
    def _deletion(self) -> Iterator[sqlite3.Connection]:
        """Run a block that deletes some values, when the -wal file is short again."""
        # A reader may keep it long, but nothing from being deleted.
        with suppress(StorageFullError), mapped_errors(self.db_path):
            self._bounds.settle(patience=0.0)
        with super()._deletion() as connection:
            yield connection

    def purge(self, now: float) -> int:
        """Delete what has expired, and vacuum: there is no room to copy what stays."""
        deleted = self.delete_expired(now)
        self.vacuum()
        return deleted

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces, for each of which room is made."""
        if not self.capabilities.streaming:
            return super().create_body()
        with mapped_errors(self.db_path):
            remove_leftovers(self._db, self._sql)
        return _BoundedWriter(self._db, self._sql, self._bounds)


class _BoundedWriter(SegmentWriter):
    """Makes room for each segment; one that is written is no value yet, and is not evicted."""

    def __init__(self, database: Database, sql: Statements, bounds: Bounds) -> None:
        self._bounds = bounds
        super().__init__(database, sql, min(bounds.segment or SEGMENT, SEGMENT))

    def _flush(self) -> None:
        self._bounds.refuse_large(self._size + len(self._buffer))
        with mapped_errors(self._db.path), self._bounds.room(len(self._buffer)):
            super()._flush()

    def commit(self, key: str, entry: Entry) -> None:
        """Make the row of the value, in place of what was stored under `key`."""
        if self._buffer:
            self._flush()
        entry = entry._replace(body=b"")  # for that there is room already
        with mapped_errors(self._db.path), self._bounds.room(len(key) + entry.size, key):
            super().commit(key, entry)
        self._bounds.note_late(key)
