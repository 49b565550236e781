"""The services as pytest fixtures: each is started when the first test asks, once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import (
    DynamoDbService,
    MongoAuthService,
    MongoReplicaService,
    MongoService,
    PostgresService,
    RedisClusterService,
    RedisPasswordService,
    RedisSentinelService,
    RedisService,
    provided,
)
from .dynamodb import descriptions_read_once


@pytest.fixture(scope="session")
def redis_service() -> Iterator[RedisService]:
    """A Redis server without a password."""
    yield from provided(RedisService)


@pytest.fixture(scope="session")
def redis_password_service() -> Iterator[RedisPasswordService]:
    """A Redis server with a password that a URL must quote."""
    yield from provided(RedisPasswordService)


@pytest.fixture(scope="session")
def redis_cluster_service() -> Iterator[RedisClusterService]:
    """A Redis Cluster of three masters."""
    yield from provided(RedisClusterService)


@pytest.fixture(scope="session")
def redis_sentinel_service() -> Iterator[RedisSentinelService]:
    """A Redis master with a replica, found through a sentinel."""
    yield from provided(RedisSentinelService)


@pytest.fixture(scope="session")
def mongodb_service() -> Iterator[MongoService]:
    """A MongoDB server without users."""
    yield from provided(MongoService)


@pytest.fixture(scope="session")
def mongodb_auth_service() -> Iterator[MongoAuthService]:
    """A MongoDB server with a user whose name and password a URL must quote."""
    yield from provided(MongoAuthService)


@pytest.fixture(scope="session")
def mongodb_replica_service() -> Iterator[MongoReplicaService]:
    """A replica set of one MongoDB server."""
    yield from provided(MongoReplicaService)


@pytest.fixture(scope="session")
def dynamodb_service() -> Iterator[DynamoDbService]:
    """A DynamoDB Local with dummy credentials."""
    with descriptions_read_once():
        yield from provided(DynamoDbService)


@pytest.fixture(scope="session")
def postgres_service() -> Iterator[PostgresService]:
    """A PostgreSQL server without a password."""
    yield from provided(PostgresService)
