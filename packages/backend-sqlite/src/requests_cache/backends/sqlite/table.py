"""A table in a SQLite file: how it is opened, and one connection for each thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from requests_cache.backends.base import BaseStorage, Capabilities
from requests_cache.errors import StorageError
from requests_cache.options import take

from .database import Database
from .errors import is_damaged, is_missing, map_error, mapped_errors
from .leases import Leases, LeasingStorage
from .leftovers import remove_leftovers
from .opening import DB_KINDS, DB_OPTIONS, open_database
from .rows import BodyRows
from .statements import Statements

__all__ = ["Table"]


class Table(LeasingStorage):
    """A table, and the file that it is in; `DbDict` says which options it takes."""

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
        self._leases = Leases(self._db, table_name)
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

    def close(self) -> None:
        """Close the connections of all threads; the next use opens new ones."""
        self._db.close()
