"""The short way to a hit: no prepared request, no look at the environment.

Most of the time of a hit would go into preparing a request that is never sent. For an ordinary call
the key depends on the URL, on plain `params` and `headers`, and on the state of the session. So the
key that the long way found is remembered, together with that state; whatever may change the key,
the answer or what the caller sees is either part of what is remembered or sends the call the long
way. A property test compares both ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from requests import PreparedRequest, Request, Response, Session
from requests.cookies import RequestsCookieJar
from requests.sessions import SessionRedirectMixin
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._exchange.lookup import Lookup
from .._store.entry import Entry
from ..backends.cache import BaseCache
from ..backends.memory import DictStorage
from ..models.record import Flag, Record
from ..models.response import CachedResponse
from ..models.shape import check_shape
from ..serializers.default import DefaultSerializer
from ..session import CachedSession, CacheMixin
from .identities import identify, identify_prepared
from .netrc import may_have_netrc
from .plain_calls import PlainCalls, is_basic, is_of_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._matching.credentials import Redactor

__all__ = ["FastPath"]

_MOST_REMEMBERED: Final = 8192
_LONG_WAY: Final = Flag.COOKIES | Flag.HTTP | Flag.NOT_WHOLE | Flag.SPOILT

# A class that overrides one of these may do anything to a request.
_DECISIVE: Final = (
    "get",
    "get_adapter",
    "merge_environment_settings",
    "prepare_request",
    "rebuild_auth",
    "request",
    "send",
)
# Those of requests, and ours: what passes through them is not changed.
_OWN_CLASSES: Final = frozenset({Session, SessionRedirectMixin, CacheMixin, CachedSession, object})
_ordinary_classes: dict[type, bool] = {}


class _Known:
    """A remembered key, and what was read and checked of what is stored under it."""

    __slots__ = ("entry", "key", "record")

    entry: Entry | None
    """A store's own object in memory; that of another store would only keep its body."""
    record: Record | None
    """The record of that object; of another store the record without its body."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.entry = None
        self.record = None


class FastPath:
    """Remembers the keys of one session's ordinary calls, in the state that the session is in."""

    identify = staticmethod(identify)
    identify_prepared = staticmethod(identify_prepared)

    def __init__(self, session: CacheMixin) -> None:
        self._session = session
        self._known: dict[Any, _Known] = {}
        self.generation = 0
        """Counts the states; a key found in one of them says nothing about another."""
        self._forget()

    def _forget(self) -> None:
        """Take the session's state as it is now; keys found in another state no longer hold."""
        session = self._session
        settings = self._settings = session.settings
        cache = self._cache = session.cache
        self._known.clear()
        self.generation += 1
        self._attributes = len(vars(session))
        self._headers = dict(_store_of(session.headers))
        self._auth = session.auth
        self._changes = settings.changes
        self._matching = cache.matching
        # What a bounded one evicts has to go, so its entries are not held on to.
        self._in_memory = type(cache.responses) is DictStorage
        self.plain_calls = PlainCalls(session, self._headers)
        self._open = (
            settings.filter_fn is None
            and settings.on_error == "bypass"
            and not settings.cache_control
            and not settings.always_revalidate
            and "GET" in settings.allowable_methods
            and cache.matching.key_fn is None
            and type(cache.serializer) is DefaultSerializer
            and type(cache).get_response is BaseCache.get_response
            and type(cache).create_key is BaseCache.create_key
            and is_basic(session.auth)
            and _is_ordinary(type(session))
            and not any(name in vars(session) for name in _DECISIVE)
        )

    def is_open(self) -> bool:
        """Say whether the session is in a state in which keys can be remembered."""
        session = self._session
        state = session.__dict__
        if (
            state["settings"] is not self._settings
            or self._settings.changes != self._changes
            or state["cache"] is not self._cache
            or self._cache.matching is not self._matching
            or len(state) != self._attributes
        ):
            self._forget()
        return self._open

    def is_plain(self) -> bool:
        """Say whether keys can be remembered, and what `adds_little` says."""
        return self.adds_little() and self._open

    def adds_little(self) -> bool:
        """Say whether the session adds nothing but header fields to a request."""
        state = self._session.__dict__
        cookies = state["cookies"]
        if (
            state["params"]
            or state["verify"] is not True
            or state["cert"]
            or state["stream"]
            or type(cookies) is not RequestsCookieJar
            or type(state["headers"]) is not CaseInsensitiveDict
            or cookies._cookies  # type: ignore[attr-defined]  # of http.cookiejar, not in typeshed
        ):
            return False
        if state["headers"]._store != self._headers or state["auth"] is not self._auth:
            self._forget()
        return not (state["trust_env"] and may_have_netrc())

    def prepare(
        self, request: Request, below: Callable[[Request], PreparedRequest]
    ) -> PreparedRequest | None:
        """Prepare a request of the session; None if `below`, the class below ours, has to do it."""
        if not is_of_requests(below) or self._session.hooks.get("response"):
            return None
        if not self.adds_little():
            return None
        return self.plain_calls.prepare(request)

    def find(
        self,
        identity: Any,
        headers: Mapping[str, str | bytes],
        more: Mapping[str, str] | None = None,
    ) -> CachedResponse | None:
        """Give the stored response of a call, if it is known and can be used as it is.

        Args:
            identity: what `identify` made of the call.
            headers: header fields of the session or of the request, for `Vary` to ask for.
            more: header fields of the call, which come before those of the session.
        """
        known = self._known.get(identity)
        if known is None or self._session.breaker.is_troubled:
            return None
        record = self._usable(known, headers, more)
        if record is None:
            # The long way looks for it again, and remembers it if that is worth while.
            self._known.pop(identity, None)
            return None
        self._cache.stats.hit(record.size)
        return CachedResponse.from_record(record, known.key)

    def look(self, url: str) -> Lookup | None:
        """Look for the response of a plain call, whose key is not known.

        None if only the long way can tell the key.
        """
        calls = self.plain_calls
        key = calls.find_key(url)
        if key is None or self._session.breaker.is_troubled:
            return None
        since = self._cache.flights.landings
        try:
            entry, alias = self._cache.read_either(key)
        except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
            self._session.breaker.report(error)
            return None
        known = _Known(key)
        record = entry and self._usable(known, self._session.headers, None, entry)
        if record is None:
            return Lookup(key, entry, alias, since, calls.copy)
        self._keep(url, known)
        self._cache.stats.hit(record.size)
        return Lookup(key, entry, alias, since, calls.copy, CachedResponse.from_record(record, key))

    def _usable(
        self,
        known: _Known,
        headers: Mapping[str, str | bytes],
        more: Mapping[str, str] | None,
        entry: Entry | None = None,
    ) -> Record | None:
        try:
            entry = entry or self._cache.responses.read(known.key)
        except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
            self._session.breaker.report(error)
            return None
        if entry is None:
            return None
        try:
            record = known.record
            if record is None or entry is not known.entry:
                if record is not None and entry.head == record.source:
                    record = record.with_body(entry.body)
                else:
                    record = self._read(known, entry)
        except Exception:  # noqa: BLE001  # whatever it is, the long way meets it again and deals with it
            return None
        if record.expires <= clock.now() or record.flags & _LONG_WAY:
            return None
        if 300 <= record.status < 400:
            # The long way follows it.
            return None
        if record.flags & Flag.VARY and not _selects(
            record, headers, more, self._matching.redactor
        ):
            return None
        return record

    def _read(self, known: _Known, entry: Entry) -> Record:
        """Read what is seen for the first time, and keep what is the same the next time."""
        head = Record.load(entry.head, None)
        check_shape(head)
        record = head.with_body(entry.body)
        if self._in_memory:
            known.entry, known.record = entry, record
        else:
            known.record = head
        return record

    def remember(self, identity: Any, key: str, generation: int, response: Response) -> None:
        """Remember the key that the long way found for a call.

        Args:
            identity: what `identify` made of the call.
            key: the key of the request.
            generation: that of the state in which the call began.
            response: the answer; one that the long way has to give is not looked for here.
        """
        if generation != self.generation:
            return
        if isinstance(response, CachedResponse) and response.record.flags & _LONG_WAY:
            return
        self._keep(identity, _Known(key))

    def _keep(self, identity: Any, known: _Known) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            # The oldest goes: looking for the least used would cost each hit more than it saves.
            del self._known[next(iter(self._known))]
        self._known[identity] = known


def _selects(
    record: Record,
    headers: Mapping[str, str | bytes],
    more: Mapping[str, str] | None,
    redactor: Redactor,
) -> bool:
    from .._exchange.heads import selects

    if more:
        headers = CaseInsensitiveDict({**headers, **more})
    return selects(record, headers, redactor)


def _store_of(headers: object) -> dict[str, Any]:
    store: dict[str, Any] = getattr(headers, "_store", {})
    return store


def _is_ordinary(cls: type) -> bool:
    """Say whether no class but ours and requests' has a say in what is sent."""
    known = _ordinary_classes.get(cls)
    if known is None:
        known = _ordinary_classes[cls] = not any(
            name in vars(base)
            for base in cls.__mro__
            if base not in _OWN_CLASSES
            for name in _DECISIVE
        )
    return known
