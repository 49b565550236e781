"""What writers of large bodies left behind that are no more."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from requests_cache import clock

from .database import Database
from .statements import BODY_SHIFT, Statements

__all__ = ["MOST_SEGMENTS", "delete_segments", "here", "remove_leftovers"]

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
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
