"""The Redis cache: responses and redirects in one namespace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from requests_cache.backends.base import BaseCache, Entry
from requests_cache.errors import RecordError
from requests_cache.options import refuse_bounds, reject_unknown, take

from .server import CLIENT_OPTIONS, Server
from .storage import REDIS_KINDS, RedisDict, to_entry

_MEANS = "let the server evict (`maxmemory`, `maxmemory-policy allkeys-lru`) or responses expire"


class RedisCache(BaseCache):
    """A cache on a Redis server.

    Args:
        namespace: name of the cache; any text, `:` and pattern characters are escaped.
        connection: client of redis-py to use, which is never closed: `redis.Redis`, that of a
            cluster, or one from a sentinel. Only a cache without it can be pickled.
        kwargs: of a client to be made: `url`, or options of `redis.Redis`, of which the time limits
            `socket_timeout` and `socket_connect_timeout` are 5 seconds by default; `ttl` (False:
            the server deletes nothing by itself); options of `BaseCache`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the client or the URL cannot be used.
    """

    OPTION_KINDS = REDIS_KINDS
    asks_for_both = True

    def __init__(
        self, namespace: str | Path = "http_cache", connection: Any = None, **kwargs: Any
    ) -> None:
        refuse_bounds(type(self), kwargs, _MEANS)
        namespace = str(namespace)
        reject_unknown(type(self).__name__, kwargs, (*CLIENT_OPTIONS, "ttl", *BaseCache.OPTIONS))
        of_client = take(kwargs, CLIENT_OPTIONS)
        own = take(kwargs, ("ttl",))
        super().__init__(namespace, **kwargs)
        self.server: Server = Server(type(self).__name__, connection, **of_client)
        shared = {"connection": self.server, **own, **self.storage_options}
        self.responses: RedisDict = RedisDict(namespace, "responses", **shared)
        self.redirects: RedisDict = RedisDict(namespace, "redirects", **shared)

    @property
    def earlier_place(self) -> tuple[str, str, Any]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_name, "redis", self.server.client

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Ask for the response and for the redirect in one round trip."""
        commands = (self.responses.reading(key), self.redirects.reading(beside or key))
        try:
            response, redirect = (to_entry(*answer) for answer in self.server.ask_all(commands))
        except RecordError:
            # One of them is of another type.
            return super().read_either(key, beside)
        return response, redirect
