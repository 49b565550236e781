"""Bodies in pieces: written in a transaction that nobody sees before its end, read in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO

import psycopg
from psycopg import IsolationLevel
from requests_cache.backends.base import BodyReader, BodyWriter, Entry

from . import sql
from .connections import Connection, Connections
from .errors import mapped_errors

__all__ = ["PieceWriter", "open_pieces"]

PIECE = 1024 * 1024


class PieceWriter(BodyWriter):
    """Writes rows of a megabyte in one transaction; the server drops them if we are killed."""

    def __init__(self, connections: Connections, row: Callable[..., Sequence[Any]]) -> None:
        self._connections = connections
        self._row = row
        self._buffer = bytearray()
        self._number = 0
        self._size = 0
        self._connection: Connection | None = connections.take()
        with mapped_errors():
            self._connection.autocommit = False
            found = self._connection.execute(sql.NEXT_BODY).fetchone()
        assert found is not None
        self._body = int(found[0])

    def write(self, data: bytes) -> None:
        """Take the next piece; it is written when a megabyte is full."""
        self._size += len(data)
        self._buffer += data
        while len(self._buffer) >= PIECE:
            self._flush()

    def _flush(self) -> None:
        assert self._connection is not None, "it was committed or aborted"
        piece = bytes(self._buffer[:PIECE])
        with mapped_errors():
            self._connection.execute(sql.WRITE_PIECE, [self._body, self._number, piece])
        del self._buffer[:PIECE]
        self._number += 1

    def commit(self, key: str, entry: Entry) -> None:
        """Make the row of the value, in place of what was stored under `key`."""
        if self._buffer:
            self._flush()
        assert self._connection is not None, "it was committed or aborted"
        row = self._row(key, entry, self._body, self._size)
        with mapped_errors():
            self._connection.execute(sql.WRITE, row)
            self._connection.commit()
        self._end(self._connection)

    def abort(self) -> None:
        """Take everything back."""
        self._buffer.clear()
        if self._connection is not None:
            # A connection that is broken has taken it back.
            with suppress(psycopg.Error):
                self._connection.rollback()
            self._end(self._connection)

    def _end(self, connection: Connection) -> None:
        self._connection = None
        _hand_back(self._connections, connection)


def _hand_back(connections: Connections, connection: Connection) -> None:
    with suppress(psycopg.Error):
        connection.isolation_level = None
        connection.autocommit = True
    connections.give_back(connection)


def open_pieces(
    connections: Connections, place: tuple[str, bytes]
) -> tuple[Entry, BinaryIO] | None:
    """Give an entry without its body, and the body as a file that reads one version to its end."""
    connection = connections.take()
    try:
        with mapped_errors():
            connection.autocommit = False
            # Every statement of this transaction sees what there is now, whatever is written.
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            row = connection.execute(sql.OPEN, place).fetchone()
    except BaseException:
        connection.close()
        raise
    if row is None or row[4] is None:
        with mapped_errors():
            connection.rollback()
        _hand_back(connections, connection)
        return None if row is None else (_without_body(row), BytesIO(row[1]))
    pieces = _Pieces(connections, connection, row[4])
    reader: Any = BodyReader(row[5], pieces.fetch, pieces.release, ahead=2 * PIECE)
    return _without_body(row), reader


def _without_body(row: Sequence[Any]) -> Entry:
    return Entry(bytes(row[0]), b"", row[2], row[3])


class _Pieces:
    """Reads the rows of a body, and keeps the last one."""

    def __init__(self, connections: Connections, connection: Connection, body: int) -> None:
        self._connections = connections
        self._connection = connection
        self._body = body
        self._last: tuple[int, bytes] = (-1, b"")

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes from `position` on."""
        number, offset = divmod(position, PIECE)
        if self._last[0] != number:
            self._last = number, self._read(number)
        return self._last[1][offset : offset + count]

    def _read(self, number: int) -> bytes:
        try:
            row = self._connection.execute(sql.PIECE, [self._body, number]).fetchone()
        except psycopg.Error as error:
            raise OSError(f"the stored body cannot be read: {error}") from error
        return b"" if row is None else bytes(row[0])

    def release(self) -> None:
        """End the transaction, and give the connection back."""
        with suppress(psycopg.Error):
            self._connection.rollback()
        _hand_back(self._connections, self._connection)
