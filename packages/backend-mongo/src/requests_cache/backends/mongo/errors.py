"""pymongo's errors in the words of this library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pymongo import errors as driver
from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    StorageBusyError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)

__all__ = ["mapped_errors"]

# https://www.mongodb.com/docs/manual/reference/error-codes/
_UNAUTHORIZED: Final = 13
_AUTHENTICATION_FAILED: Final = 18
_BY_CODE: dict[int, tuple[type[StorageError], str]] = {
    _UNAUTHORIZED: (StorageUnavailableError, "this user needs the role readWrite on the database"),
    _AUTHENTICATION_FAILED: (StorageUnavailableError, "check username, password and authSource"),
    26: (StorageUnavailableError, "the collection was dropped meanwhile"),
    85: (StorageError, "drop the index of another cache on this collection"),
    8000: (StorageUnavailableError, "see the cause"),
    14031: (StorageFullError, "the server's disk is full"),
}


@contextmanager
def mapped_errors(name: object, reconnect: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise our errors for those of pymongo, with these as the cause.

    Args:
        name: of the collection, for messages.
        reconnect: called when the server does not know us any more. A user who was dropped and made
            again has no rights on connections from before, which pymongo would keep for ever; and
            after a log-in that failed it asks nothing of the server for 10 seconds.
    """
    try:
        yield
    except driver.DocumentTooLarge as error:
        raise ValueTooLargeError(f"MongoDB cache {name}: {error}") from error
    except driver.PyMongoError as error:
        if reconnect is not None and _is_logged_out(error):
            reconnect()
        raise _map_error(name, error) from error


def _is_logged_out(error: driver.PyMongoError) -> bool:
    if not isinstance(error, driver.OperationFailure):
        return False
    # The first code also means that a known user lacks a right.
    is_unknown = error.code == _UNAUTHORIZED and "requires authentication" in str(error)
    return is_unknown or error.code == _AUTHENTICATION_FAILED


def _map_error(name: object, error: driver.PyMongoError) -> CacheError:
    """Give our error for one of pymongo."""
    text = f"MongoDB cache {name}: {error}"
    if isinstance(error, driver.InvalidName):
        return ConfigurationError(text)
    if isinstance(error, driver.WaitQueueTimeoutError):
        return StorageBusyError(f"{text} (raise `maxPoolSize` of the client)")
    # A server that cannot be found is a timeout to pymongo as well.
    if error.timeout and not isinstance(error, driver.ServerSelectionTimeoutError):
        return StorageTimeoutError(f"{text} (the server did not answer in time)")
    if isinstance(error, driver.ConnectionFailure):
        return StorageUnavailableError(f"{text} (is the server running, and `host` right?)")
    code = error.code if isinstance(error, driver.OperationFailure) else None
    kind, advice = _BY_CODE.get(code or 0, (StorageError, "see the cause"))
    return kind(f"{text} ({advice})")
