"""A table in a SQLite file as a mapping."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from requests_cache import clock
from requests_cache._store.entry import DAMAGED
from requests_cache.backends.base import BaseStorage, Capabilities, Entry
from requests_cache.errors import StorageError
from requests_cache.options import take

from .connection import setting
from .database import PAGES_AT_ONCE, Database, is_damaged, is_missing, map_error, mapped_errors
from .opening import DB_KINDS, DB_OPTIONS, open_database
from .statements import PARAMETERS, BodyRows, Statements, chunkify, remove_leftovers

if TYPE_CHECKING:
    from requests_cache.backends.base import BodyWriter

# A body of more than this has a row of its own, which is read without copying it twice. A smaller
# one is copied sooner than another row is found; for 128 KB an allocator asks the system each time.
_INLINE = 120 * 1024
# SQLite's own limit for a value is 1,000,000,000 bytes (https://www.sqlite.org/limits.html).
_LARGEST_BLOB = 512 * 1024 * 1024
_BATCH = 200
# Some 40 MB of pages: the -wal file does not become as long as the database, and others may write
# in between.
_DELETED_AT_ONCE = 5000
# A body of more than this may have rows of its own.
_ALWAYS_INLINE = 64 * 1024

# As `Entry._make`, without a function of Python.
_entry: Callable[[tuple[Any, ...]], Entry] = partial(tuple.__new__, Entry)


class DbDict(BaseStorage):
    """A mapping in one table of a SQLite file; several tables may share a file.

    Args:
        db_path: file; `~` is expanded, parent folders are created, `.sqlite` is appended to a name
            without a suffix.
        table_name: table.
        fast_save: do not wait for the disk: faster, but a power cut may damage the file.
        use_temp: put a relative path into a private folder in the temp folder.
        kwargs: `use_cache_dir` (put a relative path into the user's cache folder), `use_memory`
            (no file at all), `serializer`, `secret_key`, `salt`, `wal` (False for network file
            systems), and the arguments of `sqlite3.connect`, such as `timeout` (seconds to wait
            for another writer, default 5).

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the path cannot be used, or the table is not ours.
    """

    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        bulk=True,
        heads_apart=True,
        ordered=True,
        bounded=True,
        streaming=True,
        leases=True,
    )

    OPTIONS: ClassVar[tuple[str, ...]] = (*BaseStorage.OPTIONS, *DB_OPTIONS)
    OPTION_KINDS = DB_KINDS

    _read_at_once: ClassVar[int] = 0
    """Bodies up to so many bytes are read whole where a file is asked for."""

    _deleted_at_once: int = _DELETED_AT_ONCE
    """So many values are deleted in one transaction."""

    def __init__(
        self,
        db_path: str | Path,
        table_name: str = "http_cache",
        fast_save: bool = False,
        use_temp: bool = False,
        **kwargs: Any,
    ) -> None:
        database: Database | None = kwargs.pop("database", None)
        own = take(kwargs, DB_OPTIONS)
        super().__init__(**kwargs)
        self.table_name = table_name
        self._sql = Statements(table_name)
        self._db = database or open_database(db_path, fast_save=fast_save, use_temp=use_temp, **own)
        if self._db.is_in_memory:
            self.capabilities = self.capabilities._replace(
                persistent=False, shared_between_processes=False
            )
        if not self._db.wal:
            # Without WAL, whoever reads a body in pieces would keep all writers waiting.
            self.capabilities = self.capabilities._replace(streaming=False)
        try:
            with mapped_errors(self._db.path):
                self.init_db()
                remove_leftovers(self._db, self._sql)
        except StorageError as error:
            # A cache has to be there for its clear() to replace the file.
            if database is None or not is_damaged(error):
                raise

    @property
    def db_path(self) -> Path | str:
        """Give the path of the file."""
        return self._db.path

    def init_db(self) -> None:
        """Create the table, if it does not exist."""
        self._db.add_schema(self._sql.create_in)

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection for a block.

        Args:
            commit: run the block in a transaction, which an exception rolls back.
        """
        with mapped_errors(self.db_path):
            if commit:
                with self._db.transaction() as connection:
                    yield connection
            else:
                yield self._db.connect()

    @contextmanager
    def bulk_commit(self) -> Iterator[None]:
        """Write many values in one transaction; an exception rolls all of them back.

        Example:
            >>> numbers = DbDict("numbers", use_memory=True)
            >>> with numbers.bulk_commit():
            ...     for i in range(1000):
            ...         numbers[i] = i * 2
            >>> len(numbers)
            1000
        """
        with self.connection(commit=True):
            yield

    # Reading and writing

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, with one SELECT."""
        try:
            row = self._db.select()(self._sql.read, (key,)).fetchone()
        except sqlite3.Error as error:
            raise map_error(self.db_path, error) from error
        if row is None:
            return None
        return self._read_large(key, row) if type(row[1]) is str else _entry(row)

    def __getitem__(self, key: str) -> Any:
        try:
            row = self._db.select()(self._sql.read_value, (key,)).fetchone()
        except sqlite3.Error as error:
            raise map_error(self.db_path, error) from error
        if row is None or type(row[1]) is not bytes or type(row[0]) is not bytes:
            return super().__getitem__(key)
        return self._shown(key, self.serializer.decode(row[0], row[1]))

    def _read_large(self, key: str, row: tuple[Any, ...]) -> Entry | None:
        head, place, *times = row
        if BodyRows.parse(place) is None:
            return DAMAGED
        body = self._body(place)
        if body is not None:
            return Entry(head, body, *times)
        with self.connection() as connection:
            again = connection.execute(self._sql.read, (key,)).fetchone()
        if again is not None and again[1] == place:
            # A row that is the same has lost its body.
            return DAMAGED
        # Replaced between the two reads: what is there now is as good.
        return None if again is None else self.read(key)

    def _body(self, place: str) -> bytes | None:
        """Read a body from its own rows; None if it was deleted meanwhile, or is none."""
        found = BodyRows.parse(place)
        if found is None:
            return None
        connection = self._db.connect()
        try:
            pieces = [self._blob(connection, row) for row in found.rows]
        except sqlite3.OperationalError as error:
            if is_missing(error):
                return None
            raise map_error(self.db_path, error) from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _blob(self, connection: sqlite3.Connection, rowid: int) -> bytes:
        with connection.blobopen(self._sql.bodies, "data", rowid, readonly=True) as blob:
            return blob.read()

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry; a large body goes into rows of its own."""
        head, body, expires, keep_until = entry
        size = len(body)
        if size <= _INLINE:
            try:
                self._put((key, head, expires, keep_until, size, 0, body))
            except sqlite3.Error as error:
                raise map_error(self.db_path, error) from error
            self._db.readers.relieve(self._db)
            return
        segment = min(size, _LARGEST_BLOB)
        with self.connection(commit=True) as connection:
            row_id = self._put((key, head, expires, keep_until, size, segment, None))
            for row, start in zip(
                BodyRows(row_id, size, segment).rows, range(0, size, segment), strict=True
            ):
                connection.execute(self._sql.write_body, (row, memoryview(body)[start:][:segment]))

    def _put(self, values: tuple[Any, ...]) -> int:
        """Write a row; give its id."""
        connection = self._db.connect()
        if connection.in_transaction:
            # There REPLACE takes three times as long, because it may have to be undone alone.
            cursor = connection.execute(self._sql.add, values)
            if cursor.rowcount:
                return cursor.lastrowid or 0
        return connection.execute(self._sql.write, values).lastrowid or 0

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces, each written in a transaction of its own."""
        if not self.capabilities.streaming:
            return super().create_body()
        with mapped_errors(self.db_path):
            remove_leftovers(self._db, self._sql)
        # Imported on first use, here and below, for an import is part of a cold start.
        from .bodies import SegmentWriter

        return SegmentWriter(self._db, self._sql)

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry and its body as a file; a large one is read by a connection of its own."""
        with mapped_errors(self.db_path):
            row = self._db.connect().execute(self._sql.read, (key,)).fetchone()
            if row is None:
                return None
            if type(row[1]) is bytes:
                return _opened(row, BytesIO(row[1]))
            found = BodyRows.parse(row[1])
            if found is None:
                return DAMAGED, BytesIO()
            is_apart = found.size > self._read_at_once and self.capabilities.streaming
            connection = self._db.open_reader() if is_apart else None
            if connection is None:
                return super().open_body(key)
            return self._open_segments(connection, key)

    def _open_segments(
        self, connection: sqlite3.Connection, key: str
    ) -> tuple[Entry, BinaryIO] | None:
        from .bodies import open_segments

        try:
            row = connection.execute(self._sql.read, (key,)).fetchone()
            found = None if row is None else BodyRows.parse(row[1])
            if found is None:
                # Deleted or replaced by a small one meanwhile.
                connection.close()
                return super().open_body(key)
            file: Any = open_segments(self._db, connection, self._sql, key, found)
            return _opened(row, file)
        except BaseException:
            connection.close()
            raise

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries in one transaction."""
        with self.bulk_commit():
            super().write_many(items)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        with self.connection() as connection:
            values = (entry.head, entry.expires, entry.keep_until, key)
            connection.execute(self._sql.rewrite_head, values)

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        for chunk in chunkify(keys):
            marks = f"({','.join('?' * len(chunk))})"
            with self.connection() as connection:
                rows = connection.execute(self._sql.read_many + marks, chunk).fetchall()
            yield from self._entries(rows)

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries in the order of writing, some rows at a time."""
        for rows in self._batches(self._sql.scan if bodies else self._sql.scan_heads):
            yield from self._entries(rows)

    def _entries(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Entry]]:
        for _, key, head, found, expires, keep_until in rows:
            if type(found) is str:
                body = self._body(found)
                if body is not None:
                    yield key, _entry((head, body, expires, keep_until))
                elif BodyRows.parse(found) is None:
                    yield key, DAMAGED
            else:
                yield key, _entry((head, found, expires, keep_until))

    def _batches(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        # Batches, so that no read transaction stays open while the caller does something else. What
        # is written meanwhile gets a higher id than `end`, or there might be no end.
        with self.connection() as connection:
            (end,) = connection.execute(self._sql.last).fetchone()
        last = 0
        with mapped_errors(self.db_path), self._db.at_large():
            while last < end:
                with self.connection() as connection:
                    rows = connection.execute(statement, (last, end, _BATCH)).fetchall()
                if not rows:
                    return
                last = rows[-1][0]
                yield rows

    def count_unexpired(self, now: float) -> int:
        """Count the values that have not expired, from the index."""
        with self.connection() as connection:
            (total,) = connection.execute(self._sql.count).fetchone()
            (expired,) = connection.execute(self._sql.count_expired, (now,)).fetchone()
        return int(total - expired)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in the order of writing."""
        for rows in self._batches(self._sql.keys):
            for _, key in rows:
                yield key

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without reading its value."""
        try:
            return self._db.select()(self._sql.contains, (key,)).fetchone() is not None
        except sqlite3.Error as error:
            raise map_error(self.db_path, error) from error

    def __len__(self) -> int:
        with self.connection() as connection:
            return int(connection.execute(self._sql.count).fetchone()[0])

    # Deleting

    def discard(self, key: str) -> bool:
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
        # The -wal file may grow: after this most of it is of no use any more.
        with mapped_errors(self.db_path), setting(self._db.connect(), "wal_autocheckpoint", 0):
            deleted = self._keep_survivors(now)
            self.vacuum()
        return deleted

    def _keep_survivors(self, now: float) -> int:
        """Delete what has expired at `now` in a transaction that copies the rest; say how many.

        Deleting rows one by one writes nearly every page anew. To drop a table writes next to none,
        so what is written is what stays, once. The pages that become free lie before it: the file
        has to be vacuumed afterwards.
        """
        sql = self._sql
        with self._db.at_large(), self._db.transaction() as connection:
            (expired,) = connection.execute(sql.count_expired, (now,)).fetchone()
            (sequence,) = connection.execute(sql.sequence).fetchone() or (0,)
            connection.execute(sql.delete_expired_bodies, (now,))
            connection.execute(sql.create_copy)
            connection.execute(sql.copy, (now,))
            connection.execute(sql.drop_table)
            connection.execute(sql.rename_copy)
            for statement in sql.create:
                connection.execute(statement)
            # An id is never used twice. Filling a table makes its row of sequences, even with
            # nothing.
            connection.execute(sql.set_sequence, (sequence,))
        return int(expired)

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

    # Leases

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, a row that ends by itself."""
        now, token = clock.now(), os.urandom(8).hex()
        with mapped_errors(self.db_path):
            # Those who wait only read, so that they do not keep the writer from writing.
            if self._is_leased(key, now):
                return None
            with self._db.transaction() as connection:
                connection.execute(self._sql.create_leases)
                connection.execute(self._sql.sweep_leases, (now,))
                lease = key, token, now + seconds
                taken = connection.execute(self._sql.take_lease, lease).rowcount
        return token if taken else None

    def _is_leased(self, key: str, now: float) -> bool:
        try:
            found = self._db.connect().execute(self._sql.find_lease, (key, now)).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return False
        return found is not None

    def release(self, key: str, token: str) -> None:
        with self.connection() as connection:
            connection.execute(self._sql.release_lease, (key, token))

    def close(self) -> None:
        """Close the connections of all threads; the next use opens new ones."""
        self._db.close()


def _opened(row: tuple[Any, ...], file: BinaryIO) -> tuple[Entry, BinaryIO]:
    """Give what `open_body` gives, of a row and its body."""
    return Entry(row[0], b"", *row[2:]), file


class DbPickleDict(DbDict):
    """Same as DbDict, but pickles values before saving: takes any value, trusts the file."""

    default_serializer = "pickle"
