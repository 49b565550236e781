"""SQLite backend: `CachedSession("name", backend="sqlite")`.

One file, any number of threads and processes; readers do not wait for writers (WAL). A file is
private to its user. `DbCache` is the cache, `DbDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[sqlite]"'
    )

from .cache import DbCache
from .opening import sqlite_template
from .pickled import DbPickleDict
from .statements import chunkify
from .storage import DbDict

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

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from requests_cache._earlier.names import find

        return find(__name__, name)
