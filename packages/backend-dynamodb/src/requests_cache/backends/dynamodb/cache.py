"""The DynamoDB cache: two partitions of one table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from requests_cache.backends.base import BaseCache, Entry
from requests_cache.options import refuse_bounds, take

from .storage import DynamoDbDict
from .table import TABLE_KINDS, get_many, open_table

_MEANS = "let responses expire, and DynamoDB's time to live deletes them"


class DynamoDbCache(BaseCache):
    """A cache in a DynamoDB table.

    Args:
        table_name: table; its partitions `responses` and `redirects` are the cache's.
        connection: boto3's resource or client to use instead of making one; it is never closed.
        kwargs: options of `DynamoDbDict` and of `BaseCache`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option has a wrong value, or the table has other keys.
    """

    OPTION_KINDS = TABLE_KINDS
    asks_for_both = True

    def __init__(
        self, table_name: str | Path = "http_cache", connection: Any = None, **kwargs: Any
    ) -> None:
        refuse_bounds(type(self), kwargs, _MEANS)
        table_name = str(table_name)
        own = take(kwargs, BaseCache.OPTIONS)
        super().__init__(table_name, **own)
        table = open_table(type(self).__name__, table_name, connection, kwargs, BaseCache.OPTIONS)
        shared = {"connection": table, **self.storage_options}
        self._table = table
        self.responses: DynamoDbDict = DynamoDbDict(table_name, "responses", **shared)
        self.redirects: DynamoDbDict = DynamoDbDict(table_name, "redirects", **shared)

    @property
    def earlier_place(self) -> tuple[str, str, Any]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_name, "dynamodb", self._table.connection.handed_in

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Ask for the response and for the redirect in one request."""
        both = self.responses, self.redirects
        keys = both[0].composite_key(key), both[1].composite_key(beside or key)
        found = {item["namespace"]: item for item in get_many(self._table, keys)}
        response, redirect = (storage.entry_of(found.get(storage.namespace)) for storage in both)
        return response, redirect
