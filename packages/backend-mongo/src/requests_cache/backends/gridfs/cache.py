"""The GridFS cache: responses in a bucket, redirects in a collection."""

from __future__ import annotations

from typing import Any

from requests_cache.backends.base import BaseCache, Entry
from requests_cache.options import refuse_bounds, take

from ..mongo.both import Opened, open_both, read_both
from ..mongo.connection import Connection
from ..mongo.storage import MongoDict
from .storage import GridFSDict

__all__ = ["GridFSCache"]

_MEANS = "let responses expire, and call `delete(expired=True)` now and then"


class GridFSCache(BaseCache):
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

    asks_for_both = True

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

    @property
    def earlier_place(self) -> tuple[str, str, Any]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_name, "gridfs", self._connection.client

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Ask for the response and for the redirect in one round trip."""
        both = self.responses, self.redirects
        return read_both(*both, key, beside) or super().read_either(key, beside)

    def open_either(
        self, key: str, beside: str | None = None
    ) -> tuple[Opened | None, Entry | None]:
        """Ask for both as `read_either` does, with the body of the response as a file."""
        both = self.responses, self.redirects
        return open_both(*both, key, beside) or super().open_either(key, beside)
