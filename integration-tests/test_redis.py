"""Redis: the contract for both layouts, alone and on a cluster; and what only Redis does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from outages import Breakable, Place
from requests_cache import CachedSession
from requests_cache._store.entry import DAMAGED
from requests_cache.backends.base import Entry
from requests_cache.backends.redis import RedisCache, RedisDict, RedisHashDict
from requests_cache.errors import StorageFullError, StorageUnavailableError
from requests_cache.testing import CacheContract, Origin, StorageContract
from services.redis import (
    RedisClusterService,
    RedisPasswordService,
    RedisSentinelService,
    RedisService,
)


@pytest.fixture
def namespace() -> str:
    """Give a namespace that no other test has used, with signs that mean something elsewhere."""
    return f"{uuid4().hex}:*[a]"


class OnRedis(Breakable, StorageContract):
    @pytest.fixture
    def service(self, redis_service: RedisService) -> RedisService:
        return redis_service


class TestRedisDict(OnRedis):
    @pytest.fixture
    def make_storage(self, place: Place, namespace: str) -> Any:
        return lambda name="one": RedisDict(namespace + name, **place._asdict())


class TestRedisHashDict(OnRedis):
    @pytest.fixture
    def make_storage(self, place: Place, namespace: str) -> Any:
        return lambda name="one": RedisHashDict(namespace + name, **place._asdict())


class TestRedisCache(CacheContract):
    @pytest.fixture
    def make_cache(self, redis_service: RedisService, namespace: str) -> Any:
        return lambda name="one", **options: RedisCache(
            namespace + name, url=redis_service.url, **options
        )


class TestRedisDictOnCluster(StorageContract):
    # Half a gigabyte, which the two above write in the same layouts to the same program.
    test_limit = None  # type: ignore[assignment]  # left out

    @pytest.fixture
    def make_storage(self, redis_cluster_service: RedisClusterService, namespace: str) -> Any:
        url = redis_cluster_service.url.removesuffix("/0")
        return lambda name="one": RedisDict(namespace + name, url=url, cluster=True)


class TestRedisHashDictOnCluster(StorageContract):
    test_limit = None  # type: ignore[assignment]  # left out

    @pytest.fixture
    def make_storage(self, redis_cluster_service: RedisClusterService, namespace: str) -> Any:
        url = redis_cluster_service.url.removesuffix("/0")
        return lambda name="one": RedisHashDict(namespace + name, url=url, cluster=True)


@pytest.fixture
def store(redis_service: RedisService, namespace: str) -> Iterator[RedisDict]:
    store = RedisDict(namespace, url=redis_service.url)
    yield store
    store.clear()
    store.close()


def commands_done(store: RedisDict) -> dict[str, int]:
    """Count the commands that the server has done so far."""
    stats = store.connection.info("commandstats")
    return {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in stats.items()}


def test_hit_is_one_command(store: RedisDict, redis_service: RedisService, namespace: str) -> None:
    with (
        Origin() as origin,
        CachedSession(namespace, backend="redis", url=redis_service.url) as session,
    ):
        session.get(origin.url("/json"))
        before = commands_done(store)
        again: Any = session.get(origin.url("/json"))
        after = commands_done(store)
        session.cache.clear()
    assert again.from_cache
    done = {name: after[name] - before.get(name, 0) for name in after}
    assert {name: count for name, count in done.items() if count} == {"hmget": 1, "info": 1}


def test_server_deletes_at_the_end_of_keeping(store: RedisDict) -> None:
    now = time.time()
    store.write("key", Entry(b"head", b"body", now + 100, now + 200))
    name = store.name + b":key"
    assert 199_000 < store.connection.pttl(name) <= 200_001
    store.rewrite_head("key", Entry(b"head", b"", now + 300, now + 400))
    assert 399_000 < store.connection.pttl(name) <= 400_001
    store.rewrite_head("key", Entry(b"head", b"", now + 300))
    assert store.connection.pttl(name) == -1
    store.write("key", Entry(b"head", b"body", now + 100, now + 200))
    store.write("key", Entry(b"head", b"body"))
    assert store.connection.pttl(name) == -1


def test_server_deletes_nothing_without_ttl(redis_service: RedisService, namespace: str) -> None:
    store = RedisDict(namespace, url=redis_service.url, ttl=False)
    store.write("key", Entry(b"head", b"body", 1.0, 1.0))
    assert "key" in store
    assert store.capabilities.native_expiry is None
    store.clear()
    store.close()


def test_rewriting_the_head_of_a_deleted_value_leaves_nothing(store: RedisDict) -> None:
    store.rewrite_head("key", Entry(b"head"))
    assert list(store) == []


def test_client_handed_in_is_not_closed(redis_service: RedisService, namespace: str) -> None:
    with redis_service.client() as client:
        before = client.client_id()
        RedisCache(namespace, connection=client).close()
        assert client.client_id() == before


def test_broken_connection_is_made_again(store: RedisDict, redis_service: RedisService) -> None:
    store["key"] = 1
    with redis_service.client() as other:
        killed = other.client_kill_filter(_type="normal", skipme=True)
    assert killed
    assert store["key"] == 1


def test_a_miss_looks_for_response_and_redirect_in_one_round_trip(
    redis_service: RedisService, namespace: str
) -> None:
    cache = RedisCache(namespace, url=redis_service.url)
    with patch.object(cache.server, "ask_all", wraps=cache.server.ask_all) as asked:
        assert cache.get_response("nothing") is None
    assert asked.call_count == 1
    cache.close()


def test_a_bound_of_one_connection_is_enough(redis_service: RedisService, namespace: str) -> None:
    for options in (
        {"url": redis_service.url, "max_connections": 1},
        {"url": f"{redis_service.url}?max_connections=1"},
    ):
        store = RedisDict(namespace, **options)
        store["key"] = 1
        assert list(store) == ["key"]
        store.clear()
        store.close()


def test_connections_are_kept_and_closed_with_the_store(store: RedisDict) -> None:
    def connections() -> int:
        return len(store.connection.client_list(_type="normal"))

    before = connections()
    for number in range(5):
        store[f"key {number}"] = number
    assert connections() == before + 1
    store.close()
    assert connections() == before


def test_full_server_is_said_to_be_full(store: RedisDict) -> None:
    store["key"] = 1
    store.connection.config_set("maxmemory", 1)
    try:
        with pytest.raises(StorageFullError, match="maxmemory"):
            store["key"] = 2
        assert store["key"] == 1
    finally:
        store.connection.config_set("maxmemory", 0)
    store["key"] = 2


def test_value_of_another_type_is_damaged_and_can_be_deleted(store: RedisDict) -> None:
    store.connection.set(store.name + b":key", "a string")
    assert store.read("key") == DAMAGED
    assert store.discard("key")


def test_password_of_a_url(redis_password_service: RedisPasswordService, namespace: str) -> None:
    store = RedisDict(namespace, url=redis_password_service.url)
    store["key"] = 1
    assert store["key"] == 1
    store.clear()
    store.close()


def test_wrong_password_is_not_shown(redis_password_service: RedisPasswordService) -> None:
    service = redis_password_service
    store = RedisDict("app", host=service.host, port=service.port, password="not this one")
    with pytest.raises(StorageUnavailableError, match="password") as raised:
        store.read("key")
    assert "not this one" not in str(raised.value)
    store.close()


def test_client_of_a_sentinel(redis_sentinel_service: RedisSentinelService, namespace: str) -> None:
    with redis_sentinel_service.master() as client:
        store = RedisDict(namespace, connection=client)
        store["key"] = 1
        assert dict(store) == {"key": 1}
        store.clear()


def test_client_of_a_cluster(redis_cluster_service: RedisClusterService, namespace: str) -> None:
    """A client handed in serves as well, and keys spread over all three nodes."""
    with redis_cluster_service.cluster_client() as client:
        cache = RedisCache(namespace, connection=client)
        cache.responses.update({f"key{i}": i for i in range(100)})
        slots = {client.keyslot(cache.responses.name + f":key{i}".encode()) for i in range(100)}
        assert len({client.nodes_manager.get_node_from_slot(slot).name for slot in slots}) == 3
        assert len(cache.responses) == 100
        cache.clear()
        cache.close()
        assert len(cache.responses) == 0
