"""Real servers for the tests: Redis, MongoDB, DynamoDB Local, PostgreSQL, as pytest fixtures."""

from __future__ import annotations

from .dynamodb import DynamoDbService
from .missing import ServiceMissing
from .mongodb import MongoAuthService, MongoReplicaService, MongoService
from .postgres import PostgresService
from .provider import provided
from .redis import RedisClusterService, RedisPasswordService, RedisSentinelService, RedisService
from .service import Service

__all__ = [
    "DynamoDbService",
    "MongoAuthService",
    "MongoReplicaService",
    "MongoService",
    "PostgresService",
    "RedisClusterService",
    "RedisPasswordService",
    "RedisSentinelService",
    "RedisService",
    "Service",
    "ServiceMissing",
    "provided",
]
