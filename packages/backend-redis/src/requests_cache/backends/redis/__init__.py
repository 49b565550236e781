"""Redis backend: `CachedSession("namespace", backend="redis", url="redis://localhost")`.

For Redis and whatever speaks its protocol, such as Valkey: alone, as a cluster or behind sentinels.
`RedisCache` is the cache, `RedisDict` a mapping for values of your own, `RedisHashDict` one that is
a single hash on the server.
"""

from __future__ import annotations

from .cache import RedisCache
from .hashes import RedisHashDict
from .storage import RedisDict

__all__ = ["RedisCache", "RedisDict", "RedisHashDict"]
