"""A cache in words of responses: keys, reading, saving, redirects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from .._matching.keys import Matching, newest_key
from .._memos import Recency
from .._store.entry import Contracted
from .._store.single_flight import SingleFlight
from ..errors import ConfigurationError
from ..option_types import OF_CACHES, Kind, check_call, check_options
from ..options import reject_unknown, taking_earlier
from ..serializers import init_serializer
from .deletion import Deletion
from .memory import DictStorage
from .statistics import Events, Statistics

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from ..serializers import Serializer
    from .kept_statistics import Keeper, KeptStatistics
    from .storage import BaseStorage

BOUNDS = ("max_size", "max_entries")
"""Options of a cache that evicts the least recently used responses; see `Capabilities.bounded`."""


class BaseCache(Deletion, Contracted):
    """A cache of responses; this class itself keeps them in memory, its subclasses in a store.

    Args:
        args: the name of the cache, for subclasses that have one.
        include_get_headers: an earlier name of `match_headers`.
        ignored_parameters: names of query parameters, header fields and body members that do not
            make requests different, and whose values are never stored. Known credentials are never
            stored in any case (`requests_cache._matching.names`).
        match_headers: header fields that make requests different; True for all.
        match_credentials: whether requests with different credentials are different requests.
        key_fn: makes the key instead of us; called with the request, and, as far as it takes them,
            `verify`, `ignored_parameters`, `match_headers` and `serializer`.
        serializer: how responses become bytes; see `init_serializer`.
        secret_key: signs everything that is stored.
        salt: is mixed into the signature.
        max_response_size: largest body in bytes that is stored; None for any.
        keep_statistics: whether to keep the counters of `stats` in the store, too; see
            `kept_statistics`. They are written once a minute at most, and at the end.
        max_size: in memory, SQLite and files: bytes of the whole cache; the least recently used
            responses go first. None for no limit.
        max_entries: in memory, SQLite and files: number of responses, likewise.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: a size is not a positive number.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = (
        "match_headers",
        "match_credentials",
        "key_fn",
        "serializer",
        "secret_key",
        "salt",
        "cache_name",
        "max_response_size",
        "ignored_parameters",
        "include_get_headers",
        "keep_statistics",
    )
    """Keyword options that every cache takes; a subclass hands them on."""

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = {}
    """What the own options of a subclass may be, by name; they are checked when it is called."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have a constructor take options of earlier versions."""
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            setattr(cls, "__init__", taking_earlier(cls.__init__))  # noqa: B010  # not a method to mypy

    if not TYPE_CHECKING:  # else every name could be assigned

        def __setattr__(self, name: str, value: object) -> None:
            """Hand the serializer to a storage that becomes a part of this cache.

            Raises:
                ConfigurationError: it is no storage, or comes before `super().__init__`.
            """
            if name in ("responses", "redirects"):
                self._adopt(name, value)
            super().__setattr__(name, value)

    def _adopt(self, name: str, storage: object) -> None:
        from .storage import BaseStorage

        if not isinstance(storage, BaseStorage):
            raise ConfigurationError(
                f"{type(self).__name__}.{name} = {storage!r:.60}: give an instance of a subclass of"
                " BaseStorage"
            )
        serializer = vars(self).get("serializer")
        if serializer is None:
            raise ConfigurationError(
                f"{type(self).__name__}: call super().__init__(name, **options) before"
                f" self.{name} is assigned"
            )
        storage.adopt(serializer)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Check own options; remember them, so that a pickled cache opens its store again."""
        check_call(cls, args, kwargs, cls.OPTION_KINDS)
        self = super().__new__(cls)
        self._made_with = args, kwargs
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle how the cache was made; a cache in memory arrives empty."""
        return _make_again, (type(self), *self._made_with)

    @taking_earlier
    def __init__(
        self,
        *args: Any,
        include_get_headers: bool | Iterable[str] = False,
        ignored_parameters: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        bounds = BOUNDS if type(self) is BaseCache else ()
        reject_unknown(type(self), kwargs, (*self.OPTIONS, *bounds))
        compared: dict[str, object] = {
            "ignored_parameters": ignored_parameters,
            "include_get_headers": include_get_headers,
        }
        check_options({**kwargs, **compared}, OF_CACHES)
        self.cache_name: str = str(args[0] if args else kwargs.get("cache_name", "http_cache"))
        signing = {name: kwargs.get(name) for name in ("secret_key", "salt")}
        self.serializer: Serializer = init_serializer(kwargs.get("serializer"), **signing)
        self.serializer.check_responses()
        self.storage_options: dict[str, Any] = {"serializer": self.serializer}
        """For storages that have to know it when they are made; all get it when they are assigned
        to `responses` and `redirects`."""
        self._comparing: dict[str, Any] = {
            "ignored_parameters": ignored_parameters,
            "match_headers": kwargs.get("match_headers") or include_get_headers,
            "match_credentials": kwargs.get("match_credentials", True),
            "key_fn": kwargs.get("key_fn"),
            "secret_key": newest_key(kwargs.get("secret_key")),
        }
        self.matching: Matching = Matching(**self._comparing)
        self.max_response_size: int | None = kwargs.get("max_response_size")
        self.max_size: int | None = kwargs.get("max_size")
        self.max_entries: int | None = kwargs.get("max_entries")
        self.limit_responses(self.max_size)
        self.stats: Statistics = Statistics()
        self._keeper: Keeper | None = None
        if kwargs.get("keep_statistics"):
            from .kept_statistics import Keeper

            self._keeper = Keeper(self)
            self.stats.observe(self._keeper)
        self.used_variants: Recency = Recency()
        """Which of several responses of a URL were used of late."""
        self.events: Events = Events()
        """Tells what happens: `cache.events.listen(function)`; see `requests_cache.events`."""
        self.flights: SingleFlight = SingleFlight()
        self.responses: BaseStorage = self._make_memory()
        self.redirects: BaseStorage = DictStorage()

    def _make_memory(self) -> DictStorage:
        if self.max_size is None and self.max_entries is None:
            return DictStorage()
        from .bounded_memory import BoundedStorage

        return BoundedStorage(self.max_size, self.max_entries, self.note_evicted)

    def kept_statistics(self, since: float | timedelta | datetime | None = None) -> KeptStatistics:
        """Give what all processes counted that use this cache with `keep_statistics=True`.

        It is kept by the hour, after three days by the day, and for 400 days. `clear()` deletes it.

        Args:
            since: leave out the hours before: seconds or a timedelta before now, or a datetime.
        """
        from .kept_statistics import read_kept

        if self._keeper is not None:
            self._keeper.write()
        return read_kept(self.redirects, since)

    @property
    def earlier_place(self) -> tuple[str | Path, str | None, Any] | None:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name, as `migrate` takes it.

        Name, backend and client; None if it is nowhere.
        """
        return None

    def close(self) -> None:
        """Release connections that this cache opened; write down what is counted for later."""
        if self._keeper is not None:
            self._keeper.write()
        self.responses.close()
        self.redirects.close()

    def clear(self) -> None:
        """Delete all responses and redirects."""
        self.responses.clear()
        self.redirects.clear()


def _make_again(cls: type[BaseCache], args: tuple[Any, ...], kwargs: dict[str, Any]) -> BaseCache:
    return cls(*args, **kwargs)
