"""The types that users of the session see. It is checked by mypy and pyright, and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_type

from requests import PreparedRequest, Response
from requests_cache import (
    DO_NOT_CACHE,
    EXPIRE_IMMEDIATELY,
    NEVER_EXPIRE,
    BaseCache,
    BaseStorage,
    CachedResponse,
    CachedSession,
    CacheMixin,
    CacheSettings,
    DictStorage,
    OriginalResponse,
    available,
    enabled,
    get_cache,
    init_backend,
    install_cache,
    is_installed,
    register,
)
from requests_cache.backends.base import Capabilities, Entry
from requests_cache.errors import CacheError


def sessions() -> None:
    """Every setting takes what its documentation says."""
    session = CachedSession(
        "name",
        backend="memory",
        expire_after=timedelta(days=1),
        urls_expire_after={"*.example.org": 60, re.compile(r"\.png$"): NEVER_EXPIRE},
        allowable_codes=[200, 404],
        allowable_methods=("GET", "POST"),
        filter_fn=lambda response: response.ok,
        stale_if_error=timedelta(hours=1),
        stale_while_revalidate=10,
        cache_control=True,
        ignored_parameters=["token"],
    )
    assert_type(session.cache, BaseCache)
    assert_type(session.settings, CacheSettings)
    session.expire_after = DO_NOT_CACHE
    session.settings.expire_after = "Sun, 06 Nov 2044 08:49:37 GMT"
    with session.cache_disabled():
        assert_type(session.get("https://example.org"), OriginalResponse | CachedResponse)
    session.request("GET", "https://example.org", expire_after=EXPIRE_IMMEDIATELY, refresh=True)
    response: Response = session.post("https://example.org", json={}, force_refresh=True)
    assert_type(session.get("https://example.org", only_if_cached=True).from_cache, bool)
    session.send(PreparedRequest(), timeout=1).raise_for_status()
    assert_type(response.ok, bool)
    CachedSession(backend=BaseCache)
    CachedSession(backend=BaseCache("name"))


class MySession(CacheMixin):
    """A session class of one's own."""


def responses(response: CachedResponse) -> None:
    """What a cached response knows of itself."""
    assert_type(response.from_cache, bool)
    assert_type(response.revalidated, bool)
    assert_type(response.cache_key, str | None)
    assert_type(response.expires, datetime | None)
    assert_type(response.is_expired, bool)
    assert_type(response.size, int)


def caches(cache: BaseCache) -> None:
    """What a cache can be asked."""
    assert_type(cache.response_count(), int)
    assert_type(list(cache.urls), list[str])
    assert_type(cache.keys(), Iterator[str])
    assert_type(cache.has_url("https://example.org"), bool)
    assert_type(cache.responses, BaseStorage)
    assert_type(init_backend("memory"), BaseCache)
    assert_type([backend.distribution for backend in available()], list[str])
    register("mine", BaseCache, DictStorage)


def patching() -> None:
    """The program-wide cache."""
    install_cache("name", backend="memory", expire_after=60)
    assert_type(is_installed(), bool)
    assert_type(get_cache(), BaseCache | None)
    with enabled(backend="memory"):
        pass


class MyStorage(BaseStorage):
    """A store of one's own."""

    capabilities = Capabilities(ordered=True)

    def read(self, key: str) -> Entry | None:
        return None

    def write(self, key: str, entry: Entry) -> None:
        raise CacheError(key)

    def discard(self, key: str) -> bool:
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(())
