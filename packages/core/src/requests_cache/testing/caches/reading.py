"""Saving responses and finding them again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests import Request

from ...backends.base import BaseCache
from ...models import CachedResponse
from .base import URL, CacheTests, Clock, response_to, save

__all__ = ["ReadingTests"]


class ReadingTests(CacheTests):
    """The verbs that look and change nothing, and `save_response`."""

    advice = (
        "these verbs ask the two storages, so let StorageContract pass first; do not override them"
    )

    def test_is_empty_at_first(self, cache: BaseCache) -> None:
        """A new cache has no keys, responses or URLs."""
        assert list(cache.keys()) == []
        assert list(cache.values()) == []
        assert list(cache.urls) == []
        assert cache.response_count() == 0

    def test_get_missing_response(self, cache: BaseCache) -> None:
        """A missing key gives None, or the default."""
        assert cache.get_response("missing") is None
        assert cache.get_response("missing", "default") == "default"

    def test_save_and_get(self, cache: BaseCache, at: Clock) -> None:
        """A saved response comes back with everything that the original had."""
        original = response_to()
        cache.save_response(original, expires=at.now + 60)
        found = cache.get_response(cache.create_key(original.request))
        assert isinstance(found, CachedResponse)
        assert found.from_cache
        assert found.status_code == 200
        assert (found.url, found.reason, found.encoding) == (URL, "OK", "utf-8")
        assert found.content == b"content"
        assert found.text == "content"
        assert found.headers == original.headers
        assert found.request.method == "GET"
        assert found.request.url == URL
        assert found.request.headers["Accept"] == "text/plain"
        assert found.history == []
        assert found.cache_key == cache.create_key(original.request)
        assert found.created_at == datetime.fromtimestamp(at.now, UTC)
        assert found.expires == datetime.fromtimestamp(at.now + 60, UTC)

    def test_save_with_datetime(self, cache: BaseCache, at: Clock) -> None:
        """`expires` may be a datetime, or None for never."""
        when = datetime.fromtimestamp(at.now, UTC) + timedelta(days=1)
        cache.save_response(response_to(), "key", when)
        cache.save_response(response_to(), "other", None)
        assert cache.get_response("key").expires == when
        assert cache.get_response("other").expires is None

    def test_save_under_a_given_key(self, cache: BaseCache) -> None:
        """A key that is given is used as it is."""
        cache.save_response(response_to(), "my key/../*")
        assert list(cache.keys()) == ["my key/../*"]
        assert cache.get_response("my key/../*").content == b"content"

    def test_save_again(self, cache: BaseCache) -> None:
        """A response that is saved again replaces the first."""
        cache.save_response(response_to(content=b"old and longer"))
        cache.save_response(response_to(content=b"new"))
        assert cache.response_count() == 1
        assert [response.content for response in cache.values()] == [b"new"]

    def test_each_hit_is_a_new_object(self, cache: BaseCache) -> None:
        """What a caller changes in a response is not seen by the next."""
        key = save(cache)
        cache.get_response(key).headers["X-Number"] = "changed"
        assert cache.get_response(key).headers["X-Number"] == "1"

    @pytest.mark.parametrize("content", [b"", b"\0", bytes(range(256)), b"\xff" * 100_000])
    def test_content_of_any_bytes(self, cache: BaseCache, content: bytes) -> None:
        """Content comes back byte for byte."""
        cache.save_response(response_to(content=content), "key")
        same_content = cache.get_response("key").content == content
        assert same_content
        assert cache.get_response("key").size == len(content)

    def test_contains(self, cache: BaseCache) -> None:
        """`contains` takes a key, a request or a URL."""
        key = save(cache)
        other = Request("GET", "https://example.org/other")
        assert cache.contains(key)
        assert cache.contains(request=Request("GET", URL))
        assert cache.contains(request=Request("GET", URL).prepare())
        assert cache.contains(url=URL)
        assert not cache.contains("missing")
        assert not cache.contains(request=other)
        assert not cache.contains(request=Request("HEAD", URL))
        assert not cache.contains(url=str(other.url))
        assert not cache.contains()

    def test_has_key_and_has_url(self, cache: BaseCache) -> None:
        """`has_key` and `has_url` are `contains` in two words."""
        key = save(cache)
        assert cache.has_key(key)
        assert not cache.has_key("missing")
        assert cache.has_url(URL)
        assert not cache.has_url("https://example.org/other")

    def test_keys(self, cache: BaseCache, at: Clock) -> None:
        """`keys` lists responses, expired ones only if they are not left out."""
        fresh = save(cache, URL, at.now + 60)
        stale = save(cache, f"{URL}/stale", at.now)
        assert sorted(cache.keys()) == sorted([fresh, stale])
        assert list(cache.keys(check_expiry=True)) == [fresh]

    def test_values(self, cache: BaseCache, at: Clock) -> None:
        """`values` gives responses, expired ones only if they are not left out."""
        save(cache, URL, at.now + 60)
        save(cache, f"{URL}/stale", at.now)
        assert sorted(response.url for response in cache.values()) == [URL, f"{URL}/stale"]
        assert [response.url for response in cache.values(check_expiry=True)] == [URL]
        assert [response.content for response in cache.values()] == [b"content"] * 2

    def test_filter(self, cache: BaseCache, at: Clock) -> None:
        """`filter` gives the kinds asked for."""
        save(cache, URL, at.now + 60)
        save(cache, f"{URL}/stale", at.now)

        def found(**kinds: Any) -> list[str]:
            return sorted(response.url for response in cache.filter(**kinds))

        assert found() == [URL, f"{URL}/stale"]
        assert found(expired=False) == [URL]
        assert found(valid=False) == [f"{URL}/stale"]
        assert found(valid=False, expired=False) == []

    def test_filter_older_than(self, cache: BaseCache, at: Clock) -> None:
        """`filter` may leave out what was received lately."""
        save(cache, f"{URL}/old")
        at.move(100)
        save(cache, f"{URL}/new")
        at.move(10)
        for age in (50, timedelta(seconds=50)):
            assert [response.url for response in cache.filter(older_than=age)] == [f"{URL}/old"]
        assert list(cache.filter(older_than=1000)) == []
        old = cache.filter(valid=False, expired=False, older_than=50)
        assert [response.url for response in old] == [f"{URL}/old"]

    def test_urls(self, cache: BaseCache) -> None:
        """`urls` lists the URL of each response."""
        save(cache, f"{URL}?b=2&a=1")
        save(cache, f"{URL}/ä")
        assert sorted(cache.urls) == [f"{URL}/ä", f"{URL}?b=2&a=1"]

    def test_response_count(self, cache: BaseCache, at: Clock) -> None:
        """`response_count` counts responses, expired ones only if they are not left out."""
        for i in range(5):
            save(cache, f"{URL}/{i}", at.now + i)
        assert cache.response_count() == 5
        assert cache.response_count(check_expiry=True) == 4
        at.move(3)
        assert cache.response_count(check_expiry=True) == 1

    def test_expired_response_is_given(self, cache: BaseCache, at: Clock) -> None:
        """An expired response can be had, for it may be validated or better than none."""
        key = save(cache, URL, at.now + 1)
        assert not cache.get_response(key).is_expired
        at.move(1)
        assert cache.get_response(key).is_expired

    def test_repr(self, cache: BaseCache) -> None:
        """`repr` names the class and reads nothing."""
        save(cache)
        assert type(cache).__name__ in repr(cache)
        assert "content" not in repr(cache)
