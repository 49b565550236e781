"""The cache: two namespaces of one database."""

from __future__ import annotations

from typing import Any, ClassVar

from requests_cache.backends.base import BaseCache

from .connections import LOCAL
from .storage import PostgresDict

__all__ = ["PostgresCache"]


class PostgresCache(BaseCache):
    """A cache in a PostgreSQL database.

    Args:
        cache_name: its name; caches of several names share the tables of a database.
        url: of the database, or a connection string of libpq.
        kwargs: options of `BaseCache`.
    """

    contract: ClassVar[int] = 1

    def __init__(self, cache_name: str = "http_cache", url: str = LOCAL, **kwargs: Any) -> None:
        super().__init__(cache_name, **kwargs)
        self.responses = PostgresDict(url, f"{cache_name}/responses")
        self.redirects = PostgresDict(url, f"{cache_name}/redirects")
