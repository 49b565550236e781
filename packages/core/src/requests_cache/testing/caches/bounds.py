"""A cache with bounds keeps what was used last; one that has none of its own says so."""

from __future__ import annotations

import pytest
from requests import Request

from ...backends.base import BOUNDS, BaseCache, Entry
from ...errors import ConfigurationError, ValueTooLargeError
from ...session import CachedSession
from ..origin import Origin
from ..stores.threads import in_threads
from .base import CacheTests, MakeCache, response_to, save

__all__ = ["BoundTests"]

_SIZE = 4_000_000
_BODY = 100_000


def url(number: int) -> str:
    return f"https://example.org/{number}"


def save_body(cache: BaseCache, number: int, size: int = _BODY) -> str:
    """Save a response with a body of `size` bytes; give its key."""
    response = response_to(url(number), b"x" * size)
    key = cache.create_key(response.request)
    cache.save_response(response)
    return key


def stored_bytes(cache: BaseCache) -> int:
    entries = cache.responses.scan(bodies=True)
    return sum(len(entry.head) + len(entry.body) for _, entry in entries)


class BoundTests(CacheTests):
    """`max_size` and `max_entries`."""

    advice = (
        "declare `bounded` if the cache takes `max_size` and `max_entries`, counts what it"
        " holds and evicts in the transaction that writes; else leave both options to BaseCache,"
        " which refuses them"
    )

    @pytest.fixture
    def open_bounded(self, open_cache: MakeCache) -> MakeCache:
        """Give a factory of bounded caches; skip where the store has no bounds."""
        if not open_cache("none").responses.capabilities.bounded:
            pytest.skip("this store declares no bounds")
        return open_cache

    @pytest.mark.parametrize("option", BOUNDS)
    def test_bounds_are_taken_or_refused(self, open_cache: MakeCache, option: str) -> None:
        """A store that declares no bounds refuses the options by name."""
        if open_cache("none").responses.capabilities.bounded:
            assert open_cache("one", **{option: _SIZE}).response_count() == 0
            return
        with pytest.raises(ConfigurationError, match=option):
            open_cache("one", **{option: _SIZE})

    def test_least_recently_used_goes_first(self, open_bounded: MakeCache) -> None:
        """What was read outlives what was written after it, and evictions are counted."""
        cache = open_bounded("one", max_entries=3)
        keys = [save(cache, url(number)) for number in range(3)]
        assert cache.get_response(keys[0]) is not None
        keys += [save(cache, url(number)) for number in range(3, 5)]
        assert [number for number in range(5) if cache.contains(keys[number])] == [0, 3, 4]
        assert cache.stats.evicted == 2

    def test_body_in_pieces_counts_as_read(self, open_bounded: MakeCache) -> None:
        """A response whose body is read in pieces was used, too."""
        cache = open_bounded("one", max_entries=2)
        keys = [save(cache, url(number)) for number in range(2)]
        opened = cache.open_response(keys[0])
        assert opened is not None
        opened.close()
        save(cache, url(2))
        assert cache.contains(keys[0])
        assert not cache.contains(keys[1])

    def test_replacing_evicts_nothing(self, open_bounded: MakeCache) -> None:
        """A response in place of another one needs no room."""
        cache = open_bounded("one", max_entries=2)
        for number in (0, 1, 1, 0, 1):
            save(cache, url(number))
        assert cache.response_count() == 2
        assert cache.stats.evicted == 0

    def test_size_is_kept(self, open_bounded: MakeCache) -> None:
        """However much is stored, the bodies stay within the bound, and most of it is used."""
        cache = open_bounded("one", max_size=_SIZE)
        for number in range(100):
            key = save_body(cache, number, _BODY + number)
            assert cache.contains(key)
            assert stored_bytes(cache) <= _SIZE
        assert stored_bytes(cache) > _SIZE * 0.7
        assert cache.stats.evicted == 100 - cache.response_count()

    def test_what_is_deleted_makes_room(self, open_bounded: MakeCache) -> None:
        """Deleting and clearing are taken into account."""
        cache = open_bounded("one", max_size=_SIZE)
        for _ in range(2):
            keys = [save_body(cache, number) for number in range(30)]
            cache.delete(*keys[:20])
            for number in range(30, 45):
                save_body(cache, number)
            assert cache.stats.evicted == 0
            cache.clear()

    def test_too_large_a_body_evicts_nothing(self, open_bounded: MakeCache) -> None:
        """A body that does not fit is refused, and what is stored stays, that of its key too."""
        cache = open_bounded("one", max_size=_SIZE)
        key = save_body(cache, 0)
        with pytest.raises(ValueTooLargeError):
            save_body(cache, 0, _SIZE + 1)
        with pytest.raises(ValueTooLargeError):
            cache.responses.write(key, Entry(b"", bytes(_SIZE)))
        assert cache.get_response(key).content == b"x" * _BODY
        assert cache.stats.evicted == 0

    @pytest.mark.parametrize("stream", [False, True])
    def test_session_says_why(self, open_bounded: MakeCache, origin: Origin, stream: bool) -> None:
        """A response that does not fit passes through, and says that it was not stored."""
        cache = open_bounded("one", max_size=_SIZE)
        with CachedSession(backend=cache, on_error="raise") as session:
            response = session.get(origin.url(f"/bytes/{_SIZE + 1}"), stream=stream)
            assert len(response.content) == _SIZE + 1
            assert "detail=too-large" in str(response.cache_status)
            assert cache.response_count() == 0

    def test_bodies_in_pieces_are_within_the_bound(
        self, open_bounded: MakeCache, origin: Origin
    ) -> None:
        """Bodies that come in pieces evict others, too; a small one stored meanwhile stays."""
        cache = open_bounded("one", max_size=_SIZE * 2)
        with CachedSession(backend=cache, on_error="raise") as session:
            for number in range(12):
                path = f"/bytes/{1_500_000 + number}"
                key = save_body(cache, number)
                assert len(session.get(origin.url(path), stream=True).content) >= 1_500_000
                assert cache.contains(key)
                with session.get(origin.url(path), stream=True) as hit:
                    assert hit.from_cache
                assert stored_bytes(cache) <= _SIZE * 2

    def test_redirects_go_with_their_response(self, open_bounded: MakeCache) -> None:
        """Redirects to evicted responses do not pile up."""
        cache = open_bounded("one", max_entries=5)
        for number in range(100):
            key = save(cache, url(number))
            cache.save_redirect(Request("GET", f"{url(number)}/old").prepare(), key)
        assert len(cache.redirects) <= 40
        latest = cache.create_key(Request("GET", f"{url(99)}/old").prepare())
        assert cache.get_response(latest) is not None

    def test_bounds_of_an_existing_cache(self, open_bounded: MakeCache) -> None:
        """A cache may get bounds later, lose them, and get them again."""
        if not open_bounded("none").responses.capabilities.persistent:
            pytest.skip("each cache starts empty")
        for most in (6, None, 3):
            cache = open_bounded("one", max_entries=most)
            assert cache.response_count() <= (most or 6)
            for number in range(10):
                save(cache, url(number))
            assert cache.response_count() == (most or 10)
            assert cache.contains(cache.create_key(Request("GET", url(9)).prepare()))
            cache.close()

    def test_threads_share_the_bound(self, open_bounded: MakeCache) -> None:
        """However many threads store at once, no more is kept."""
        cache = open_bounded("one", max_entries=10, max_size=_SIZE)

        def store(thread: int) -> None:
            for number in range(20):
                key = save(cache, url(100 * thread + number))
                cache.get_response(key)

        in_threads(store)
        assert cache.response_count() == 10

    def test_two_caches_share_their_bounds(self, open_bounded: MakeCache) -> None:
        """What the one stores the other one evicts, for there is one bound."""
        if not open_bounded("none").responses.capabilities.shared_between_processes:
            pytest.skip("no two caches share a store")
        one, other = (open_bounded("one", max_entries=4, max_size=_SIZE) for _ in range(2))
        for number in range(12):
            save(one if number % 2 else other, url(number))
            assert one.response_count() == other.response_count() == min(4, number + 1)
        assert one.stats.evicted + other.stats.evicted == 8
