"""Events of a cache as metrics and traces, each for one system.

from requests_cache.telemetry.prometheus import instrument

instrument(session)  # or a cache
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..backends.cache import BaseCache
    from ..session import CacheMixin

__all__ = ["REQUESTS", "cache_of"]

REQUESTS: Final = frozenset({"hit", "stale", "revalidated", "miss", "bypassed", "failed"})
"""The outcomes of requests; each request has one of them."""

FROM_CACHE: Final = frozenset({"hit", "stale", "revalidated"})
"""Those whose body did not have to be transferred."""


def cache_of(target: CacheMixin | BaseCache) -> BaseCache:
    """Give the cache of a session; a cache is given back."""
    cache: BaseCache = getattr(target, "cache", target)  # type: ignore[arg-type]  # a session has one
    return cache
