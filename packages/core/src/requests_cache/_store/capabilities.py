"""What a store can do, and for which version of the contract it was written; its class says so."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple

from ..errors import ConfigurationError

__all__ = ["CONTRACT", "WHOLE_LIMIT", "Capabilities", "Contracted", "core_version"]

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
