"""The services as fixtures for every test below."""

from __future__ import annotations

import sys
from pathlib import Path

# Tests are imported by file, not through a path; `services` and `images` are beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from services.fixtures import (
    dynamodb_service,
    mongodb_auth_service,
    mongodb_replica_service,
    mongodb_service,
    postgres_service,
    redis_cluster_service,
    redis_password_service,
    redis_sentinel_service,
    redis_service,
)

__all__ = [
    "dynamodb_service",
    "mongodb_auth_service",
    "mongodb_replica_service",
    "mongodb_service",
    "postgres_service",
    "redis_cluster_service",
    "redis_password_service",
    "redis_sentinel_service",
    "redis_service",
]
