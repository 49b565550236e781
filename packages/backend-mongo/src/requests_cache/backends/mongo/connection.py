"""A client of MongoDB: the caller's, which is left open, or one of our own per process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, TypeAlias

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient, timeout
from pymongo.collection import Collection
from pymongo.common import VALIDATORS
from pymongo.errors import ConfigurationError as DriverConfigurationError
from requests_cache.errors import ConfigurationError
from requests_cache.options import reject_unknown

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
        # A client does not survive a fork; the parent's stays here untouched, under its own id.
        self._clients: dict[int, MongoClient[Any]] = {}
        self._collections: dict[tuple[int, str, str], Documents] = {}
        given = _names_given(options)
        self._is_hasty = client is None and not any(name in given for name in _TIMEOUTS)
        if client is None:
            self._clients[os.getpid()] = self._open()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle how to connect."""
        return type(self), (self._owner, self._given, self._options)

    @property
    def client(self) -> MongoClient[Any]:
        """Give the client of this process."""
        if self._given is not None:
            return self._given
        process = os.getpid()
        if process not in self._clients:
            self._clients.setdefault(process, self._open())
        return self._clients[process]

    def _open(self) -> MongoClient[Any]:
        try:
            return MongoClient(**{"connect": False, **_with_defaults(self._options)})
        except (DriverConfigurationError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{self._owner}: {error}") from error

    def collection(self, db_name: str, name: str) -> Documents:
        """Give a collection; this does not ask the server."""
        at = os.getpid(), db_name, name
        try:
            return self._collections[at]
        except KeyError:
            found: Documents = self.client[db_name].get_collection(name, codec_options=_CODEC)
            return self._collections.setdefault(at, found)

    def haste(self) -> AbstractContextManager[Any]:
        """Give up what a block asks after 5 seconds, unless the user has chosen a timeout."""
        return timeout(_PATIENCE) if self._is_hasty else nullcontext()

    def close(self) -> None:
        """Close this process's client if it is our own; the next use opens another one."""
        self._collections.clear()
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()


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
