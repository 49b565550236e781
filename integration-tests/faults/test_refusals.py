"""Servers that answer and refuse: no room, no right, too fast, not the master any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.backends.dynamodb import DynamoDbDict
from requests_cache.errors import StorageFullError, StorageTimeoutError, StorageUnavailableError
from requests_cache.testing.origin import Origin
from services import (
    DynamoDbService,
    MongoAuthService,
    MongoReplicaService,
    RedisSentinelService,
    RedisService,
)

from faults.figures import OUTAGE_SECONDS
from faults.proxies import ThrottlingProxy
from faults.test_servers import of_dynamodb, of_redis
from faults.traffic import Incident, endure, wait_until

FOR = f"for {OUTAGE_SECONDS:g} s"


@contextmanager
def configured(service: RedisService, **settings: object) -> Iterator[None]:
    """Change settings of a Redis server for the length of a block."""
    with service.client() as client:
        old = {name: client.config_get(name)[name] for name in settings}
        for name, value in settings.items():
            client.config_set(name, value)
        yield
        for name, value in old.items():
            client.config_set(name, value)


def test_requests_go_on_when_redis_has_no_memory_left(
    redis_service: RedisService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    full = partial(configured, redis_service, maxmemory=1)
    incident = Incident(f"redis out of memory {FOR}", full, raises=StorageFullError)
    endure(incident, of_redis(redis_service, redis_service.port), origin, caplog)


@contextmanager
def as_replica(service: RedisService) -> Iterator[None]:
    """Make a Redis server the replica of nobody, so that it can only be read."""
    with service.client() as client:
        client.replicaof("127.0.0.1", "9")
        yield
        client.replicaof("NO", "ONE")


def test_requests_go_on_when_redis_can_only_be_read(
    redis_service: RedisService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    what = f"redis a read-only replica {FOR}"
    incident = Incident(what, partial(as_replica, redis_service), raises=StorageUnavailableError)
    endure(incident, of_redis(redis_service, redis_service.port), origin, caplog)


@contextmanager
def without_right(service: RedisService) -> Iterator[None]:
    """Have Redis ask for a password that nobody told the clients, and close their connections."""
    with service.client() as client:
        client.config_set("requirepass", "unknown")
        client.client_kill_filter(_type="normal", skipme=True)
        yield
        client.config_set("requirepass", "")


def test_requests_go_on_when_redis_refuses_the_password(
    redis_service: RedisService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    what = f"redis refusing the password {FOR}"
    incident = Incident(what, partial(without_right, redis_service), raises=StorageUnavailableError)
    endure(incident, of_redis(redis_service, redis_service.port), origin, caplog)


@contextmanager
def failover(service: RedisSentinelService) -> Iterator[None]:
    """Let the sentinel make the replica the master, and wait until it says that it is."""
    with service.sentinel().sentinels[0] as sentinel:
        old = sentinel.sentinel_get_master_addr_by_name(service.master_name)
        wait_until(lambda: _accepts_failover(sentinel, service.master_name))
        yield
        wait_until(lambda: sentinel.sentinel_get_master_addr_by_name(service.master_name) != old)


def _accepts_failover(sentinel: Any, master: str) -> bool:
    """Ask for a failover; at first the sentinel may not know a replica yet."""
    from redis.exceptions import ResponseError

    try:
        sentinel.execute_command("SENTINEL FAILOVER", master)
    except ResponseError:
        return False
    return True


def test_requests_go_on_during_a_failover(
    redis_sentinel_service: RedisSentinelService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    def make_session(**options: Any) -> CachedSession:
        master = redis_sentinel_service.master(timeout=1)
        return CachedSession(name, backend="redis", connection=master, **options)

    name = redis_sentinel_service.fresh_name()
    incident = Incident("redis failover by sentinel", partial(failover, redis_sentinel_service))
    endure(incident, make_session, origin, caplog)


@contextmanager
def without_user(service: MongoAuthService, user: str) -> Iterator[None]:
    """Drop a user, and make it again."""
    with service.client() as client:
        client.admin.command("dropUser", user)
        yield
        client.admin.command("createUser", user, pwd="secret", roles=["readWriteAnyDatabase"])


def test_requests_go_on_when_mongodb_drops_the_user(
    mongodb_auth_service: MongoAuthService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    user = mongodb_auth_service.fresh_name()
    with mongodb_auth_service.client() as client:
        client.admin.command("createUser", user, pwd="secret", roles=["readWriteAnyDatabase"])
    make_session = partial(
        CachedSession,
        mongodb_auth_service.fresh_name(),
        backend="mongodb",
        host=f"mongodb://127.0.0.1:{mongodb_auth_service.port}",
        username=user,
        password="secret",
        authSource="admin",
    )
    fault = partial(without_user, mongodb_auth_service, user)
    # The user is back before the driver tries its pool again.
    incident = Incident(
        f"mongodb without its user {FOR}", fault, raises=StorageUnavailableError, warnings=2
    )
    endure(incident, make_session, origin, caplog)


@contextmanager
def stepdown(service: MongoReplicaService) -> Iterator[None]:
    """Let the primary step down; alone in its set, it is elected again a little later."""
    with service.client() as client:
        seconds = max(1, int(OUTAGE_SECONDS))
        client.admin.command("replSetStepDown", seconds, force=True)
        yield
    service.wait_until_ready()


def test_requests_go_on_without_a_primary(
    mongodb_replica_service: MongoReplicaService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    make_session = partial(
        CachedSession,
        mongodb_replica_service.fresh_name(),
        backend="mongodb",
        host=mongodb_replica_service.url,
        serverSelectionTimeoutMS=1000,
    )
    what = f"mongodb without a primary {FOR}"
    incident = Incident(what, partial(stepdown, mongodb_replica_service))
    endure(incident, make_session, origin, caplog)


def test_requests_go_on_when_dynamodb_throttles(
    dynamodb_service: DynamoDbService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    with ThrottlingProxy(dynamodb_service.host, dynamodb_service.port) as proxy:
        what = f"dynamodb throttling {FOR}"
        incident = Incident(what, proxy.throttling, raises=StorageTimeoutError)
        endure(incident, of_dynamodb(dynamodb_service, proxy.server_port), origin, caplog)
        assert proxy.throttled


@pytest.mark.parametrize(("retries", "attempts"), [(None, 3), (1, 1)])
def test_what_is_throttled_is_tried_again_as_often_as_the_user_says(
    dynamodb_service: DynamoDbService, retries: int | None, attempts: int
) -> None:
    config = import_module("botocore.config").Config(
        retries=retries and {"total_max_attempts": retries}
    )
    with ThrottlingProxy(dynamodb_service.host, dynamodb_service.port) as proxy:
        at: dict[str, Any] = {**dynamodb_service.connection, "endpoint_url": proxy.url}
        store = DynamoDbDict("things", create_table=False, config=config, **at)
        with proxy.throttling(), pytest.raises(StorageTimeoutError):
            store.read("key")
        assert proxy.throttled == attempts
        store.close()


def test_requests_go_on_when_the_table_is_deleted(
    dynamodb_service: DynamoDbService, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    make_session = of_dynamodb(dynamodb_service, dynamodb_service.port)

    @contextmanager
    def deleted() -> Iterator[None]:
        dynamodb_service.client().delete_table(TableName=make_session.args[0])
        yield

    endure(Incident("dynamodb table deleted in use", deleted), make_session, origin, caplog)
