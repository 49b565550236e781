"""Caches with a largest size."""

from __future__ import annotations

import random
from collections import OrderedDict
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.backends.base import Entry
from requests_cache.backends.bounded_memory import BoundedStorage
from requests_cache.errors import ConfigurationError, ValueTooLargeError
from requests_cache.testing.origin import Origin


def test_the_hit_rate_is_that_of_lru() -> None:
    """Twenty thousand random reads and writes agree with a simulation, one by one."""
    rng = random.Random(6)
    storage = BoundedStorage(max_size=50_000)
    simulated: OrderedDict[str, int] = OrderedDict()
    for _ in range(20_000):
        key = f"{int(rng.paretovariate(0.7)) % 1000:04}"
        hit = key in simulated
        assert (storage.read(key) is not None) == hit
        if hit:
            simulated.move_to_end(key)
            continue
        size = rng.randrange(10, 1000)
        while simulated and sum(simulated.values()) + size > 50_000:
            simulated.popitem(last=False)
        simulated[key] = size
        storage.write(key, Entry(b"", bytes(size - len(key))))
        assert storage.held == sum(simulated.values()) <= 50_000


def test_what_alone_is_larger_than_the_bound_is_refused() -> None:
    storage = BoundedStorage(max_size=100)
    storage.write("small", Entry(b"", b"1"))
    with pytest.raises(ValueTooLargeError, match="max_size is 100"):
        storage.write("large", Entry(b"", bytes(100)))
    assert list(storage) == ["small"]


def test_values_that_are_replaced_or_deleted_do_not_count() -> None:
    storage = BoundedStorage(max_size=1000, max_entries=10)
    for size in (900, 10, 800):
        storage.write("key", Entry(b"", bytes(size)))
    assert storage.held == 803
    storage.rewrite_head("key", Entry(b"head"))
    assert storage.held == 807
    storage["other"] = "text"
    del storage["other"]
    assert storage.held == 807
    storage.clear()
    assert storage.held == len(storage) == 0


def test_a_session_keeps_the_most_recently_used_responses(origin: Origin) -> None:
    """Evictions are counted, and take the redirects to what is evicted along."""
    with CachedSession(backend="memory", max_entries=3) as session:
        session.get(origin.url("/redirect/1"))
        for number in range(20):
            session.get(origin.url(f"/bytes/{number}"))
        assert session.cache.response_count() == 3
        assert session.cache.stats.evicted == 18
        assert len(session.cache.redirects) == 0
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/bytes/19")).from_cache


def test_a_response_that_cannot_be_stored_says_why(origin: Origin) -> None:
    with CachedSession(backend="memory", max_size=10_000) as session:
        response = session.get(origin.url("/bytes/20000"))
        assert "detail=too-large" in str(response.cache_status)
        assert session.cache.response_count() == 0


@pytest.mark.parametrize("name", ["max_size", "max_entries", "max_response_size"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1"])
def test_a_wrong_bound_is_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}={value!r}"):
        CachedSession(backend="memory", **{name: value})
