"""The errors of this library, and what a caller can do about each.

CacheError
├── ConfigurationError (ValueError)    an option is wrong: mend the call
│   ├── UnknownOptionError (TypeError)     no such option: use the name suggested
│   │   └── RefusedOptionError             there is, but not here: do what the message says
│   ├── BackendNotFoundError               no such backend or serializer: use one of those listed
│   ├── PluginError (ImportError)          an installed one cannot be used: mend what it names
│   ├── NotInstalledError (ImportError)    a distribution is missing: install the one named
│   ├── UnavailableNameError (ImportError) requests-cache had the name: use what the message says
│   └── UnavailableAttributeError (AttributeError) the same of an attribute or a method
├── StorageError                       the store failed: the request goes on without it
│   ├── StorageTimeoutError                it took too long, or a lock was held: try again later
│   │   └── StorageBusyError                  all connections are in use: allow more of them
│   ├── StorageUnavailableError            it is not reachable, or was closed: look at the server
│   ├── StorageFullError                   it has no room left: make some
│   └── StorageClearedError                it was cleared during a download: it is not stored
├── ValueTooLargeError                 the store takes no value of this size: use another store
├── RecordError                        stored bytes cannot be read: a cache miss
│   ├── FormatMismatchError                another serializer wrote them: open it with that one
│   └── SignatureError                     they were not signed with our key: check `secret_key`
├── BodyNotReadError                   a listed response has no body: read it by its key
├── UncacheableBodyError               a body can be read only once: hand it over as bytes
└── UnsupportedValueError (TypeError)  the serializer cannot write this value: choose another one
"""

from __future__ import annotations

__all__ = [
    "BackendNotFoundError",
    "BodyNotReadError",
    "CacheError",
    "ConfigurationError",
    "FormatMismatchError",
    "NotInstalledError",
    "PluginError",
    "RecordError",
    "RefusedOptionError",
    "SignatureError",
    "StorageBusyError",
    "StorageClearedError",
    "StorageError",
    "StorageFullError",
    "StorageTimeoutError",
    "StorageUnavailableError",
    "UnavailableAttributeError",
    "UnavailableNameError",
    "UncacheableBodyError",
    "UnknownOptionError",
    "UnsupportedValueError",
    "ValueTooLargeError",
]


class CacheError(Exception):
    """Base of every error that this library raises of its own."""


class ConfigurationError(CacheError, ValueError):
    """An option has a value that cannot work; raised at construction."""


class UnknownOptionError(ConfigurationError, TypeError):
    """An option that does not exist was given; the message suggests the nearest one."""

    def __init__(
        self, message: str = "", option: str = "", choices: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(message)
        self.option = option
        """The name that was given."""
        self.choices = choices
        """The names that could have been given."""


class RefusedOptionError(UnknownOptionError):
    """An option that others have was given to what has means of its own; the message names them."""


class BackendNotFoundError(ConfigurationError):
    """No backend or serializer of this name is known or installed."""


class NotInstalledError(ConfigurationError, ImportError):
    """A backend or serializer is known, but its distribution is not installed."""


class UnavailableNameError(ConfigurationError, ImportError):
    """Earlier versions had this name, and nothing here is like it; the message says what to use."""


class UnavailableAttributeError(ConfigurationError, AttributeError):
    """Earlier versions had this attribute; the message says what to use."""


class PluginError(ConfigurationError, ImportError):
    """A backend or serializer of an installed distribution cannot be loaded, or is of a wrong kind.

    The message names the entry point, its distribution and what to do; the cause has the rest.
    """


class StorageError(CacheError):
    """The store could not do what it was asked; the driver's error is the cause."""


class StorageTimeoutError(StorageError):
    """The store did not answer in time, or a lock could not be had in time."""


class StorageBusyError(StorageTimeoutError):
    """All connections to the store were in use for too long; the store itself is well."""


class StorageUnavailableError(StorageError):
    """The store cannot be reached, refuses us, or was closed."""


class StorageFullError(StorageError):
    """The store has no room for another value."""


class StorageClearedError(StorageError):
    """Somebody deleted what was being written in pieces; the store itself is well."""


class ValueTooLargeError(CacheError):
    """A value is larger than the store takes."""


class RecordError(CacheError):
    """Stored bytes are damaged, foreign or of an unknown version."""


class FormatMismatchError(RecordError):
    """Stored bytes were written by another serializer than the one that reads them."""


class SignatureError(RecordError):
    """Stored bytes carry no valid signature."""


class BodyNotReadError(CacheError):
    """A response was listed without its body, and somebody asks for the body."""


class UncacheableBodyError(CacheError):
    """The body of a request can be read only once, so no key can be made of it."""


class UnsupportedValueError(CacheError, TypeError):
    """The serializer cannot write a value; the message names it and says why."""
