"""SQLite's errors in the words of this library."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from requests_cache.errors import (
    CacheError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)

from .database import Database
from .reading import why_not

__all__ = ["is_damaged", "is_missing", "map_error", "mapped_errors"]

# Primary result codes, https://www.sqlite.org/rescode.html
_BY_CODE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (StorageTimeoutError, "locked by another writer; raise `timeout`"),
    sqlite3.SQLITE_LOCKED: (StorageTimeoutError, "locked by another writer; raise `timeout`"),
    sqlite3.SQLITE_FULL: (StorageFullError, "the disk is full"),
    sqlite3.SQLITE_READONLY: (StorageUnavailableError, "the file cannot be written to"),
    sqlite3.SQLITE_CANTOPEN: (StorageUnavailableError, "the file cannot be opened"),
    sqlite3.SQLITE_NOTADB: (StorageUnavailableError, "not a database; clear() replaces it"),
    sqlite3.SQLITE_CORRUPT: (StorageUnavailableError, "damaged; clear() replaces it"),
}

# What is there at the next use may be another file.
_FILE_IS_WRONG = frozenset(
    (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
    )
)


@contextmanager
def mapped_errors(path: object) -> Iterator[None]:
    """Raise our errors for those of sqlite3 and of the system, with these as the cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise map_error(path, error) from error
    except OSError as error:
        raise StorageUnavailableError(f"SQLite cache {path}: {error} ({why_not(path)})") from error


def is_damaged(error: StorageError) -> bool:
    """Say whether an error of ours is about a file that is damaged, or no database at all."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_missing(error: sqlite3.Error) -> bool:
    """Say whether there is no body where one is looked for: no row, or another value in it."""
    return "no such rowid" in str(error) or "cannot open value" in str(error)


def map_error(path: object, error: sqlite3.Error) -> CacheError:
    """Give our error for one of sqlite3."""
    if isinstance(error, sqlite3.DataError):
        return ValueTooLargeError(f"{path}: {error}")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _FILE_IS_WRONG:
        Database.forget_file(path)
    kind, advice = _BY_CODE.get(code, (StorageError, "see the cause"))
    if code == sqlite3.SQLITE_CANTOPEN:
        advice = why_not(path)
    return kind(f"SQLite cache {path}: {error} ({advice})")
