"""The base of all stores: verbs in terms of bytes, and a mutable mapping of values by these."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Self

from .. import clock
from .._store.entry import Capabilities, Contracted, Entry, is_expired, is_over
from ..errors import ConfigurationError, RecordError
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.response import CachedResponse
from ..option_types import OF_CACHES, Kind, check_call, check_options
from ..options import reject_unknown
from ..serializers import Serializer, init_serializer

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter

_MOST_SHOWN = 10
# A cache never calls the verbs of the mapping, but those behind them.
_BEHIND = {"__getitem__": "read", "__setitem__": "write", "__delitem__": "discard"}
# So many values are looked at in a sweep, and so many keys are kept to be looked at.
_LOOKS = 64
_MOST_LISTED = 10_000


class BaseStorage(Contracted, MutableMapping[str, Any]):
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

    capabilities: Capabilities = Capabilities()
    """What this store can do; `requests_cache.testing` checks it and writes the support table."""

    is_mapping: ClassVar[bool] = False
    """Whether a cache uses the verbs of the mapping, for the class has no others."""

    serializer: Serializer
    default_serializer: ClassVar[str] = "default"
    """The name of the serializer that this class of stores has unless another one is given."""

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = {}
    """What the own options of a subclass may be, by name; they are checked when it is called."""

    OPTIONS: ClassVar[tuple[str, ...]] = ("serializer", "secret_key", "salt")
    """Keyword options that every store takes; a subclass may list its own here, to be suggested."""

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]
    _unswept: list[str]
    _round: int
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
            _add_verbs(cls)
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
        # Here, for a subclass may forget to call the constructor.
        self._made_with, self._unswept, self._round = (args, kwargs), [], 0
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

    def __init__(self, serializer: object = None, **kwargs: Any) -> None:
        reject_unknown(type(self), kwargs, self.OPTIONS)
        check_options(kwargs, OF_CACHES)
        chosen = self.default_serializer if serializer is None else serializer
        self.serializer = init_serializer(chosen, **kwargs)

    # What a store has to do

    @abstractmethod
    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, expired or not; None if there is nothing."""

    @abstractmethod
    def write(self, key: str, entry: Entry) -> None:
        """Store `entry` under `key` at once and whole, in place of what was there."""

    @abstractmethod
    def discard(self, key: str) -> bool:
        """Delete `key`; say whether it was there."""

    @abstractmethod
    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys; writing meanwhile must not break it."""

    # What a store may do better

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, with their entries."""
        for key in keys:
            entry = self.read(key)
            if entry is not None:
                yield key, entry

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries."""
        for key, entry in items:
            self.write(key, entry)

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries; without `bodies` a store may leave the bodies empty."""
        return self.read_many(list(self))

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value and leave its body as it is."""
        stored = self.read(key)
        if stored is not None:
            self.write(key, entry._replace(body=stored.body))

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces; `commit` says under which key it belongs."""
        from .._store.pieces import WholeWriter

        return WholeWriter(self.write, repr(self))

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry without its body, and the body as a file, which the caller closes.

        The file shows one version of the body, whatever is written meanwhile. It can seek. Reading
        it raises OSError where the store fails.
        """
        entry = self.read(key)
        return None if entry is None else (entry._replace(body=b""), BytesIO(entry.body))

    def sweep(self, now: float, most: int) -> int:
        """Delete some values whose `keep_until` is past; say how many.

        It is called once for every few writes and has to return soon: it looks at a few values, not
        at all, and deletes at most `most`. Repeated, it comes to all of them.

        By default it looks at 64 values, others each time, of which it lists up to 10,000 at once.
        A store that can find what is over overrides it. One that declares `native_expiry` has
        nothing to do.
        """
        if self.capabilities.native_expiry is not None:
            return 0
        swept = 0
        for key in self._to_look_at():
            if swept == most:
                self._unswept.append(key)
            else:
                swept += self.discard_over(key, now)
        return swept

    def _to_look_at(self) -> list[str]:
        if not self._unswept:
            # Of very many keys every second, third, ... one, from another one on each time.
            step = len(self) // _MOST_LISTED + 1
            self._round = (self._round + 1) % step
            self._unswept = list(islice(self, self._round, None, step))
        looks, self._unswept[-_LOOKS:] = self._unswept[-_LOOKS:], []
        return looks

    def discard_over(self, key: str, now: float) -> bool:
        """Delete `key` if it need not be kept any longer at `now`; say whether it was so.

        As with `discard_expired`, a store does it in one step if it can.
        """
        entry = self.read(key)
        return entry is not None and is_over(entry, now) and self.discard(key)

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key` for so long; None if somebody else has it.

        It ends by itself, so that nobody waits for a process that was killed. Give the returned
        token to `release`.

        Raises:
            NotImplementedError: the store has no leases.
        """
        raise NotImplementedError(f"{type(self).__name__} has no leases")

    def release(self, key: str, token: str) -> None:
        """Give back a lease; nothing happens if it has ended."""
        raise NotImplementedError(f"{type(self).__name__} has no leases")

    def count_unexpired(self, now: float) -> int:
        """Count the values that have not expired at `now`."""
        return sum(not is_expired(entry, now) for _, entry in self.scan())

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`; say how many."""
        expired = [key for key, entry in self.scan() if is_expired(entry, now)]
        return sum(self.discard_expired(key, now) for key in expired)

    def discard_expired(self, key: str, now: float) -> bool:
        """Delete `key` if it has expired at `now`; say whether it was there.

        Somebody may be making it fresh at the same time: a store does it in one step if it can.
        """
        entry = self.read(key)
        return entry is not None and is_expired(entry, now) and self.discard(key)

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys; missing ones are no error."""
        for key in keys:
            self.discard(key)

    def clear(self) -> None:
        """Delete everything."""
        self.bulk_delete(list(self))

    def close(self) -> None:  # a store may have nothing to release
        """Release connections that this store opened; a client handed in is not closed."""

    # The mapping

    def __getitem__(self, key: str) -> Any:
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
        if not self.discard(key):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.read(key) is not None

    def __len__(self) -> int:
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


# The verbs of a store that is written as a mapping of values, as in version 1. Such a store keeps
# what it is given, or `serialize` of it. It knows nothing of times but those of responses, so
# nothing but what expires with its response is ever swept.

_HISTORY = "history"


def _add_verbs(cls: Any) -> None:
    """Give a class the verbs that it lacks."""
    verbs: dict[str, Any] = {"read": _read, "write": _write, "discard": _discard}
    for name, verb in verbs.items():
        setattr(cls, name, verb)
    cls.is_mapping = True
    # They were noted when the class was made, before this.
    cls.__abstractmethods__ = getattr(cls, "__abstractmethods__", frozenset()) - verbs.keys()


def _read(store: BaseStorage, key: str) -> Entry | None:
    try:
        value = store[key]
    except KeyError:
        return None
    if value is None:
        return None
    expires = value.expires_at if isinstance(value, CachedResponse) else None
    body = b""
    if isinstance(value, dict) and _HISTORY in value:
        value, body = value["target"], store.serializer.dumps(value[_HISTORY])
    head, own = store.serializer.encode(value)
    return Entry(head, own or body, expires, end_of_keeping(expires, VALIDATION_GRACE))


def _write(store: BaseStorage, key: str, entry: Entry) -> None:
    value = store.serializer.decode(entry.head, entry.body)
    if entry.body and not isinstance(value, CachedResponse):
        # The alias of a redirect has the responses on the way as its body.
        value = {"target": value, _HISTORY: store.serializer.loads(entry.body)}
    store[key] = value


def _discard(store: BaseStorage, key: str) -> bool:
    try:
        del store[key]
    except KeyError:
        return False
    return True
