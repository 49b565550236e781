"""MongoDB backend: `CachedSession("name", backend="mongo", host="mongodb://...")`.

A document for each response, which the service deletes when its time is over; what is too large for
a document goes to GridFS. `MongoCache` is the cache, `MongoDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[mongo]"'
    )

from requests_cache import _door

from .cache import MongoCache
from .storage import MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
