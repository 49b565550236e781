"""When responses expire, changing that, and sweeping."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import pytest

from ...backends.base import BaseCache
from .base import URL, CacheTests, Clock, response_to, save
from .deletion import paths

__all__ = ["ExpirationTests"]


class ExpirationTests(CacheTests):
    """`reset_expiration`, `remove_expired_responses` and `freshen_response`."""

    advice = (
        "these ask `scan`, `rewrite_head`, `write` and `count_unexpired`, so let"
        " StorageContract pass first"
    )

    def test_remove_expired_responses(self, cache: BaseCache, at: Clock) -> None:
        """What has expired goes, at the very moment that it expires."""
        save(cache, f"{URL}/1", at.now + 1)
        save(cache, f"{URL}/2", at.now + 2)
        save(cache, f"{URL}/never")
        at.move(0.5)
        cache.remove_expired_responses()
        assert cache.response_count() == 3
        at.move(0.5)
        cache.remove_expired_responses()
        assert paths(cache) == ["/2", "/never"]

    def test_remove_with_a_new_lifetime(self, cache: BaseCache, at: Clock) -> None:
        """A lifetime given to the sweep holds for every response from now on."""
        save(cache, f"{URL}/stale", at.now - 10)
        save(cache, f"{URL}/never")
        cache.remove_expired_responses(expire_after=5)
        assert cache.response_count(check_expiry=True) == 2
        at.move(5)
        cache.remove_expired_responses()
        assert cache.response_count() == 0

    def test_remove_old_entries(self, cache: BaseCache, at: Clock) -> None:
        """The name of earlier versions works, and warns."""
        save(cache, URL, at.now)
        with pytest.warns(DeprecationWarning, match="remove_expired_responses"):
            cache.remove_old_entries()
        assert cache.response_count() == 0

    @pytest.mark.parametrize("by", [30, timedelta(seconds=30), "date"], ids=str)
    def test_reset_expiration(self, cache: BaseCache, at: Clock, by: object) -> None:
        """Every response gets the new lifetime, and nothing else of it changes."""
        lifetime = datetime.fromtimestamp(at.now + 30, UTC) if by == "date" else by
        save(cache, URL, at.now - 10)
        cache.save_response(response_to(content=b"x" * 100_000), "large")
        cache.reset_expiration(lifetime)  # type: ignore[arg-type]  # each of the values above
        for response in cache.values():
            assert response.expires == datetime.fromtimestamp(at.now + 30, UTC)
        assert cache.get_response("large").size == len(cache.get_response("large").content)
        assert cache.response_count(check_expiry=True) == 2
        at.move(30)
        assert cache.response_count(check_expiry=True) == 0

    def test_reset_expiration_to_never(self, cache: BaseCache, at: Clock) -> None:
        """None stands for never."""
        key = save(cache, URL, at.now - 10)
        cache.reset_expiration()
        assert cache.get_response(key).expires is None
        cache.remove_expired_responses()
        assert cache.response_count() == 1

    def test_freshen_response(self, cache: BaseCache, at: Clock) -> None:
        """A validated response has new times and fields, and its old body."""
        cache.save_response(response_to(content=b"x" * 100_000), "key", at.now - 10)
        stored = cache.get_response("key")
        stored.change_fields(headers=[*stored.record.fields["headers"], ("X-New", "yes")])
        stored.set_expiration(at.now + 60)
        cache.freshen_response("key", stored)
        again = cache.get_response("key")
        assert again.headers["X-New"] == "yes"
        assert again.expires == datetime.fromtimestamp(at.now + 60, UTC)
        assert again.content == b"x" * 100_000
        assert cache.response_count(check_expiry=True) == 1

    def test_sweeping_an_empty_cache(self, cache: BaseCache) -> None:
        """Sweeping and resetting an empty cache do nothing."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cache.remove_expired_responses(expire_after=1)
            cache.reset_expiration(timedelta(days=1))
        assert cache.response_count() == 0
