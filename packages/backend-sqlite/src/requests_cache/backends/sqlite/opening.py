"""Opening a database file by the options of a cache, whatever the file is found to be."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from requests_cache.errors import ConfigurationError, StorageError, StorageTimeoutError
from requests_cache.option_types import (
    FLAG,
    FLAG_OR_NONE,
    FUNCTION_OR_NONE,
    NAME,
    SECONDS,
    WHOLE_NUMBER,
    Kind,
)
from requests_cache.paths import resolve_path

from .database import Database, is_damaged, mapped_errors

logger: logging.Logger = logging.getLogger("requests_cache")

_CONNECT_OPTIONS = ("timeout", "detect_types", "factory", "cached_statements", "uri", "wal")
# Each thread has its own connection, in autocommit mode; these two cannot be chosen.
_FIXED_OPTIONS = ("isolation_level", "check_same_thread")
DB_OPTIONS = ("use_cache_dir", "use_memory", *_CONNECT_OPTIONS, *_FIXED_OPTIONS)
"""Keyword options of a database file, beside `fast_save` and `use_temp`."""

DB_KINDS: Mapping[str, Kind] = {
    "db_path": NAME,
    "table_name": NAME,
    "fast_save": FLAG,
    "use_temp": FLAG,
    "use_cache_dir": FLAG,
    "use_memory": FLAG,
    "wal": FLAG_OR_NONE,
    "uri": FLAG_OR_NONE,
    "timeout": SECONDS,
    "detect_types": WHOLE_NUMBER,
    "cached_statements": WHOLE_NUMBER,
    "factory": FUNCTION_OR_NONE._replace(give="a class of connections, or None"),
}
"""What these options may be."""


def sqlite_template(
    timeout: float = 5.0,
    detect_types: int = 0,
    isolation_level: str | None = None,
    check_same_thread: bool = True,
    factory: type[sqlite3.Connection] | None = None,
    cached_statements: int = 100,
    uri: bool = False,
) -> None:
    """Show the signature of `sqlite3.connect`, which has none that could be inspected."""


def open_database(
    db_path: str | Path,
    *,
    fast_save: bool = False,
    use_temp: bool = False,
    use_cache_dir: bool = False,
    use_memory: bool = False,
    log_size: int | None = None,
    **options: Any,
) -> Database:
    """Open a database file; `.sqlite` is appended to a name without a suffix.

    SQLite's own names of databases in memory, `:memory:` and `file:...?mode=memory`, are such here
    as well, and a `file:` URI is one without `uri=True`, too. The name of a folder is a
    ConfigurationError.
    """
    connect = {n: v for n, v in options.items() if n in _CONNECT_OPTIONS and v is not None}
    connect["log_size"] = log_size
    name = str(db_path)
    if use_memory or _is_in_memory(name):
        return Database.in_memory(fast_save, _shared_name(name), **connect)
    if options.get("uri") or name.startswith("file:"):
        return Database(name, fast_save, **{**connect, "uri": True})
    if name in (".", "..") or name.endswith(("/", os.sep)):
        raise ConfigurationError(f"{name!r} is a folder: give the name of a file in it")
    path = resolve_path(db_path, use_temp=use_temp, use_cache_dir=use_cache_dir)
    return Database(path if path.suffix else path.with_suffix(".sqlite"), fast_save, **connect)


def _is_in_memory(name: str) -> bool:
    """Say whether a name is one that SQLite gives to a database in memory."""
    if name == ":memory:" or name.startswith("file::memory:"):
        return True
    query = parse_qs(name.partition("?")[2]) if name.startswith("file:") else {}
    return query.get("mode", [""])[-1] == "memory" or query.get("vfs", [""])[-1] == "memdb"


def _shared_name(name: str) -> str | None:
    """Give the name of a database in memory that all of the process share; None for our own."""
    if not name.startswith("file:"):
        return None
    path, _, query = name.removeprefix("file:").partition("?")
    is_shared = parse_qs(query).get("cache", [""])[-1] == "shared" or path.startswith("/")
    return path.strip("/") if is_shared else None


# Ours, and where an older cache has these, which stays as it is.
_USUAL: Final = ("responses", "redirects")
_BESIDE: Final = ("cached_responses", "cached_redirects")
# What requests-cache 0.7 to 1.3 made has this column.
_OLDER: Final = "SELECT 1 FROM pragma_table_info('redirects') WHERE name = 'value'"

# Files with an older cache in them, of which this process has spoken.
_mentioned: set[str] = set()


def table_names(database: Database) -> tuple[str, str]:
    """Give the names of the tables for responses and redirects in a file."""
    # Whoever uses the file next is told what is wrong with it.
    with suppress(StorageError, sqlite3.Error), mapped_errors(database.path):
        if database.connect().execute(_OLDER).fetchone() is not None:
            _mention(str(database.path))
            return _BESIDE
    return _USUAL


def _mention(file: str) -> None:
    """Say once that requests-cache has left a cache in the same place."""
    if file in _mentioned:
        return
    _mentioned.add(file)
    logger.warning(
        "%s is also a cache of requests-cache, which stays as it is and is not read: copy it with"
        " CachedSession(..., migrate=True), requests_cache.migrate.migrate(), or the command"
        " `requests-cache migrate`",
        file,
    )


def clear_or_replace(database: Database, clear: Callable[[], object]) -> None:
    """Clear a file; one that is damaged, or has no room for that, is replaced by an empty one."""
    try:
        clear()
        return
    except StorageTimeoutError:
        # Somebody is at work on it: it is not damaged, and not ours to take away.
        raise
    except StorageError:
        if database.is_read_only:
            raise
    # The error is gone by now, and with it the connection that it refers to: a file that is open
    # keeps its room on a full disk.
    with mapped_errors(database.path):
        database.replace()


def may_only_read(database: Database) -> bool:
    """Say whether the file of a database can be read, and not be written to.

    What is in it needs no bounds then, for nothing comes to it.
    """
    # Whoever uses the file next is told what is wrong with it.
    with suppress(StorageError), mapped_errors(database.path):
        database.connect()
    return database.is_read_only


def replace_damaged(database: Database) -> StorageError | None:
    """Begin with an empty file in the place of one that is damaged; give the error, if it was.

    This is for files that can be done without.
    """
    try:
        with mapped_errors(database.path):
            database.connect()
    except StorageError as error:
        if not is_damaged(error):
            raise
        with suppress(StorageError), mapped_errors(database.path):
            database.replace()
        return error
    return None
