"""The base of all stores: a mutable mapping of values, kept by verbs in terms of bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self

from .. import clock
from .._store.byte_store import ByteStore
from .._store.capabilities import Capabilities
from .._store.entry import Entry
from ..errors import ConfigurationError, RecordError
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.response import CachedResponse
from ..option_types import OF_CACHES, Kind, check_call, check_options
from ..options import reject_unknown
from ..serializers import Serializer, init_serializer

__all__ = ["BaseStorage"]

_MOST_SHOWN = 10
# A cache never calls the verbs of the mapping, but those behind them.
_BEHIND = {"__getitem__": "read", "__setitem__": "write", "__delitem__": "discard"}


class BaseStorage(ByteStore, MutableMapping[str, Any]):
    """Base of all stores.

    A store implements four verbs in terms of bytes: `read`, `write`, `discard` and `__iter__`.
    One that has `__getitem__`, `__setitem__`, `__delitem__` and `__iter__` in their place, as those
    of version 1 have, is used by these.
    Everything else has a working default, which a store overrides where it can do better.
    Serializing stands here, so a store never sees a response.

    Args:
        serializer: name, instance or object with `dumps` and `loads`; see `init_serializer`.
        kwargs: `secret_key` and `salt` sign every value.

    Raises:
        UnknownOptionError: another option was given.
    """

    is_mapping: ClassVar[bool] = False
    """Whether a cache uses the verbs of the mapping, for the class has no others."""

    serializer: Serializer
    default_serializer: ClassVar[str] = "default"
    """The name of the serializer that this class of stores has unless another one is given."""

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = {}
    """What the own options of a subclass may be, by name; they are checked when it is called."""

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]
    _adopted: Serializer | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class that this core cannot use, or whose verbs would never be called.

        Raises:
            ConfigurationError: it is for another contract, or overrides `__setitem__`, say, but not
                the verb behind it.
        """
        super().__init_subclass__(**kwargs)
        if not isinstance(cls.capabilities, Capabilities | property):
            raise ConfigurationError(
                f"{cls.__qualname__}.capabilities is {cls.capabilities!r:.60}: give Capabilities()"
            )
        if cls.read is BaseStorage.read and _is_mapping(cls):
            from .by_mapping import add_verbs

            add_verbs(cls)
        for verb, behind in () if cls.is_mapping else _BEHIND.items():
            if verb in vars(cls) and behind not in vars(cls):
                raise ConfigurationError(
                    f"{cls.__qualname__} overrides {verb}, which a cache does not call: override"
                    f" {behind} as well, which has bytes, or give the cache a serializer with a"
                    " stage that changes them (requests_cache.serializers.Stage)"
                )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Check own options; remember them, so that a pickled storage opens its store again."""
        check_call(cls, args, kwargs, cls.OPTION_KINDS)
        self = super().__new__(cls)
        self._made_with = args, kwargs
        return self

    if not TYPE_CHECKING:  # else every name could be read

        def __getattr__(self, name: str) -> Any:
            """Say what to use for an attribute of earlier versions."""
            from .._earlier.members import missing

            raise missing(type(self), name)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle how the storage was made, not what it holds."""
        return _make_again, (type(self), *self._made_with, self._adopted)

    def adopt(self, serializer: Serializer) -> None:
        """Take the serializer of the cache that this storage has become a part of.

        So nothing of a cache is unsigned or plain, whatever its class hands on.
        """
        self.serializer = self._adopted = serializer

    OPTIONS: ClassVar[tuple[str, ...]] = ("serializer", "secret_key", "salt")
    """Keyword options that every store takes; a subclass may list its own here, to be suggested."""

    def __init__(self, serializer: object = None, **kwargs: Any) -> None:
        reject_unknown(type(self), kwargs, self.OPTIONS)
        check_options(kwargs, OF_CACHES)
        chosen = self.default_serializer if serializer is None else serializer
        self.serializer = init_serializer(chosen, **kwargs)

    # The mapping

    def __getitem__(self, key: str) -> Any:
        """Give the value of `key`."""
        entry = self.read(key)
        if entry is None:
            raise KeyError(key)
        return self._shown(key, self.serializer.decode(entry.head, entry.body))

    def _shown(self, key: str, value: Any) -> Any:
        """Give a value that was read; a response knows its key, so that it can be deleted by it."""
        if isinstance(value, CachedResponse):
            value.cache_key = key
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        """Store a value; a response expires when it says so, any other value never."""
        expires = None
        if isinstance(value, CachedResponse):
            value = CachedResponse.from_response(value)
            expires = value.expires_at
        keep_until = end_of_keeping(expires, VALIDATION_GRACE)
        self.write(key, Entry(*self.serializer.encode(value), expires, keep_until))

    def serialize(self, value: Any) -> bytes:
        """Give a value as bytes: what the verbs of a mapping may store."""
        return self.serializer.dumps(value)

    def deserialize(self, key: str, value: bytes) -> Any:
        """Give back the value of `serialize`; None if it cannot be read."""
        try:
            return self._shown(key, self.serializer.loads(value))
        except RecordError:
            return None

    def __delitem__(self, key: str) -> None:
        """Delete `key`."""
        if not self.discard(key):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored."""
        return isinstance(key, str) and self.read(key) is not None

    def __len__(self) -> int:
        """Count the keys."""
        return sum(1 for _ in self)

    # Verbs of version 1

    def count(self, expired: bool = True) -> int:
        """Count the values; with `expired=False` those that have not expired."""
        return len(self) if expired else self.count_unexpired(clock.now())

    def size(self) -> int:
        """Give the bytes of all heads and bodies, which are read for it."""
        return sum(entry.size for _, entry in self.scan(bodies=True))

    def sorted(
        self,
        key: str = "expires",
        reversed: bool = False,  # noqa: A002  # the name that version 1 has
        limit: int | None = None,
        expired: bool = True,
    ) -> Iterator[Any]:
        """Give the responses in an order; see `BaseCache.sorted`."""
        from .views import sort_responses

        found = (value for value in self.values() if isinstance(value, CachedResponse))
        chosen = (response for response in found if expired or not response.is_expired)
        return iter(sort_responses(chosen, key, reversed, limit))

    def __str__(self) -> str:
        """Show the first keys, and how many there are."""
        first = list(islice(self, _MOST_SHOWN + 1))
        more = ", ..." if len(first) > _MOST_SHOWN else ""
        return f"{self!r}: {len(self)} keys: {', '.join(map(str, first[:_MOST_SHOWN]))}{more}"

    def __repr__(self) -> str:
        """Name the store; its values are not shown, for there may be many."""
        return f"<{type(self).__name__}>"


def _is_mapping(cls: type) -> bool:
    """Say whether a class has verbs of a mapping of its own, as stores of version 1 have."""
    return all(getattr(cls, verb) is not getattr(BaseStorage, verb) for verb in _BEHIND)


def _make_again(
    cls: type[BaseStorage],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    adopted: Serializer | None = None,
) -> BaseStorage:
    made = cls(*args, **kwargs)
    if adopted is not None:
        made.adopt(adopted)
    return made
