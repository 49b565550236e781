"""Redis backend: `CachedSession("namespace", backend="redis", url="redis://localhost")`.

For Redis and whatever speaks its protocol, such as Valkey: alone, as a cluster or behind sentinels.
`RedisCache` is the cache, `RedisDict` a mapping for values of your own, `RedisHashDict` one that is
a single hash on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[redis]"'
    )

from requests_cache import _door

from .cache import RedisCache
from .hashes import RedisHashDict
from .storage import RedisDict

__all__ = ["RedisCache", "RedisDict", "RedisHashDict"]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
