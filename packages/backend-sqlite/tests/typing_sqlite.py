"""The types that users of the SQLite backend see. It is checked by mypy and pyright, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

from requests_cache import CachedSession
from requests_cache.backends.base import BaseStorage
from requests_cache.backends.sqlite import DbCache, DbDict, DbPickleDict, SQLiteCache, chunkify


def caches() -> None:
    """A cache, by class and by instance."""
    cache = DbCache(Path("http_cache"), use_temp=True, timeout=1.0)
    assert_type(cache.responses, DbDict)
    assert_type(cache.db_path, Path | str)
    CachedSession(backend=cache)
    CachedSession("http_cache", backend=SQLiteCache, fast_save=True)


def mappings() -> None:
    """A mapping for values of one's own."""
    values: BaseStorage = DbDict("values", "table")
    values["key"] = {"any": "value"}
    pickles = DbPickleDict("values", "pickles")
    with pickles.bulk_commit():
        pickles["key"] = object()
    pickles.bulk_delete(keys=["key"])
    for keys in chunkify(["a", "b", "c"], 2):
        assert_type(len(keys), int)
