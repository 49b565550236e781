"""Filesystem backend: `CachedSession("folder", backend="filesystem")`.

One file per response, any number of threads and processes. Files and folders are private to their
user. `FileCache` is the cache, `FileDict` a mapping for values of your own.
"""

from __future__ import annotations

from .cache import FileCache
from .storage import FileDict

__all__ = ["FileCache", "FileDict"]
