"""Connections to the server: taken by one thread at a time, and never used by another process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeAlias

import psycopg

from . import sql
from .errors import mapped_errors

__all__ = ["LOCAL", "Connections"]

LOCAL = "postgresql:///"
"""The database that libpq takes for one's own: PGHOST, PGDATABASE and the like say which."""

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# Seconds to connect, milliseconds for a statement, and for a server that has vanished.
_LIMITS: dict[str, Any] = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=10000",
    "tcp_user_timeout": 10_000,
}
_MOST_IDLE = 10
# Those of a parent process: to close one in a child would end the session of the parent.
_of_parents: list[Connection] = []


class Connections:
    """Opens connections when they are needed, and keeps some for the next statement."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._process = os.getpid()

    def ask(self, statement: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """Give the rows of a statement, which is a transaction of its own."""
        with mapped_errors(), self._answering(statement, values) as cursor:
            return cursor.fetchall()

    def do(self, statement: str, *values: Any) -> int:
        """Run a statement, which is a transaction of its own; give how many rows it changed."""
        with mapped_errors(), self._answering(statement, values) as cursor:
            return cursor.rowcount

    @contextmanager
    def _answering(
        self, statement: str, values: tuple[Any, ...]
    ) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        connection = self.take()
        try:
            cursor = self._execute(connection, statement, values)
            if cursor is None:
                # The server was restarted while this connection was idle.
                connection = self.open()
                cursor = connection.execute(statement, values)
            yield cursor
        finally:
            self.give_back(connection)

    @staticmethod
    def _execute(
        connection: Connection, statement: str, values: tuple[Any, ...]
    ) -> psycopg.Cursor[tuple[Any, ...]] | None:
        try:
            return connection.execute(statement, values)
        except psycopg.OperationalError:
            if not connection.broken:
                raise
            return None

    def take(self) -> Connection:
        """Give a connection that nobody else uses until it is given back."""
        with self._lock:
            if self._process != os.getpid():
                _of_parents.extend(self._idle)
                self._idle, self._process = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return self.open()

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next one who takes one, if it is of any use."""
        with self._lock:
            is_useful = not connection.closed and self._process == os.getpid()
            if is_useful and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def open(self) -> Connection:
        """Open a connection, and make the tables if there are none."""
        with mapped_errors():
            connection = psycopg.connect(self._url, autocommit=True, **_LIMITS)
            row = connection.execute(sql.EXISTS).fetchone()
            if row is None or not row[0]:
                with connection.transaction():
                    connection.execute(sql.LOCK, [sql.SCHEMA_LOCK])
                    connection.execute(sql.SCHEMA)
            return connection

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._process == os.getpid():
            for connection in idle:
                connection.close()
