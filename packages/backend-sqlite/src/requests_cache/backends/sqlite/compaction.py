"""Deleting most of a table: what stays is copied, and the table as it was is dropped."""

from __future__ import annotations

from contextlib import AbstractContextManager

from .connection import setting
from .database import Database
from .statements import Statements

__all__ = ["replace_by_survivors", "without_checkpoints"]


def replace_by_survivors(database: Database, sql: Statements, now: float) -> int:
    """Delete what has expired at `now` in a transaction that copies the rest; say how many.

    Deleting rows one by one writes nearly every page anew. To drop a table writes next to none, so
    what is written is what stays, once. The pages that become free lie before it: the file has to
    be vacuumed afterwards.
    """
    with database.at_large(), database.transaction() as connection:
        (expired,) = connection.execute(sql.count_expired, (now,)).fetchone()
        (sequence,) = connection.execute(sql.sequence).fetchone() or (0,)
        connection.execute(sql.delete_expired_bodies, (now,))
        connection.execute(sql.create_copy)
        connection.execute(sql.copy, (now,))
        connection.execute(sql.drop_table)
        connection.execute(sql.rename_copy)
        for statement in sql.create:
            connection.execute(statement)
        # An id is never used twice. Filling a table makes its row of sequences, even with nothing.
        connection.execute(sql.set_sequence, (sequence,))
    return int(expired)


def without_checkpoints(database: Database) -> AbstractContextManager[None]:
    """Let the `-wal` file grow during a block, after which most of it is of no use any more."""
    return setting(database.connect(), "wal_autocheckpoint", 0)
