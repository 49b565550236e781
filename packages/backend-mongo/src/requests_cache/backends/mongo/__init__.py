"""MongoDB backend: `CachedSession("name", backend="mongo", host="mongodb://...")`.

A document for each response, which the service deletes when its time is over; what is too large for
a document goes to GridFS. `MongoCache` is the cache, `MongoDict` a mapping for values of your own.
"""

from __future__ import annotations

from .cache import MongoCache
from .storage import MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]
