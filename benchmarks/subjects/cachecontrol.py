"""CacheControl: an adapter with memory, files or Redis behind it."""

# This file runs in an environment that the checker does not see:
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from subjects.base import NotOfferedError, Subject

if TYPE_CHECKING:
    from row import Place


class CacheControl(Subject):
    """CacheControl 0.14.4."""

    name = "cachecontrol"
    title = "CacheControl 0.14.4"
    requirements = ("CacheControl[filecache,redis]==0.14.4",)
    statement = "from cachecontrol import CacheControl"

    def session(self, store: str, place: Place) -> Any:
        """Wrap a `requests.Session`."""
        import cachecontrol
        import requests

        return cachecontrol.CacheControl(requests.Session(), self._cache(store, place))

    def _cache(self, store: str, place: Place) -> Any:
        if store == "memory":
            from cachecontrol.cache import DictCache

            return DictCache()
        if store == "filesystem":
            from cachecontrol.caches import FileCache

            return FileCache(place.folder / "cache")
        if store == "redis":
            import redis
            from cachecontrol.caches import RedisCache

            return RedisCache(redis.Redis.from_url(f"redis://{place.services['redis']}"))
        raise NotOfferedError(store)
