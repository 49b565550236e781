"""Deleting responses, one by one, by kind, and all."""

from __future__ import annotations

from datetime import timedelta

from requests import Request

from ...backends.base import BaseCache
from .base import URL, CacheTests, Clock, response_to, save
from .redirects import redirect

__all__ = ["DeletionTests"]


def paths(cache: BaseCache) -> list[str]:
    """Give what follows `URL` in the URL of each response."""
    return sorted(url.removeprefix(URL) for url in cache.urls)


class DeletionTests(CacheTests):
    """`delete` in all its forms, and `clear`."""

    advice = (
        "these ask `bulk_delete`, `delete_expired`, `scan` and `clear` of both storages, so let"
        " StorageContract pass first"
    )

    def test_delete_keys(self, cache: BaseCache) -> None:
        """Keys that are given are deleted; missing ones are no error."""
        keys = [save(cache, f"{URL}/{i}") for i in range(4)]
        cache.delete(keys[0], "missing", keys[2], keys[0])
        assert paths(cache) == ["/1", "/3"]

    def test_delete_nothing(self, cache: BaseCache) -> None:
        """Without an argument nothing is deleted."""
        save(cache)
        cache.delete()
        cache.delete(urls=[], requests=[])
        assert cache.response_count() == 1

    def test_delete_urls(self, cache: BaseCache) -> None:
        """URLs stand for a GET of them."""
        for i in range(4):
            save(cache, f"{URL}/{i}")
        cache.delete(urls=[f"{URL}/0", f"{URL}/missing"])
        cache.delete_url(f"{URL}/1")
        cache.delete_urls(url for url in [f"{URL}/2"])
        assert paths(cache) == ["/3"]

    def test_delete_requests(self, cache: BaseCache) -> None:
        """Requests may be prepared or not; the method counts."""
        for i in range(3):
            save(cache, f"{URL}/{i}")
        requests = [Request("GET", f"{URL}/0"), Request("POST", f"{URL}/1")]
        cache.delete(requests=[*requests, Request("GET", f"{URL}/2").prepare()])
        assert paths(cache) == ["/1"]

    def test_bulk_delete(self, cache: BaseCache) -> None:
        """`bulk_delete` takes any iterable of keys, and deletes their redirects."""
        keys = [save(cache, f"{URL}/{i}") for i in range(4)]
        redirect(cache, keys[0])
        cache.bulk_delete(key for key in [*keys[:3], "missing", keys[0]])
        assert list(cache.keys()) == [keys[3]]

    def test_delete_expired(self, cache: BaseCache, at: Clock) -> None:
        """What has expired is deleted, what has not stays."""
        for i in range(4):
            save(cache, f"{URL}/{i}", at.now + i)
        save(cache, f"{URL}/never")
        at.move(2)
        cache.delete(expired=True)
        assert paths(cache) == ["/3", "/never"]

    def test_delete_older_than(self, cache: BaseCache, at: Clock) -> None:
        """What was received longer ago is deleted; seconds or timedelta."""
        for name in ("oldest", "old", "new"):
            save(cache, f"{URL}/{name}")
            at.move(100)
        cache.delete(older_than=250)
        assert paths(cache) == ["/new", "/old"]
        cache.delete(older_than=timedelta(seconds=150))
        assert paths(cache) == ["/new"]

    def test_delete_by_several_reasons(self, cache: BaseCache, at: Clock) -> None:
        """Reasons add up."""
        key = save(cache, f"{URL}/key")
        save(cache, f"{URL}/url")
        save(cache, f"{URL}/expired", at.now)
        save(cache, f"{URL}/none")
        cache.delete(key, expired=True, urls=[f"{URL}/url"])
        assert paths(cache) == ["/none"]

    def test_clear(self, cache: BaseCache) -> None:
        """`clear` deletes responses and redirects, twice if asked to, and the cache goes on."""
        redirect(cache, save(cache))
        cache.clear()
        cache.clear()
        assert list(cache.keys()) == []
        assert cache.response_count() == 0
        save(cache)
        assert cache.response_count() == 1

    def test_update(self, cache: BaseCache) -> None:
        """`update` copies responses and redirects from a cache of another backend."""
        other = BaseCache("other")
        key = save(other)
        alias = redirect(other, key)
        save(cache, f"{URL}/mine")
        cache.update(other)
        assert paths(cache) == ["", "/mine"]
        assert cache.get_response(alias).content == b"content"
        assert other.response_count() == 1

    def test_update_another(self, cache: BaseCache, at: Clock) -> None:
        """A cache of another backend takes everything from this one."""
        save(cache, URL, at.now + 60)
        cache.save_response(response_to(content=b"x" * 100_000), "large")
        other = BaseCache("other")
        other.update(cache)
        assert sorted(other.keys()) == sorted(cache.keys())
        assert other.get_response("large").size == 100_000
        assert other.response_count(check_expiry=True) == 2
        at.move(60)
        assert other.response_count(check_expiry=True) == 1
