"""Filesystem backend: `CachedSession("folder", backend="filesystem")`.

One file per response, any number of threads and processes. Files and folders are private to their
user. `FileCache` is the cache, `FileDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[filesystem]"'
    )

from requests_cache import _door

from .cache import FileCache
from .storage import FileDict

__all__ = ["FileCache", "FileDict"]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
