"""MongoDB backend: `CachedSession("name", backend="mongo", host="mongodb://...")`.

A document for each response, which the service deletes when its time is over; what is too large for
a document goes to GridFS. `MongoCache` is the cache, `MongoDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[mongo]"'
    )

from .cache import MongoCache
from .storage import MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]


if not TYPE_CHECKING:  # else every name could be imported

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from requests_cache._earlier.names import find

        return find(__name__, name)
