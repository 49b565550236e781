"""SQLite backend: `CachedSession("name", backend="sqlite")`.

One file, any number of threads and processes; readers do not wait for writers (WAL). A file is
private to its user. `DbCache` is the cache, `DbDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[sqlite]"'
    )

from requests_cache import _door

from .cache import DbCache
from .opening import sqlite_template
from .statements import chunkify
from .storage import DbDict, DbPickleDict

SQLiteCache = DbCache
SQLiteDict = DbDict
SQLitePickleDict = DbPickleDict

__all__ = [
    "DbCache",
    "DbDict",
    "DbPickleDict",
    "SQLiteCache",
    "SQLiteDict",
    "SQLitePickleDict",
    "chunkify",
    "sqlite_template",
]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
