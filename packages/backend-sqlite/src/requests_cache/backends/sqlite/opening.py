"""Opening a database file by the options of a cache."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from requests_cache.paths import resolve_path

from .database import Database

__all__ = ["DB_OPTIONS", "open_database", "sqlite_template"]

_CONNECT_OPTIONS = ("timeout", "detect_types", "factory", "cached_statements", "uri", "wal")
# Each thread has its own connection, in autocommit mode; these two cannot be chosen.
_FIXED_OPTIONS = ("isolation_level", "check_same_thread")
DB_OPTIONS = ("use_cache_dir", "use_memory", *_CONNECT_OPTIONS, *_FIXED_OPTIONS)
"""Keyword options of a database file, beside `fast_save` and `use_temp`."""


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
    """Open a database file; `.sqlite` is appended to a name without a suffix."""
    connect = {n: v for n, v in options.items() if n in _CONNECT_OPTIONS and v is not None}
    connect["log_size"] = log_size
    if use_memory:
        return Database.in_memory(fast_save=fast_save, **connect)
    if options.get("uri"):
        return Database(str(db_path), fast_save, **connect)
    path = resolve_path(db_path, use_temp=use_temp, use_cache_dir=use_cache_dir)
    return Database(path if path.suffix else path.with_suffix(".sqlite"), fast_save, **connect)
