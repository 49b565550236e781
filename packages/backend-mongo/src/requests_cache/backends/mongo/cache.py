"""The MongoDB cache: two collections in one database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import MongoClient
from requests_cache.backends.base import BaseCache
from requests_cache.options import refuse_bounds, take

from .both import CacheOnServer
from .connection import Connection
from .storage import MONGO_KINDS, MongoDict

__all__ = ["MongoCache"]

_MEANS = "let responses expire, and MongoDB's time-to-live index deletes them"


class MongoCache(CacheOnServer):
    """A cache in a MongoDB database.

    Args:
        db_name: database; its collections `responses` and `redirects` are the cache's.
        connection: client to use instead of making one; it is never closed here.
        kwargs: options of `BaseCache`, and the arguments of `pymongo.MongoClient`, such as `host`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option or a name is one that MongoDB does not take.
    """

    OPTION_KINDS = MONGO_KINDS
    _earlier = "mongo"

    def __init__(
        self,
        db_name: str | Path = "http_cache",
        connection: MongoClient[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        refuse_bounds(type(self), kwargs, _MEANS)
        db_name = str(db_name)
        own = take(kwargs, BaseCache.OPTIONS)
        super().__init__(db_name, **own)
        self._connection = Connection(type(self).__name__, connection, kwargs, BaseCache.OPTIONS)
        shared = {"connection": self._connection, **self.storage_options}
        self.responses: MongoDict = MongoDict(db_name, "responses", **shared)
        self.redirects: MongoDict = MongoDict(db_name, "redirects", **shared)
