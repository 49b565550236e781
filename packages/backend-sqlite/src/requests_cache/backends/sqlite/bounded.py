"""Tables of a file that has bounds, and how large it and its -wal file may become."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import Any, BinaryIO, Final

from requests_cache.backends.base import BaseStorage, BodyWriter, Entry
from requests_cache.errors import StorageFullError

from .bodies import SEGMENT, SegmentWriter
from .connection import setting
from .database import PAGES_AT_ONCE, Database, mapped_errors
from .eviction import Eviction
from .statements import Statements, remove_leftovers
from .storage import DbDict

# How long the -wal file may become

# This share of the bound is kept free for the file, for each time that it is written back the disk
# has to be waited for: of what SQLite takes by itself, 1000 pages, most is left at 50 MB.
_SHARE: Final = 10
_LEAST, _MOST = 256 * 1024, 8_600_000
# In parts of that share: it is written back from here on, then by force, and must not grow beyond.
# A write takes up to 0.2, so that all files together stay within 4 % of the bound.
_OFTEN, _LONG, _TOO_LONG, _WRITE = 0.85, 1.15, 1.2, 0.2
# How long an attempt waits for others, and how long it is until the next one, in seconds.
_ATTEMPT, _PAUSE = 0.05, 0.005

# How long all attempts wait for readers, in seconds.
_PATIENCE: Final = 0.25


def log_size(max_size: int | None) -> int | None:
    """Give from how many bytes on the file is written into a database of this largest size."""
    return None if max_size is None else int(_log_reserve(max_size) * _OFTEN)


def _log_reserve(max_size: int) -> int:
    """Give how many bytes of the bound of a database are kept free for the file."""
    return min(max(max_size // _SHARE, _LEAST), _MOST)


class LogLimit:
    """Keeps the -wal file short where SQLite does not: threads, processes, readers hinder it."""

    def __init__(self, database: Database, reserve: int) -> None:
        self._db = database
        self.reserve: int = reserve
        self.write: int = int(self.reserve * _WRITE)
        """Bytes that one transaction should write at most."""

    def cut(self, patience: float = _PATIENCE) -> None:
        """Write a file that is too long into the database.

        After so many seconds it is StorageFullError: somebody is reading a body in pieces, for
        which it is needed.
        """
        connection = self._db.connect()
        if not self._db.wal or connection.in_transaction or not self._exceeds(_LONG):
            return
        timeout = self._db.options.get("timeout", 5.0)
        with setting(connection, "busy_timeout", int(_ATTEMPT * 1000)):
            self._write_back(connection, timeout, patience)

    def _write_back(self, connection: sqlite3.Connection, timeout: float, patience: float) -> None:
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


# How large the file may become

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
        self._log = None if max_size is None else LogLimit(database, _log_reserve(max_size))
        self._most = None if self._log is None else (max_size or 0) - self._log.reserve

    @property
    def largest(self) -> int | None:
        return None if self._most is None else self._most - _EMPTY - _BESIDE

    @property
    def segment(self) -> int | None:
        """Give how many bytes should be written in one transaction at most; None for any."""
        return None if self._log is None else self._log.write

    @property
    def deletions(self) -> int | None:
        return None if self._log is None else max(self._log.write // _DELETION, 1)

    def settle(self, patience: float = _PATIENCE) -> None:
        """Make the -wal file short enough for a write; wait for readers so many seconds."""
        if self._log is not None:
            self._log.cut(patience)

    def is_settled(self) -> bool:
        """Say whether the -wal file is short enough; who is in a transaction cannot change it."""
        return self._log is None or self._db.is_nested() or not self._log.is_too_long()

    def find_missing(self, connection: sqlite3.Connection, size: int) -> int:
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


# Tables


class GuestDict(DbDict):
    """A table for whose values those of another store make room."""

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
    """A table that evicts its least recently used values to keep its file within bounds."""

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
        """Store an entry that fits within the bounds, and evict as many others as it takes."""
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
        if self._buffer:
            self._flush()
        entry = entry._replace(body=b"")  # for that there is room already
        with mapped_errors(self._db.path), self._bounds.room(len(key) + entry.size, key):
            super().commit(key, entry)
        self._bounds.note_late(key)
