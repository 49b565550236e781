"""A GridFS bucket as a mapping."""

from __future__ import annotations

from typing import Any, ClassVar

from pymongo import MongoClient
from requests_cache.backends.base import Entry

from ..mongo.connection import Connection
from ..mongo.storage import MongoDict


class GridFSDict(MongoDict):
    """A mapping in a GridFS bucket, with one file for each value.

    A small document, in the collection that has the bucket's name, names the file that is the value
    now. So a value is replaced at once, and listing what there is reads no file.

    Args:
        db_name: database.
        collection_name: bucket, `"fs"` by default; all that is in it belongs to the mapping.
        connection: client to use instead of making one; it is never closed here.
        kwargs: options of `MongoDict`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option or a name is one that MongoDB does not take.
    """

    # The head of a response is smaller; whatever is not a head belongs into the file.
    _largest_head: ClassVar[int] = 4 * 1024

    def __init__(
        self,
        db_name: str,
        collection_name: str | None = None,
        connection: MongoClient[Any] | Connection | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(db_name, collection_name or "fs", connection, **kwargs)

    def _is_large(self, entry: Entry) -> bool:
        return bool(entry.body) or super()._is_large(entry)


class GridFSPickleDict(GridFSDict):
    """Same as GridFSDict, but pickles values first: takes any value, trusts the database."""

    default_serializer = "pickle"
