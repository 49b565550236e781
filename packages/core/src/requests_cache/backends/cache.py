"""A cache in words of responses: keys, reading, saving, redirects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from requests import PreparedRequest, Request, Response

from .. import clock
from .._matching.keys import Matching, newest_key
from .._store.capabilities import CONTRACT
from .._store.entry import DAMAGED, NOTE_PREFIX, Entry, is_key, is_sound
from .._store.recency import Recency
from .._store.single_flight import SingleFlight
from ..errors import ConfigurationError, RecordError
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.record import DetachedRecord
from ..models.response import CachedResponse
from ..models.shape import check_history
from ..option_types import OF_CACHES, Kind, check_call, check_options
from ..options import reject_unknown, taking_earlier
from ..serializers import init_serializer
from .deletion import Deletion
from .earlier import Earlier
from .listing import Listing
from .memory import DictStorage
from .statistics import Events, Statistics
from .streaming import Streaming

if TYPE_CHECKING:
    from .storage import BaseStorage

__all__ = ["BOUNDS", "BaseCache"]

BOUNDS = ("max_size", "max_entries")
"""Options of a cache that evicts the least recently used responses; see `Capabilities.bounded`."""

logger = logging.getLogger("requests_cache")

_Read: TypeAlias = "Callable[[bytes, bytes | None], Any]"

# Twice as many as are written, so that sweeping catches up.
_SWEEP_EVERY = 16
_SWEEP_MOST = 32
# So many values that cannot be read are warned of.
_MOST_WARNINGS = 10


class BaseCache(Listing, Deletion, Streaming, Earlier):
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
    )
    """Keyword options that every cache takes; a subclass hands them on."""

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = {}
    """What the own options of a subclass may be, by name; they are checked when it is called."""

    contract: ClassVar[int] = CONTRACT
    """The version of the contract that a cache was written for; a subclass says which."""

    responses: BaseStorage
    redirects: BaseStorage

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class that was written for a contract which this core does not keep."""
        super().__init_subclass__(**kwargs)
        if cls.contract != CONTRACT:
            from .._store.contract import check_contract

            check_contract(cls, cls.contract)
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
            elif name in _COMPARED:
                self.match(**{_COMPARED[name]: value})
                return
            object.__setattr__(self, name, value)

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
        self.cache_name = str(args[0] if args else kwargs.get("cache_name", "http_cache"))
        signing = {name: kwargs.get(name) for name in ("secret_key", "salt")}
        self.serializer = init_serializer(kwargs.get("serializer"), **signing)
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
        self.matching = Matching(**self._comparing)
        self.max_response_size: int | None = kwargs.get("max_response_size")
        self.max_size: int | None = kwargs.get("max_size")
        self.max_entries: int | None = kwargs.get("max_entries")
        self.limit_responses(self.max_size)
        self.stats = Statistics()
        self.used_variants = Recency()
        """Which of several responses of a URL were used of late."""
        self.events = Events()
        """Tells what happens: `cache.events.listen(function)`; see `requests_cache.events`."""
        self._damaged = 0
        self._evictions: int = 0
        self._redirects_kept: int = 0
        self.flights = SingleFlight()
        self._writes = 0
        self.responses = self._make_memory()
        self.redirects = DictStorage()

    def _make_memory(self) -> DictStorage:
        if self.max_size is None and self.max_entries is None:
            return DictStorage()
        from .bounded_memory import BoundedStorage

        return BoundedStorage(self.max_size, self.max_entries, self.note_evicted)

    def limit_responses(self, size: int | None) -> None:
        """Store no body larger than `size`, which is what the store takes; None for any."""
        if size is not None:
            own = self.max_response_size
            self.max_response_size = size if own is None else min(own, size)

    @property
    def name(self) -> str:
        """Give the name of the cache, as versions before 1.0 called it."""
        return self.cache_name

    def __repr__(self) -> str:
        """Name the cache; what it holds is not shown, for that would read it."""
        return f"<{type(self).__name__}(cache_name={self.cache_name!r})>"

    # Keys

    if not TYPE_CHECKING:  # else every name could be read

        def __getattr__(self, name: str) -> Any:
            """Give an option of matching as an attribute; it may be set, too."""
            if name in _COMPARED and "_comparing" in vars(self):
                return self.compared(_COMPARED[name])
            from .._earlier.members import missing

            raise missing(type(self), name)

    def match(self, **options: Any) -> None:
        """Change how requests are compared; what is not named here stays as it was.

        Args:
            options: `ignored_parameters`, `match_headers`, `match_credentials`, `key_fn`.
        """
        check_options(options, OF_CACHES)
        self._comparing.update(options)
        exact = self.matching.exact_query
        self.matching = Matching(**self._comparing, exact_query=exact)
        args, kwargs = self._made_with
        self._made_with = args, {**kwargs, **options}

    def compared(self, name: str) -> Any:
        """Give an option of `match`; names as a list, and a change of the list counts as well."""
        value = self._comparing[name]
        if name not in ("ignored_parameters", "match_headers") or isinstance(value, bool):
            return value
        from .._earlier.watched_names import WatchedNames

        names = (value,) if isinstance(value, str) else value or ()
        return WatchedNames(names, lambda changed: self.match(**{name: changed}))

    def create_key(self, request: Any = None, **kwargs: Any) -> str:
        """Give the key of a request, prepared or not; without one, `kwargs` are those of Request.

        `verify` and `cert` may be given too; other arguments are handed to `key_fn`.

        Raises:
            UncacheableBodyError: the body is a stream that cannot be read twice.
        """
        if request is None:
            of_request = {name: kwargs.pop(name) for name in list(kwargs) if name in _OF_REQUEST}
            request = Request(**{"method": "GET", **of_request})
        if isinstance(request, Request):
            request = request.prepare()
        if self.matching.key_fn is not None:
            from .._earlier.key_functions import call_key_fn

            # A store cannot look for text that is not UTF-8, such as half of a surrogate pair.
            made = call_key_fn(self, request, kwargs)
            return made.encode("utf-8", "backslashreplace").decode()
        return self.matching.create_key(
            request, verify=kwargs.get("verify", True), cert=kwargs.get("cert")
        )

    # Reading

    def get_response(self, key: str, default: Any = None) -> CachedResponse | Any:
        """Give the response stored under `key` or under a redirect of this key, else `default`.

        Bytes that cannot be read count as nothing; there is a warning in the log.
        """
        response = self.make_response(key, *self.read_either(key))
        return default if response is None else response

    def make_response(
        self, key: str, entry: Entry | None, alias: Entry | None
    ) -> CachedResponse | None:
        """Make the response for a key of what `read_either` gave; None if nothing can be made."""
        if entry is not None:
            return self._load(key, entry)
        return None if alias is None else self._follow(key, alias)

    def read_either(self, key: str) -> tuple[Entry | None, Entry | None]:
        """Give what is stored under `key`, and, if that is nothing, the redirect from it.

        A cache behind a network overrides this if it can ask for both at once.
        """
        entry = self.responses.read(key)
        return entry, None if entry is not None else self.redirects.read(key)

    def read_response(self, key: str) -> CachedResponse | None:
        """Give the response stored under `key` itself; redirects are not followed."""
        entry = self.responses.read(key)
        return None if entry is None else self._load(key, entry)

    def read_responses(self, keys: Iterable[str]) -> Iterator[tuple[str, CachedResponse]]:
        """Give those of the responses that are stored and can be read, with their keys."""
        for key, entry in self.responses.read_many(keys):
            response = self._load(key, entry)
            if response is not None:
                yield key, response

    def read_note(self, name: str) -> Any:
        """Give a small value that was kept beside the responses; None if there is none."""
        entry = self.redirects.read(NOTE_PREFIX + name)
        return entry and self._made_of(entry, "note", name, self.redirects.serializer.decode)

    def write_note(self, name: str, value: Any, keep_until: float | None = None) -> None:
        """Keep a small value beside the responses, until a time or for ever."""
        head, body = self.redirects.serializer.encode(value)
        self.redirects.write(NOTE_PREFIX + name, Entry(head, body, None, keep_until))

    def _load(
        self, key: str, entry: Entry, bodies: bool = True, *, peek: bool = False
    ) -> CachedResponse | None:
        read = self._reader(self.serializer.peek if peek else self.serializer.decode, bodies)
        response = self._made_of(entry, "response under", key, read)
        if response is None:
            return None
        if not isinstance(response, CachedResponse):
            self.note_damage("response under", key, "it is another value")
            return None
        response.cache_key = key
        return response

    def _reader(self, read: _Read, bodies: bool) -> _Read:
        """Give what reads a head and a body, or a head alone if that can be."""
        return read if bodies or not self.serializer.splits else partial(_with_body, read, None)

    def _made_of(
        self, entry: Entry, what: str, key: str, read: Callable[[bytes, bytes | None], Any]
    ) -> Any:
        """Give what is read from an entry; None, with a warning, if nothing can be.

        Whatever is stored may be wrong, and a serializer of somebody else's may raise anything for
        it. That is no failure of the store: it concerns this value alone.
        """
        try:
            return read(entry.head, entry.body)
        except RecordError as error:
            self.note_damage(what, key, error)
        except Exception as error:  # noqa: BLE001  # see above
            title = self.serializer.title
            why = f"the serializer {title} failed: {type(error).__name__}: {error}"
            self.note_damage(what, key, why)
        return None

    def _follow(
        self,
        key: str,
        alias: Entry,
        read: Callable[[str], CachedResponse | None] | None = None,
    ) -> CachedResponse | None:
        target = self._target(key, alias)
        response = None if target is None else (read or self.read_response)(target)
        if response is not None and alias.body:
            self._add_history(response, key, alias)
        return response

    def _target(self, key: str, alias: Entry) -> str | None:
        """Give the key that a redirect leads to; None if it cannot be read."""
        read = partial(_with_body, self.redirects.serializer.decode, b"")
        target: str | None = self._made_of(alias, "redirect of", key, read)
        if target is None or is_key(target):
            return target
        self.note_damage("redirect of", key, "it is not the key of a response")
        return None

    def _add_history(self, response: CachedResponse, key: str, alias: Entry) -> None:
        def read(head: bytes, body: bytes | None) -> Any:
            history = self.redirects.serializer.loads(body or b"")
            check_history(history)
            return history

        history = self._made_of(alias, "redirect of", key, read)
        if history is not None:
            response.set_history(history)

    def entries(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the responses; `bodies` as for `BaseStorage.scan`.

        What is no entry at all comes as one that cannot be read.
        """
        return _made_sound(self.responses.scan(bodies))

    def aliases(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the redirects and notes, as `entries` does."""
        return _made_sound(self.redirects.scan(bodies))

    def note_damage(self, what: str, key: str, why: object) -> None:
        """Count a value that cannot be read, and warn of it; of many only of the first ones.

        All of a cache are, if it is opened with another key or serializer.
        """
        self.stats.add("invalid")
        self._damaged += 1
        level = logging.WARNING if self._damaged <= _MOST_WARNINGS else logging.DEBUG
        logger.log(level, "%r: the %s key %.64s cannot be read: %s", self, what, key, why)
        if self._damaged == _MOST_WARNINGS:
            logger.warning("%r: more that cannot be read is logged with level DEBUG", self)

    # Saving

    def save_response(
        self,
        response: Response,
        cache_key: str | None = None,
        expires: datetime | float | None = None,
    ) -> None:
        """Save a response, and a redirect to it for each request in its history.

        Args:
            response: response to save.
            cache_key: its key; by default that of its request.
            expires: when it expires, as datetime or in seconds since the epoch; None for never.

        Raises:
            ConfigurationError: the response has no request, or no URL.
        """
        for part, url in (
            ("request", getattr(response.request, "url", None)),
            ("url", response.url),
        ):
            if not url:
                raise ConfigurationError(
                    f"the response has no {part}, which says what it answers: set response.{part}"
                    " before it is saved"
                )
        # Imported on first use, for an import is part of a cold start.
        from ..models.owning import note_owner

        key = cache_key or self.create_key(response.request)
        when = expires.timestamp() if isinstance(expires, datetime) else expires
        cached = CachedResponse.from_response(
            response,
            expires=when,
            redactor=self.matching.redactor,
            key=key,
            keep_cookies=False,
        )
        note_owner(cached, response, self.matching)
        self.write_response(key, cached)
        for hop in response.history:
            self.save_redirect(hop.request, key, keep_until=end_of_keeping(when, VALIDATION_GRACE))

    def write_response(
        self, key: str, response: CachedResponse, grace: float | None = VALIDATION_GRACE
    ) -> None:
        """Store a response under `key`, and keep it for `grace` seconds after it has expired.

        With `grace=None` it is kept until it is deleted.

        Raises:
            ValueTooLargeError: the body exceeds `max_response_size`, or what the store takes.
        """
        record = response.record
        self.refuse_large(record.size)
        expires = response.expires_at
        entry = Entry(*self.serializer.encode(response), expires, end_of_keeping(expires, grace))
        if isinstance(record, DetachedRecord):
            self.write_detached(key, record, entry)
        else:
            self.responses.write(key, entry)
        self.stats.add("stored")
        self.stats.add("stored_bytes", record.size)
        if self.events.is_heard():
            self._tell_stored(key, response)
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            self.stats.add("purged", self.responses.sweep(clock.now(), _SWEEP_MOST))
            self.redirects.sweep(clock.now(), _SWEEP_MOST)

    def _tell_stored(self, key: str, response: CachedResponse) -> None:
        from ..events import Event

        record = response.record
        method = str(record.fields["request"]["method"] or "")
        url = self.matching.redactor.url(record.url)
        event = Event("stored", method, url, key, status=record.status, size=record.size)
        self.events.tell(event._replace(ttl=response.ttl))

    def freshen_response(
        self, key: str, response: CachedResponse, grace: float | None = VALIDATION_GRACE
    ) -> None:
        """Replace all but the body of a stored response; `grace` as for `write_response`."""
        expires = response.expires_at
        entry = Entry(*self.serializer.encode(response), expires, end_of_keeping(expires, grace))
        if self.serializer.keeps_body:
            self.responses.rewrite_head(key, entry)
        else:
            self.responses.write(key, entry)

    def save_redirect(
        self,
        request: PreparedRequest,
        response_key: str,
        history: list[dict[str, Any]] | None = None,
        keep_until: float | None = None,
    ) -> None:
        """Map a request that was redirected to a stored response.

        Args:
            request: the request that was redirected.
            response_key: key under which the response is stored.
            history: the redirects on the way, as fields of a record.
            keep_until: when the mapping may be forgotten; by default when the response is deleted.
        """
        self.write_redirect(self.create_key(request), response_key, history, keep_until)

    def write_redirect(
        self,
        key: str,
        response_key: str,
        history: list[dict[str, Any]] | None = None,
        keep_until: float | None = None,
    ) -> None:
        """Map a key to that of a stored response; the arguments are those of `save_redirect`."""
        if key == response_key:
            return
        head, _ = self.redirects.serializer.encode(response_key)
        body = b"" if history is None else self.redirects.serializer.dumps(history)
        self.redirects.write(key, Entry(head, body, None, keep_until))

    # Life

    def close(self) -> None:
        """Release connections that this cache opened."""
        self.responses.close()
        self.redirects.close()

    def clear(self) -> None:
        """Delete all responses and redirects."""
        self.responses.clear()
        self.redirects.clear()


def _made_sound(items: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    return ((key, entry if is_sound(entry) else DAMAGED) for key, entry in items if is_key(key))


def _with_body(read: _Read, body: bytes | None, head: bytes, stored: bytes | None) -> Any:
    return read(head, body)


def _make_again(cls: type[BaseCache], args: tuple[Any, ...], kwargs: dict[str, Any]) -> BaseCache:
    return cls(*args, **kwargs)


# Attributes of a cache that are options of `match`; the second is a name of version 0.7.
_COMPARED = {
    "ignored_parameters": "ignored_parameters",
    "include_get_headers": "match_headers",
    "match_headers": "match_headers",
    "match_credentials": "match_credentials",
    "key_fn": "key_fn",
}


_OF_REQUEST = frozenset(
    ("method", "url", "headers", "files", "data", "params", "auth", "cookies", "json")
)
