"""The MongoDB cache: two collections in one database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import MongoClient
from requests_cache.backends.base import BaseCache, Entry
from requests_cache.options import refuse_bounds, take

from .both import Opened, open_both, read_both
from .connection import Connection
from .storage import MONGO_KINDS, MongoDict

__all__ = ["MongoCache"]

_MEANS = "let responses expire, and MongoDB's time-to-live index deletes them"


class MongoCache(BaseCache):
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
    asks_for_both = True

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

    @property
    def earlier_place(self) -> tuple[str, str, Any]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_name, "mongo", self._connection.client

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
