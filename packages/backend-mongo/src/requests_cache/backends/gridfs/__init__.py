"""GridFS backend: `CachedSession("name", backend="gridfs", host="mongodb://...")`.

A file for each response, in a bucket of its own; the backend `mongo` moves only large ones there.
`GridFSCache` is the cache, `GridFSDict` a mapping for values of your own.
"""

from __future__ import annotations

from .cache import GridFSCache
from .storage import GridFSDict, GridFSPickleDict

__all__ = ["GridFSCache", "GridFSDict", "GridFSPickleDict"]
