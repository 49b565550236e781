"""A client of MongoDB, the caller's or one of our own per process, and errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient, timeout
from pymongo import errors as driver
from pymongo.collection import Collection
from pymongo.common import VALIDATORS
from pymongo.errors import ConfigurationError as DriverConfigurationError
from requests_cache.backends.base import SharedClient
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
from requests_cache.options import reject_unknown

Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = Collection[Document]

# pymongo waits 30 s for a server, and for ever for the answer of one that hangs.
_DEFAULTS: Final = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 20_000,
}
# pymongo tries again what timed out, with one connection after another: what a request waits for is
# given up after so many seconds in all.
_PATIENCE: Final = 5.0
_TIMEOUTS: Final = ("timeoutms", "sockettimeoutms")
# Times are milliseconds since the epoch both ways: no zone, and no year that is too late.
_CODEC: Final[CodecOptions[Document]] = CodecOptions(
    document_class=dict, datetime_conversion=DatetimeConversion.DATETIME_MS
)


class Connection:
    """Collections of one client, the caller's or one of our own, which connects on first use.

    An option that pymongo has not is an UnknownOptionError; one that has a wrong value, or is given
    beside a client, a ConfigurationError.
    """

    def __init__(
        self,
        owner: str,
        client: MongoClient[Any] | None,
        options: Mapping[str, Any],
        known: tuple[str, ...] = (),
    ) -> None:
        unknown = [n for n in options if n not in ("host", "port") and n.lower() not in VALIDATORS]
        reject_unknown(owner, unknown, (*known, "host", "port", *VALIDATORS))
        if client is not None and options:
            raise ConfigurationError(
                f"{owner}: {', '.join(sorted(options))} cannot be given along with `connection`:"
                " set them on that client"
            )
        self._owner = owner
        self._given = client
        self._options = dict(options)
        # The caller's is not closed.
        self._shared: SharedClient[_Opened] = (
            SharedClient(partial(_open, owner, self._options), lambda opened: opened.client.close())
            if client is None
            else SharedClient(lambda: _Opened(client, {}))
        )
        given = _names_given(options)
        self._is_hasty = client is None and not any(name in given for name in _TIMEOUTS)
        _ = self.client

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._owner, self._given, self._options)

    @property
    def client(self) -> MongoClient[Any]:
        """Give the client of this process."""
        return self._shared.current.client

    def collection(self, db_name: str, name: str) -> Documents:
        """Give a collection; this does not ask the server."""
        client, collections = self._shared.current
        try:
            return collections[db_name, name]
        except KeyError:
            found: Documents = client[db_name].get_collection(name, codec_options=_CODEC)
            return collections.setdefault((db_name, name), found)

    @contextmanager
    def errors(self, name: object) -> Iterator[None]:
        """Raise our errors for those of pymongo; during the block `close` closes no client."""
        with self._shared.use(), mapped_errors(name, self.close):
            yield

    def haste(self) -> AbstractContextManager[Any]:
        """Give up what a block asks after 5 seconds, unless the user has chosen a timeout."""
        return timeout(_PATIENCE) if self._is_hasty else nullcontext()

    def close(self) -> None:
        """Close this process's client if it is our own; the next use opens another one."""
        self._shared.close()


class _Opened(NamedTuple):
    """A client, and what was asked of it for a collection."""

    client: MongoClient[Any]
    collections: dict[tuple[str, str], Documents]


def _open(owner: str, options: Mapping[str, Any]) -> _Opened:
    # pymongo knows no case, and takes options in a URI given as `host` too.
    given = _names_given(options)
    defaults = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
    try:
        return _Opened(MongoClient(**{"connect": False, **defaults, **options}), {})
    except (DriverConfigurationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{owner}: {error}") from error


def _names_given(options: Mapping[str, Any]) -> str:
    """Give a text that has the names of all options, in lower case."""
    return f"{options.get('host', '')} {' '.join(options)}".lower()


# Errors

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

    `reconnect` is called when the server does not know us any more. A user who was dropped and made
    again has no rights on connections from before, which pymongo would keep for ever; and after a
    log-in that failed it asks nothing of the server for 10 seconds.
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
