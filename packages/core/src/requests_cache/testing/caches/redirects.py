"""A redirect is another name of a response."""

from __future__ import annotations

from requests import Request

from ...backends.base import BaseCache
from .base import URL, CacheTests, Clock, response_to, save

__all__ = ["RedirectTests"]

_OLD = "https://example.org/old"


def redirect(cache: BaseCache, key: str, url: str = _OLD) -> str:
    """Make a GET of `url` a redirect to `key`; give the key of that GET."""
    request = Request("GET", url).prepare()
    cache.save_redirect(request, key)
    return cache.create_key(request)


class RedirectTests(CacheTests):
    """`save_redirect`, and what follows from it."""

    advice = (
        "give the cache a store of its own for `redirects`, under another name than `responses` has"
    )

    def test_redirect_gives_the_response(self, cache: BaseCache) -> None:
        """The key of a redirected request gives the response it led to."""
        key = save(cache)
        alias = redirect(cache, key)
        found = cache.get_response(alias)
        assert found.url == URL
        assert found.cache_key == key

    def test_redirect_is_contained(self, cache: BaseCache) -> None:
        """A redirect is among the keys, but it is no response."""
        key = save(cache)
        alias = redirect(cache, key)
        assert cache.contains(alias)
        assert cache.has_url(_OLD)
        assert sorted(cache.keys()) == sorted([key, alias])
        assert cache.response_count() == 1
        assert list(cache.urls) == [URL]
        assert len(list(cache.values())) == 1

    def test_redirect_to_nothing(self, cache: BaseCache) -> None:
        """A redirect whose response is missing gives the default."""
        alias = redirect(cache, "missing")
        assert cache.get_response(alias) is None
        assert cache.get_response(alias, "default") == "default"

    def test_redirect_to_itself(self, cache: BaseCache) -> None:
        """A request that is redirected to its own response is no redirect."""
        key = save(cache)
        cache.save_redirect(Request("GET", URL).prepare(), key)
        assert list(cache.keys()) == [key]

    def test_history_is_saved_as_redirects(self, cache: BaseCache) -> None:
        """Saving a response that was reached by redirects saves these too."""
        response = response_to()
        first, second = response_to(_OLD, b"", "GET"), response_to(f"{_OLD}/2", b"")
        first.status_code = second.status_code = 302
        response.history = [first, second]
        cache.save_response(response)
        assert cache.response_count() == 1
        for url in (_OLD, f"{_OLD}/2", URL):
            assert cache.get_response(cache.create_key(Request("GET", url))).url == URL

    def test_history_comes_back(self, cache: BaseCache) -> None:
        """A saved response has its history again."""
        response = response_to()
        hop = response_to(_OLD, b"moved")
        hop.status_code = 301
        response.history = [hop]
        cache.save_response(response, "key")
        (again,) = cache.get_response("key").history
        assert (again.status_code, again.url, again.content) == (301, _OLD, b"moved")

    def test_deleting_the_response(self, cache: BaseCache) -> None:
        """Deleting a response deletes the redirects to it, and no others."""
        key, other = save(cache), save(cache, f"{URL}/other")
        redirect(cache, key)
        kept = redirect(cache, other, f"{_OLD}/other")
        cache.delete(key)
        assert sorted(cache.keys()) == sorted([other, kept])

    def test_deleting_the_redirect(self, cache: BaseCache) -> None:
        """Deleting a redirect leaves its response."""
        key = save(cache)
        alias = redirect(cache, key)
        cache.delete(alias)
        assert list(cache.keys()) == [key]

    def test_expired_response_takes_its_redirects(self, cache: BaseCache, at: Clock) -> None:
        """A sweep deletes the redirects to what it deletes."""
        key = save(cache, URL, at.now + 1)
        redirect(cache, key)
        at.move(2)
        cache.remove_expired_responses()
        assert list(cache.keys()) == []

    def test_many_redirects(self, cache: BaseCache) -> None:
        """Many redirects to one response are found and deleted."""
        key = save(cache)
        aliases = [redirect(cache, key, f"{_OLD}/{i}") for i in range(150)]
        assert all(cache.contains(alias) for alias in aliases)
        assert len(list(cache.keys())) == 151
        cache.delete(key)
        assert list(cache.keys()) == []
