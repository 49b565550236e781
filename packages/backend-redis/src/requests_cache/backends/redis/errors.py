"""The errors of redis-py in the words of this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions
from requests_cache.errors import (
    CacheError,
    RecordError,
    StorageBusyError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)

__all__ = ["DRIVER_ERRORS", "is_exhausted", "map_error", "mapped_errors"]

DRIVER_ERRORS = (exceptions.RedisError, exceptions.RedisClusterException)
"""The roots of what redis-py raises."""

# Of redis-py's ConnectionPool and BlockingConnectionPool.
_EXHAUSTED = frozenset(("Too many connections", "No connection available"))

# The first that fits counts.
_BY_TYPE: tuple[tuple[type[Exception], type[CacheError], str], ...] = (
    (exceptions.TimeoutError, StorageTimeoutError, "raise `socket_timeout`, or look at the server"),
    (exceptions.AuthenticationError, StorageUnavailableError, "look at the password"),
    (exceptions.NoPermissionError, StorageUnavailableError, "look at the user's ACL"),
    (exceptions.ConnectionError, StorageUnavailableError, "look at the server"),
    (exceptions.ClusterError, StorageUnavailableError, "look at the cluster"),
    (exceptions.RedisClusterException, StorageUnavailableError, "look at the cluster"),
    (exceptions.ReadOnlyError, StorageUnavailableError, "connect to the master"),
    (exceptions.OutOfMemoryError, StorageFullError, "raise `maxmemory`, or let the server evict"),
)


@contextmanager
def mapped_errors(server: object) -> Iterator[None]:
    """Raise our errors for those of redis-py, with these as the cause."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise map_error(server, error) from error


def is_exhausted(error: Exception) -> bool:
    """Say whether all connections that a pool allows are in use."""
    # The class for it is newer than the oldest redis-py that we take.
    said = str(error).rstrip(".")
    return isinstance(error, exceptions.ConnectionError) and said in _EXHAUSTED


def map_error(server: object, error: Exception) -> CacheError:
    """Give our error for one of redis-py."""
    if "invalid bulk length" in str(error):
        return ValueTooLargeError(f"Redis {server}: {error} (see `proto-max-bulk-len`)")
    if isinstance(error, exceptions.ResponseError) and "WRONGTYPE" in str(error):
        return RecordError(f"Redis {server}: the value is of another type: {error}")
    if is_exhausted(error):
        return StorageBusyError(f"Redis {server}: {error} (raise `max_connections` of the client)")
    for theirs, ours, advice in _BY_TYPE:
        if isinstance(error, theirs):
            return ours(f"Redis {server}: {error} ({advice})")
    return StorageError(f"Redis {server}: {error} (see the cause)")
