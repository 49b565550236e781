"""Opening a database file that may not be written to: one in a read-only place, or of others."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from .connection import open_connection

__all__ = ["open_to_read", "why_not"]

_NOT_WRITABLE: Final = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN))


def open_to_read(
    path: Path | str, error: sqlite3.OperationalError, options: dict[str, Any]
) -> sqlite3.Connection | None:
    """Open a file to read it, where it cannot be opened to write; None if it cannot be, either.

    Args:
        path: the file.
        error: why it cannot be opened to write.
        options: arguments of `sqlite3.connect`.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _NOT_WRITABLE or not isinstance(path, Path) or not path.is_file():
        return None
    # A file in WAL mode has a -shm file, which somebody has to make, unless nobody writes: then
    # the database is all there is, and can be read as it is.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        if "immutable" in mode and _has_log(path):
            return None
        connection = _connect(f"{path.as_uri()}?{mode}", options)
        if connection is not None:
            return connection
    return None


def _connect(uri: str, options: dict[str, Any]) -> sqlite3.Connection | None:
    """Open a database that can be read; SQLite notices only with the first statement."""
    connection: sqlite3.Connection | None = None
    try:
        connection = open_connection(uri, {**options, "uri": True})
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        if connection is not None:
            connection.close()
        return None
    return connection


def _has_log(path: Path) -> bool:
    """Say whether something was written that is not yet in the database itself."""
    try:
        return Path(f"{path}-wal").stat().st_size > 0
    except OSError:
        return False


def why_not(path: object) -> str:
    """Say why a file cannot be opened, and what to do."""
    if not isinstance(path, Path):
        return "the file cannot be opened"
    try:
        if path.is_dir():
            return "a folder has this name: give that of a file"
        if path.exists() and not os.access(path, os.W_OK):
            known = "and cannot be read as it is" if os.access(path, os.R_OK) else "nor be read"
            return f"the file may not be written to, {known}: look at its permissions"
        if not os.access(path.parent, os.W_OK | os.X_OK):
            return "its folder may not be written to: give another one, or use_temp=True"
    except OSError as error:
        return f"{error.strerror}: give another name"
    return "the file cannot be opened: give another folder, or use_temp=True"
