"""Large bodies in pieces: written without a long transaction, read as one version."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from threading import Lock
from typing import BinaryIO, Final

from requests_cache import clock
from requests_cache.backends.base import BodyReader, BodyWriter, Entry
from requests_cache.errors import StorageClearedError, StorageTimeoutError, ValueTooLargeError

from .database import Database, mapped_errors
from .statements import BODY_SHIFT, MOST_SEGMENTS, BodyRows, Statements, delete_segments, here

# One row of a streamed body: so much is in memory, and so long do other writers wait.
SEGMENT: Final = 1024 * 1024
# Who reads on gets so much read in advance: to start a thread takes a tenth of the time.
_AHEAD: Final = 3 * SEGMENT


class SegmentWriter(BodyWriter):
    """Writes each segment in a transaction of its own, so that no writer waits for a download.

    The segments lie under an id that is taken from the table's sequence and noted as pending. The
    last transaction makes the row. What a killed process leaves is found by that note.
    """

    def __init__(self, database: Database, sql: Statements, segment: int = SEGMENT) -> None:
        self._db = database
        self._sql = sql
        self._token = os.urandom(8)
        self._segment = segment
        self._buffer = bytearray()
        self._segments = 0
        self._size = 0
        self._is_open = False
        with mapped_errors(database.path), database.transaction() as connection:
            for statement in sql.create_pending:
                connection.execute(statement)
            connection.execute(sql.start_sequence)
            (self._row_id,) = connection.execute(sql.reserve).fetchone()
            note = (self._row_id, self._token, here(), self._process, clock.now())
            connection.execute(sql.note_pending, note)
        self._is_open = True

    def write(self, data: bytes) -> None:
        """Take the next piece; it is written when a segment is full."""
        view = memoryview(data)
        while view:
            room = self._segment - len(self._buffer)
            self._buffer += view[:room]
            view = view[room:]
            if len(self._buffer) == self._segment:
                self._flush()

    def _flush(self) -> None:
        if self._segments >= MOST_SEGMENTS:
            raise ValueTooLargeError(f"{self._db.path}: a body has at most 1 TB")
        with self._transaction() as connection:
            self._keep_note(connection)
            row = (self._row_id << BODY_SHIFT) + self._segments
            connection.execute(self._sql.write_body, (row, self._buffer))
        self._segments += 1
        self._size += len(self._buffer)
        self._buffer.clear()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with mapped_errors(self._db.path), self._db.transaction() as connection:
                yield connection
        except StorageTimeoutError:
            # To wait for the same lock again, to delete what is there, would take as long once
            # more: it is found later by its note.
            self._is_open = False
            raise

    def _keep_note(self, connection: sqlite3.Connection) -> None:
        note = (clock.now(), self._row_id, self._token)
        try:
            kept = connection.execute(self._sql.touch_pending, note).rowcount
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            kept = 0
        if not kept:
            raise StorageClearedError(f"{self._db.path}: cleared during a download")

    def commit(self, key: str, entry: Entry) -> None:
        """Make the row of the value, in place of what was stored under `key`."""
        if self._buffer:
            self._flush()
        times = entry.expires, entry.keep_until
        row = (self._row_id, key, entry.head, *times, self._size, self._segment)
        with self._transaction() as connection:
            self._keep_note(connection)
            connection.execute(self._sql.write_at, row)
            connection.execute(self._sql.forget_pending, (self._row_id, self._token))
        self._is_open = False

    def abort(self) -> None:
        self._buffer.clear()
        if self._is_open:
            self._is_open = False
            # What cannot be deleted now is found later by its note.
            with suppress(sqlite3.Error):
                delete_segments(self._db, self._sql, self._row_id, self._token)


def open_segments(
    database: Database, connection: sqlite3.Connection, sql: Statements, key: str, rows: BodyRows
) -> BodyReader:
    """Give a body as a file that reads through a connection of its own, and closes it."""
    segments = _Segments(database, connection, sql, key, rows)
    database.readers.add(segments)
    return BodyReader(segments.rows.size, segments.fetch, segments.close, ahead=_AHEAD)


class _Segments:
    """Reads rows of a body, and keeps the last one open: to find a byte in it takes long.

    The connection sees the file as it was when it was opened. That keeps the log from being written
    anew from its start, so a reader moves on to a later version when it is asked to.
    """

    def __init__(
        self,
        database: Database,
        connection: sqlite3.Connection,
        sql: Statements,
        key: str,
        rows: BodyRows,
    ) -> None:
        self.rows = rows
        self._db = database
        self._connection: sqlite3.Connection | None = connection
        self._sql = sql
        self._key = key
        self._open: tuple[int, sqlite3.Blob] | None = None
        self._copy: BinaryIO | None = None
        self._lock = Lock()

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes from `position` on."""
        with self._lock:
            if self._copy is not None:
                self._copy.seek(position)
                return self._copy.read(min(count, SEGMENT))
            row, offset = self.rows.locate(position)
            try:
                blob = self._find(row)
                blob.seek(offset)
                return blob.read(count)
            except sqlite3.Error as error:
                raise OSError(f"the stored body cannot be read: {error}") from error

    def _find(self, row: int) -> sqlite3.Blob:
        if self._connection is None:
            raise ValueError("the stored body is closed")
        if self._open is None or self._open[0] != row:
            self._close_row()
            blob = self._connection.blobopen(self._sql.bodies, "data", row, readonly=True)
            self._open = row, blob
        return self._open[1]

    def _close_row(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def move_on(self) -> None:
        """See the file as it is now, with a copy of the body if that is not there any more."""
        with self._lock:
            newer = None if self._connection is None else self._db.open_reader()
            if newer is None:
                return
            found = newer.execute(self._sql.read, (self._key,)).fetchone()
            if found is None or BodyRows.parse(found[1]) != self.rows:
                newer.close()
                newer = None
                self._copy = self._make_copy()
            self._close_connection()
            self._connection = newer

    def _make_copy(self) -> BinaryIO:
        copy = TemporaryFile()  # noqa: SIM115  # closed with the body
        try:
            for row in self.rows.rows:
                blob = self._find(row)
                blob.seek(0)
                copy.write(blob.read())
        except BaseException:
            copy.close()
            raise
        return copy

    def _close_connection(self) -> None:
        self._close_row()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close_connection()
            if self._copy is not None:
                self._copy.close()
