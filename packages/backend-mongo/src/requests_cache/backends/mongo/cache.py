"""The MongoDB cache: two collections in one database."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from requests_cache.backends.base import BaseCache, Entry
from requests_cache.options import refuse_bounds, take

from .connection import Connection, Document
from .storage import MONGO_KINDS, MongoDict

_MARK: Final = "is_redirect"


class CacheOnServer(BaseCache):
    """A cache that asks for a response and a redirect in one round trip, where the server can.

    What is in files takes more of them.
    """

    responses: MongoDict
    redirects: MongoDict
    asks_for_both = True
    _connection: Connection
    _earlier: ClassVar[str]

    @property
    def earlier_place(self) -> tuple[str, str, Any]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_name, self._earlier, self._connection.client

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Ask for the response and for the redirect in one round trip."""
        found = self._find(key, beside)
        if found is None:
            return super().read_either(key, beside)
        return self.responses.entry_of(found[0]), self.redirects.entry_of(found[1])

    def open_either(
        self, key: str, beside: str | None = None
    ) -> tuple[tuple[Entry, BinaryIO] | None, Entry | None]:
        """Ask for both as `read_either` does, with the body of the response as a file."""
        found = self._find(key, beside)
        if found is None:
            return super().open_either(key, beside)
        return self.responses.open_document(found[0]), self.redirects.entry_of(found[1])

    def _find(self, key: str, beside: str | None) -> tuple[Document | None, Document | None] | None:
        """Give the documents; None from a server that cannot look into two collections at once."""
        if not self.responses.can_unite:
            return None
        chosen: Document = {"$match": {"_id": key}}
        others = [{"$match": {"_id": beside or key}}, {"$addFields": {_MARK: True}}]
        union = {"$unionWith": {"coll": self.redirects.collection_name, "pipeline": others}}
        with self.responses.errors(), self.responses.haste():
            try:
                found = list(self.responses.collection.aggregate([chosen, union]))
            except OperationFailure as error:
                # Servers before 4.4, and some that speak the same protocol.
                if "$unionWith" not in str(error):
                    raise
                self.responses.can_unite = False
                return None
        response = next((document for document in found if _MARK not in document), None)
        redirect = next((document for document in found if _MARK in document), None)
        return response, redirect


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
