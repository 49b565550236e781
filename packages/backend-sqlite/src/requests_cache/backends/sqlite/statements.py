"""The layout of a table: its SQL, where large bodies are, and what their writers left behind.

Names are quoted, values are parameters, so no key becomes SQL.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from requests_cache import clock
from requests_cache.errors import ConfigurationError

from .database import Database

BODY_SHIFT = 20
"""A body's rows are numbered from the id of its value times 2**20, so they need no index."""

PARAMETERS = 999
"""The number of parameters that every build of SQLite takes in one statement."""

_LAYOUT = (
    "(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " key NOT NULL UNIQUE, head BLOB NOT NULL, expires REAL, keep_until REAL,"
    " size INTEGER NOT NULL, segment INTEGER NOT NULL, body BLOB)"
)
_PROGRAMS = (
    "SELECT name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
    " AND tbl_name COLLATE NOCASE IN (?, ?, ?, ?)"
)


class Statements:
    """The statements of a table, each text once, so that SQLite prepares it once per connection.

    A small body is in the row of its value. A large one is in rows of a table beside it, from
    which it is read without a copy in between (incremental I/O); a trigger deletes these rows. An
    id is never used twice, so a reader that comes too late finds no body rather than another one.
    """

    def __init__(self, table: str) -> None:
        name, bodies, index, kept, trigger, pending = (
            quoted(table + suffix)
            for suffix in ("", "_bodies", "_expires", "_kept", "_deleted", "_pending")
        )
        self.table = table
        self.bodies: str = f"{table}_bodies"
        self.create: tuple[str, ...] = (
            f"CREATE TABLE IF NOT EXISTS {name} {_LAYOUT}",
            f"CREATE TABLE IF NOT EXISTS {bodies} (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
            # All rows are in it, so that they are counted in this, the smallest index.
            f"CREATE INDEX IF NOT EXISTS {index} ON {name} (expires)",
            f"CREATE INDEX IF NOT EXISTS {kept} ON {name} (keep_until)"
            " WHERE keep_until IS NOT NULL",
            f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER DELETE ON {name} WHEN old.segment > 0"
            f" BEGIN DELETE FROM {bodies} WHERE id >= old.id << {BODY_SHIFT}"
            f" AND id < (old.id + 1) << {BODY_SHIFT}; END",
        )
        self.drop: tuple[str, ...] = (
            f"DROP TABLE IF EXISTS {quoted(touched_table(table))}",
            f"DROP TABLE IF EXISTS {pending}",
            f"DROP TABLE IF EXISTS {bodies}",
            f"DROP TABLE IF EXISTS {name}",
        )
        self._trigger = self.create[-1].replace(" IF NOT EXISTS", "", 1)
        self._tables = (table, self.bodies, touched_table(table), f"{table}_pending")
        self._reading(name)
        self._writing(name, bodies)
        self._removing(name)
        self._pending(name, bodies, pending)
        self._survivors(name, bodies)
        self._leases(quoted(f"{table}_leases"))

    def _reading(self, name: str) -> None:
        self.probe: str = (
            f"SELECT id, key, head, expires, keep_until, size, segment, body FROM {name} LIMIT 0"
        )
        # Each column costs time: in the place of a body that is elsewhere comes where that is.
        body = "coalesce(body, id || ' ' || size || ' ' || segment)"
        columns = f"head, {body}, expires, keep_until"
        self.read: str = f"SELECT {columns} FROM {name} WHERE key = ?"
        self.read_value: str = f"SELECT head, {body} FROM {name} WHERE key = ?"
        scan = "SELECT id, key, {} FROM {} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        self.scan: str = scan.format(columns, name)
        self.scan_heads: str = scan.format("head, x'', expires, keep_until", name)
        self.read_many: str = f"SELECT id, key, {columns} FROM {name} WHERE key IN "
        self.find_large: str = (
            f"SELECT key, {body} FROM {name} WHERE head = ? AND size = ? AND body IS NULL"
        )
        self.keys: str = f"SELECT id, key FROM {name} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        self.last: str = f"SELECT coalesce(max(id), 0) FROM {name}"
        self.contains: str = f"SELECT 1 FROM {name} WHERE key = ?"
        self.count: str = f"SELECT count(*) FROM {name}"
        self.count_expired: str = f"SELECT count(*) FROM {name} WHERE expires <= ?"

    def _writing(self, name: str, bodies: str) -> None:
        into = (
            f"INTO {name} (key, head, expires, keep_until, size, segment, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self.add: str = f"INSERT {into} ON CONFLICT (key) DO NOTHING"
        self.write: str = f"REPLACE {into}"
        self.write_body: str = f"INSERT INTO {bodies} (id, data) VALUES (?, ?)"
        self.rewrite_head: str = (
            f"UPDATE {name} SET head = ?, expires = ?, keep_until = ? WHERE key = ?"
        )

    def _removing(self, name: str) -> None:
        self.discard: str = f"DELETE FROM {name} WHERE key = ?"
        self.delete_many: str = f"DELETE FROM {name} WHERE key IN "
        self.delete_value: str = f"DELETE FROM {name} WHERE head = ? AND body = ?"
        self.delete_expired: str = (
            f"DELETE FROM {name} WHERE id IN (SELECT id FROM {name} WHERE expires <= ? LIMIT ?)"
        )
        self.sweep: str = (
            f"DELETE FROM {name} WHERE id IN (SELECT id FROM {name} WHERE keep_until <= ? LIMIT ?)"
        )

    def _pending(self, name: str, bodies: str, pending: str) -> None:
        """Make the statements for bodies that come in pieces."""
        self.create_pending: tuple[str, ...] = (
            f"CREATE TABLE IF NOT EXISTS {pending} (id INTEGER PRIMARY KEY, token BLOB NOT NULL,"
            " host TEXT NOT NULL, process INTEGER NOT NULL, touched REAL NOT NULL)",
        )
        table = self.table.replace("'", "''")
        # https://www.sqlite.org/autoinc.html: this table is there to be written to.
        self.start_sequence: str = (
            f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', 0"
            f" WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{table}')"
        )
        self.reserve: str = (
            f"UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{table}' RETURNING seq"
        )
        self.note_pending: str = f"INSERT INTO {pending} VALUES (?, ?, ?, ?, ?)"
        self.list_pending: str = f"SELECT id, token, host, process, touched FROM {pending}"
        self.touch_pending: str = f"UPDATE {pending} SET touched = ? WHERE id = ? AND token = ?"
        self.forget_pending: str = f"DELETE FROM {pending} WHERE id = ? AND token = ?"
        self.write_at: str = (
            f"REPLACE INTO {name} (id, key, head, expires, keep_until, size, segment, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
        )
        self.delete_segment: str = (
            f"DELETE FROM {bodies} WHERE id = (SELECT min(id) FROM {bodies} WHERE id >= ?"
            f" AND id < ?) AND EXISTS (SELECT 1 FROM {pending} WHERE id = ? AND token = ?)"
        )

    def _survivors(self, name: str, bodies: str) -> None:
        """Make the statements that put another table, of what has not expired, in the place."""
        copy = quoted(f"{self.table}_survivors")
        self.delete_expired_bodies: str = (
            f"DELETE FROM {bodies} WHERE id >> {BODY_SHIFT} IN"
            f" (SELECT id FROM {name} WHERE expires <= ? AND segment > 0)"
        )
        self.create_copy: str = f"CREATE TABLE {copy} {_LAYOUT}"
        self.copy: str = (
            f"INSERT INTO {copy} SELECT * FROM {name} WHERE expires IS NULL OR expires > ?"
            " ORDER BY id"
        )
        self.drop_table: str = f"DROP TABLE {name}"
        self.rename_copy: str = f"ALTER TABLE {copy} RENAME TO {name}"
        table = self.table.replace("'", "''")
        self.sequence: str = f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"
        self.set_sequence: str = f"UPDATE sqlite_sequence SET seq = ? WHERE name = '{table}'"

    def _leases(self, name: str) -> None:
        self.create_leases: str = (
            f"CREATE TABLE IF NOT EXISTS {name}"
            " (key TEXT PRIMARY KEY, token TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID"
        )
        self.sweep_leases: str = f"DELETE FROM {name} WHERE until <= ?"
        self.take_lease: str = f"INSERT OR IGNORE INTO {name} VALUES (?, ?, ?)"
        self.release_lease: str = f"DELETE FROM {name} WHERE key = ? AND token = ?"
        self.find_lease: str = f"SELECT 1 FROM {name} WHERE key = ? AND until > ?"

    def create_in(self, connection: sqlite3.Connection) -> None:
        """Create the table where it is not there; one that is not ours is a ConfigurationError."""
        self._refuse_programs(connection)
        try:
            connection.execute(self.probe)
            return
        except sqlite3.OperationalError as error:
            foreign = "no such column" in str(error)
        if foreign:
            raise ConfigurationError(
                f"the file has a table {self.table!r} of another layout, such as that of"
                " requests-cache 1.x: give another name, or copy it with requests_cache.migrate"
            )
        for statement in self.create:
            connection.execute(statement)

    def _refuse_programs(self, connection: sqlite3.Connection) -> None:
        """Raise for a view in the place of a table, and for triggers of somebody else.

        Whoever wrote them decides what runs when the table is used, and for how long.
        """
        for name, text in connection.execute(_PROGRAMS, self._tables):
            if text != self._trigger:
                raise ConfigurationError(
                    f"the file has a view or a trigger {name!r} that is not ours: give another"
                    " name, or delete the file"
                )


def touched_table(table: str) -> str:
    """Name the table in which a bounded store notes what was read."""
    return f"{table}_touched"


def quoted(name: str) -> str:
    """Quote the name of a table."""
    if "\0" in name:
        raise ConfigurationError(f"table_name={name!r} contains NUL")
    return '"' + name.replace('"', '""') + '"'


def chunkify(iterable: Iterable[Any], max_size: int = PARAMETERS) -> Iterator[list[Any]]:
    """Split an iterable into lists of at most `max_size` items."""
    iterator = iter(iterable)
    while chunk := list(islice(iterator, max_size)):
        yield chunk


# Rows of large bodies, which are found without an index

# With a larger one the ids of its rows are more than SQLite can count.
_IDS: Final = 1 << (62 - BODY_SHIFT)


class BodyRows(NamedTuple):
    """Where a large body is."""

    row_id: int
    size: int
    segment: int

    @classmethod
    def parse(cls, place: object) -> BodyRows | None:
        """Take apart what a SELECT gives in the place of the body; None if it is none of ours."""
        if type(place) is not str:
            return None
        try:
            found = cls(*map(int, place.split()))
        except (TypeError, ValueError):
            return None
        is_ours = abs(found.row_id) < _IDS and found.size >= 0 and found.segment > 0
        return found if is_ours else None

    @property
    def rows(self) -> range:
        """Give the ids of the rows."""
        first = self.row_id << BODY_SHIFT
        return range(first, first - (-self.size // self.segment))

    def locate(self, position: int) -> tuple[int, int]:
        """Give the row that has a byte of the body, and the byte's position in it."""
        number, offset = divmod(position, self.segment)
        return (self.row_id << BODY_SHIFT) + number, offset


# What writers of large bodies left behind that are no more

MOST_SEGMENTS: Final = 1 << BODY_SHIFT
"""So many rows can a body have."""
# A writer that has not written for so long is taken for dead, where its process cannot be asked.
_LEFTOVER_AGE: Final = 3600.0


def remove_leftovers(database: Database, sql: Statements) -> None:
    """Delete the segments of writers that are no more."""
    with suppress(sqlite3.OperationalError):  # no body was ever written in pieces
        pending = database.connect().execute(sql.list_pending).fetchall()
        oldest = clock.now() - _LEFTOVER_AGE
        for row_id, token, host, process, touched in pending:
            if touched < oldest or (host == here() and not _is_alive(process)):
                delete_segments(database, sql, row_id, token)


def delete_segments(database: Database, sql: Statements, row_id: int, token: bytes) -> None:
    """Delete segments one at a time, so that other writers get their turn; the note goes last."""
    connection = database.connect()
    first = row_id << BODY_SHIFT
    which = (first, first + MOST_SEGMENTS, row_id, token)
    while connection.execute(sql.delete_segment, which).rowcount:
        pass
    connection.execute(sql.forget_pending, (row_id, token))


def here() -> str:
    """Give what tells apart where a process id means something: machines, and containers."""
    with suppress(OSError):
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        # os.kill(process, 0) would end it.
        return True
    try:
        with suppress(PermissionError):
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
