"""A backend of requests-cache: `CachedSession("my_cache", backend="postgres", url="...")`."""

from __future__ import annotations

from .cache import PostgresCache
from .storage import PostgresDict

__all__ = ["PostgresCache", "PostgresDict"]
