"""What a store keeps under a key, and what it can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import inf
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

from .. import clock
from ..errors import ConfigurationError

_T = TypeVar("_T")

NOTE_PREFIX = "note:"
"""Begins the keys of small values that a cache keeps beside its redirects; the key of a request has
no colon."""


class Entry(NamedTuple):
    """A value as a store sees it: bytes, and when they may go."""

    head: bytes
    body: bytes = b""
    expires: float | None = None
    """When the value expires, in seconds since the epoch; None for never."""
    keep_until: float | None = None
    """Until when the store has to keep an expired value, which may still be validated or served
    when the origin fails; None for ever."""

    @property
    def size(self) -> int:
        """Bytes of head and body."""
        return len(self.head) + len(self.body)


DAMAGED: Final = Entry(b"")
"""What stands for a value that is none: no serializer reads an empty head. So it is counted, told
of and deleted as other bytes that cannot be read."""


def times_of(entry: Entry) -> tuple[float, float]:
    """Give both times of an entry as numbers: infinity for never."""
    expires, keep_until = entry.expires, entry.keep_until
    return inf if expires is None else expires, inf if keep_until is None else keep_until


def with_times(head: bytes, body: bytes, expires: float, keep_until: float) -> Entry:
    """Give an entry of what `times_of` gave."""
    return Entry(
        head, body, None if expires == inf else expires, None if keep_until == inf else keep_until
    )


def is_sound(entry: Any) -> bool:
    """Say whether an entry holds what one may hold; its store may have been written to by hand."""
    head, body, expires, keep_until = entry
    return (
        isinstance(head, bytes)
        and isinstance(body, bytes)
        and (expires is None or _is_number(expires))
        and (keep_until is None or _is_number(keep_until))
    )


def _is_number(value: object) -> bool:
    # Not a number is not equal to itself.
    return isinstance(value, (int, float)) and value == value  # noqa: PLR0124


def is_key(key: object) -> bool:
    """Say whether every store can look for a key: text that can be written as UTF-8."""
    if not isinstance(key, str):
        return False
    try:
        return key.isascii() or bool(key.encode())
    except UnicodeEncodeError:
        return False


def is_expired(entry: Entry, now: float | None = None) -> bool:
    """Say whether an entry has expired."""
    return entry.expires is not None and entry.expires <= (clock.now() if now is None else now)


def is_over(entry: Entry, now: float) -> bool:
    """Say whether an entry need not be kept any longer."""
    return entry.keep_until is not None and entry.keep_until <= now


def portions(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Split into lists of at most `size` items."""
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion


# What a store can do, and for which version of the contract it was written

CONTRACT: Final = 1
"""The version of the contract between the core and those who write backends and serializers. It
goes up by one when a verb, a field or a rule changes or goes; what is added has a default."""
_OLDEST: Final = 1

WHOLE_LIMIT: Final = 64 * 1024 * 1024
"""The largest body in bytes that a store without `Capabilities.streaming` takes in pieces: it is
kept in memory until it is complete."""


class Contracted:
    """A class to derive from; `contract` is the version that a subclass was written for."""

    contract: ClassVar[int] = CONTRACT

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class that was written for a contract which this core does not keep.

        Raises:
            ConfigurationError: it names both versions, and what to upgrade.
        """
        super().__init_subclass__(**kwargs)
        version: object = cls.contract
        if isinstance(version, int) and _OLDEST <= version <= CONTRACT:
            return
        newer = isinstance(version, int) and version > CONTRACT
        raise ConfigurationError(
            f"{cls.__module__}.{cls.__qualname__} is written for contract {version!r};"
            f" requests-cache-core {core_version()} has contract {CONTRACT}: upgrade"
            f" {'requests-cache-core' if newer else f'the distribution of {cls.__module__}'}"
        )


def core_version() -> str:
    """Give the version of the core, as an error names it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("requests-cache-core")
    except PackageNotFoundError:
        return "without metadata"


class Capabilities(NamedTuple):
    """What a store can do, as `capabilities` of its storage class; each default is the least.

    `requests_cache.testing` asserts every value, also the ones that say what a store cannot do.
    A store whose options change what it can do sets `self.capabilities` when it is made.
    """

    persistent: bool = False
    """Values outlive the storage object, and objects of one name share them. False: each object
    starts empty."""
    shared_between_processes: bool = False
    """Processes see and change the same values. False: each process starts empty."""
    native_expiry: float | None = None
    """How many seconds after `keep_until` the store itself has deleted a value at the latest;
    infinity for "some day". None: it stays until `sweep`, `delete_expired` or `clear` is
    called."""
    expiry_resolution: float = 0.0
    """By how many seconds `expires` and `keep_until` may differ when they are read back."""
    max_value_size: int | None = None
    """Largest head and body together, in bytes. A larger value raises ValueTooLargeError, and what
    was stored under its key stays. None: the only limit is memory."""
    max_key_size: int | None = None
    """Longest key in bytes of UTF-8, at least 64. A longer one raises ValueTooLargeError when it
    is written, and is not found when it is read. None: no limit."""
    bulk: bool = False
    """`read_many`, `write_many` and `bulk_delete` ask the store once for many keys. False: once
    for each key."""
    heads_apart: bool = False
    """`scan()` leaves bodies where they are and gives empty ones. False: it reads them."""
    ordered: bool = False
    """Keys are listed in the order of writing. False: in any order."""
    bounded: bool = False
    """Its cache takes `max_size` and `max_entries`, and evicts the least recently used responses.
    False: it refuses these options."""
    streaming: bool = False
    """Bodies are written and read in pieces: neither `create_body` nor `open_body` ever holds more
    than a few megabytes. False: both hold the whole body, and `create_body` refuses more than
    `WHOLE_LIMIT` bytes."""
    leases: bool = False
    """`lease` and `release` work, so that processes agree on who fetches
    (`collapse="processes"`). False: both raise NotImplementedError."""
