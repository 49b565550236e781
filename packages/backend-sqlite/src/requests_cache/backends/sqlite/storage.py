"""A table in a SQLite file as a mapping."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from requests_cache._store.entry import DAMAGED
from requests_cache.backends.base import Entry

from .deletion import Deletion
from .errors import map_error, mapped_errors
from .leftovers import remove_leftovers
from .rows import BodyRows
from .statements import chunkify

if TYPE_CHECKING:
    from requests_cache.backends.base import BodyWriter

__all__ = ["DbDict", "DbPickleDict"]

# A body of more than this has a row of its own, which is read without copying it twice. A smaller
# one is copied sooner than another row is found; for 128 KB an allocator asks the system each time.
_INLINE = 120 * 1024
# SQLite's own limit for a value is 1,000,000,000 bytes (https://www.sqlite.org/limits.html).
_LARGEST_BLOB = 512 * 1024 * 1024
_BATCH = 200

# As `Entry._make`, without a function of Python.
_entry: Callable[[tuple[Any, ...]], Entry] = partial(tuple.__new__, Entry)


class DbDict(Deletion):
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

    _read_at_once: ClassVar[int] = 0
    """Bodies up to so many bytes are read whole where a file is asked for."""

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
        """Give the value of `key`."""
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
        """Replace the head and the times of a stored value."""
        with self.connection() as connection:
            values = (entry.head, entry.expires, entry.keep_until, key)
            connection.execute(self._sql.rewrite_head, values)

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored."""
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
        """Count the keys."""
        with self.connection() as connection:
            return int(connection.execute(self._sql.count).fetchone()[0])


def _opened(row: tuple[Any, ...], file: BinaryIO) -> tuple[Entry, BinaryIO]:
    """Give what `open_body` gives, of a row and its body."""
    return Entry(row[0], b"", *row[2:]), file


class DbPickleDict(DbDict):
    """Same as DbDict, but pickles values before saving: takes any value, trusts the file."""

    default_serializer = "pickle"
