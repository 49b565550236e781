"""A client of MongoDB: the caller's, which is left open, or one of our own per process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient, timeout
from pymongo.collection import Collection
from pymongo.common import VALIDATORS
from pymongo.errors import ConfigurationError as DriverConfigurationError
from requests_cache.backends.base import SharedClient
from requests_cache.errors import ConfigurationError
from requests_cache.options import reject_unknown

from .errors import mapped_errors

__all__ = ["Connection", "Document", "Documents"]

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
    """Collections of one client, which connects on first use.

    Args:
        owner: name of the class that the options were given to, for messages.
        client: the caller's client; None to make our own.
        options: arguments of `pymongo.MongoClient`.
        known: other options of the owner, for suggestions.

    Raises:
        UnknownOptionError: pymongo has no such option.
        ConfigurationError: an option has a wrong value, or there are options besides a client.
    """

    def __init__(
        self,
        owner: str,
        client: MongoClient[Any] | None,
        options: Mapping[str, Any],
        known: tuple[str, ...] = (),
    ) -> None:
        unknown = [name for name in options if name != "host" and not _is_option(name)]
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
            SharedClient(partial(_open, owner, self._options), _close)
            if client is None
            else SharedClient(lambda: _Opened(client, {}))
        )
        given = _names_given(options)
        self._is_hasty = client is None and not any(name in given for name in _TIMEOUTS)
        _ = self.client

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle how to connect."""
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
        """Raise our errors for those of pymongo; during the block `close` closes no client.

        Args:
            name: of the collection, for messages.
        """
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
    try:
        return _Opened(MongoClient(**{"connect": False, **_with_defaults(options)}), {})
    except (DriverConfigurationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{owner}: {error}") from error


def _close(opened: _Opened) -> None:
    opened.client.close()


def _is_option(name: str) -> bool:
    return name == "port" or name.lower() in VALIDATORS


def _with_defaults(options: Mapping[str, Any]) -> dict[str, Any]:
    """Add our defaults; pymongo knows no case, and takes options in a URI given as `host` too."""
    given = _names_given(options)
    defaults = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
    return {**defaults, **options}


def _names_given(options: Mapping[str, Any]) -> str:
    """Give a text that has the names of all options, in lower case."""
    return f"{options.get('host', '')} {' '.join(options)}".lower()
