"""The GridFS cache: responses in a bucket, redirects in a collection."""

from __future__ import annotations

from typing import Any

from requests_cache.backends.base import BaseCache
from requests_cache.options import refuse_bounds, take

from ..mongo.cache import CacheOnServer
from ..mongo.connection import Connection
from ..mongo.storage import MongoDict
from .storage import GridFSDict

_MEANS = "let responses expire, and call `delete(expired=True)` now and then"


class GridFSCache(CacheOnServer):
    """A cache in a GridFS bucket of a MongoDB database.

    Args:
        db_name: database.
        kwargs: `connection` (client to use instead of making one; it is never closed here),
            `collection_name` (prefix of bucket and collections, by default `"fs"`; give two caches
            in one database different ones), options of `BaseCache`, and the arguments of
            `pymongo.MongoClient`, such as `host`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option or a name is one that MongoDB does not take.
    """

    _earlier = "gridfs"

    def __init__(self, db_name: str, **kwargs: Any) -> None:
        refuse_bounds(type(self), kwargs, _MEANS)
        own = take(kwargs, BaseCache.OPTIONS)
        connection = kwargs.pop("connection", None)
        prefix = kwargs.pop("collection_name", None) or "fs"
        super().__init__(db_name, **own)
        known = (*BaseCache.OPTIONS, "connection", "collection_name")
        self._connection = Connection(type(self).__name__, connection, kwargs, known)
        shared = {"connection": self._connection, **self.storage_options}
        self.responses: GridFSDict = GridFSDict(db_name, f"{prefix}.responses", **shared)
        self.redirects: MongoDict = MongoDict(db_name, f"{prefix}.redirects", **shared)
