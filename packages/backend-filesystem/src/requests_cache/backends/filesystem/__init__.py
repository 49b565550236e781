"""Filesystem backend: `CachedSession("folder", backend="filesystem")`.

One file per response, any number of threads and processes. Files and folders are private to their
user. `FileCache` is the cache, `FileDict` a mapping for values of your own.
"""

from __future__ import annotations

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[filesystem]"'
    )

from .cache import FileCache
from .storage import FileDict

__all__ = ["FileCache", "FileDict"]
