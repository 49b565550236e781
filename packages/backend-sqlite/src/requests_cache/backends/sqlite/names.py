"""What the tables of a cache are called; a cache of requests-cache may be in the same file."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from typing import Final

from requests_cache.errors import StorageError

from .database import Database
from .errors import mapped_errors

__all__ = ["table_names"]

# Ours, and where an older cache has these, which stays as it is.
_USUAL: Final = ("responses", "redirects")
_BESIDE: Final = ("cached_responses", "cached_redirects")
# What requests-cache 0.7 to 1.3 made has this column.
_OLDER: Final = "SELECT 1 FROM pragma_table_info('redirects') WHERE name = 'value'"

logger: logging.Logger = logging.getLogger("requests_cache")
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
