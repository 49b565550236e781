"""A look into the store for a call: by the key that is known of it, or by one that is made now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from requests import PreparedRequest, Request, RequestException, Response

from .. import clock
from .._exchange.request_context import NO_OPTIONS, Lifetime, Lookup, Options
from .._matching.owner import NOBODY, ask
from ..backends.statistics import DEBUG, LEVELS
from ..models.base import BaseResponse
from ..models.record import SPOILT_BODIES
from ..models.response import CachedResponse, copy_of
from .examining import examine, request_of
from .identities import has_wishes
from .memo import LONG_WAY, KnownCall, Memo

if TYPE_CHECKING:
    from .._exchange.request_context import Host
    from .._store.entry import Entry
    from ..backends.cache import BaseCache
    from ..models.record import Record
    from .state import SessionState

_NOTHING: Final[dict[str, Any]] = {}


class Unfinished(NamedTuple):
    """What is known of a call that cannot be answered here and now."""

    memo: Memo
    identity: Any
    known: KnownCall
    response: CachedResponse | None = None
    """The response, if hooks have to be called with it; else nothing to be used was found."""
    lookup: Lookup | None = None
    request: PreparedRequest | None = None
    """The request, if a class of somebody's own has to send it."""

    def make_request(self, url: str) -> PreparedRequest:
        """Make the request that belongs to the key, whatever the session is by now."""
        assert self.lookup is not None
        return self.lookup.make_request(url)

    def remember(self, response: Response) -> None:
        """Remember the key, unless the response is one that the long way has to give."""
        known, is_hit = self.known, isinstance(response, CachedResponse)
        is_validated = isinstance(response, BaseResponse) and response.revalidated
        known.is_left = is_validated or (known.is_left and not is_hit)
        needs_long_way = isinstance(response, CachedResponse) and response.record.flags & LONG_WAY
        if self.memo.calls.get(self.identity) is known:
            # It was left to an exchange, which does not change what was seen of it.
            return
        # A body that the caller reads himself may be one in pieces; who asks again finds out.
        if known.read is None and not needs_long_way:
            self.memo.add(self.identity, known)


def find_plain(session: Host, state: SessionState, url: str, known: KnownCall | None) -> Any:
    """Look for the response of a URL alone, whose key can mostly be made without a request."""
    calls = state.plain_calls
    if known is None or not calls.is_one_of(known):
        if not Lifetime.of(url, state.settings, NO_OPTIONS).is_cached:
            return None
        key = calls.find_key(url)
        if key is None:
            # It has a secret, or is written in another way than requests would.
            return find(session, state, url, Request("GET", url))
        known = KnownCall(key, url, calls.headers, jar=state.jar, said=calls.said)
        known.says_nothing = calls.says_nothing
    if state.jar is None:
        return _look(session, state, url, known, calls.copy, calls.find_key)

    def make_request(url: str) -> PreparedRequest:
        return state.prepare_to_send(Request("GET", url))

    return _look(session, state, url, known, make_request, calls.find_key)


def find(
    session: Host,
    state: SessionState,
    identity: Any,
    request: Request | PreparedRequest,
    options: Options = NO_OPTIONS,
    kwargs: dict[str, Any] = _NOTHING,
) -> Any:
    """Look for the response of a call whose key is not known, by a request made of its arguments.

    The identity is the same for the same call.
    """
    try:
        prepared = _prepared(state, request)
    except (RequestException, ValueError, TypeError):
        # The long way says what is wrong.
        return None
    is_cached = Lifetime.of(prepared.url or "", state.settings, options).is_cached
    if not is_cached or has_wishes(prepared.headers):
        return None
    from .._exchange.chain import is_unsafe

    if is_unsafe(prepared, state.methods):
        return None
    asker, lock = NOBODY, None
    if state.partition is not None:
        asker = NOBODY._replace(partition=state.partition, knows_cookies=state.jar is not None)
        ask(prepared, asker)
    elif state.jar is not None and state.jar.tells and isinstance(request, Request):
        from .._exchange.asking import Asking
        from .._exchange.chain import Chain

        asked = state.prepare_to_send(request)
        asking = Asking(session, asked, {}, chain := Chain())
        # Nothing is sent by it, and a circle of both would be left to the collector.
        chain.receive_redirect = None
        if not state.holds(session):
            # Of the jar, or of what came with its cookies, something changed meanwhile.
            return None
        asker, lock = asking.asker, asking.owner
        ask(prepared, asker, prepared.headers.get("Cookie"))
    verify = kwargs.get("verify")
    verify = state.verify if verify is None else verify
    key = state.cache.create_key(prepared, verify=verify)
    if state.matching.key_fn is not None:
        # A function of the caller's is asked each time, and need not tell one owner from another.
        identity = (identity, key)
        remembered = state.memo.calls.get(identity)
        found = remembered and recall(session, state, identity, remembered, kwargs)
        if found is not None:
            return found
        lock = state.matching.lock_of(prepared, asker)
    known = KnownCall(key, prepared.url or "", prepared.headers.copy(), options, state.jar)
    known.lock, known.asker = lock, None if asker is NOBODY else asker
    known.is_prepared = not isinstance(request, Request)
    known.method, known.body = prepared.method or "GET", prepared.body
    stream = kwargs.get("stream")
    if state.stream if stream is None else stream:
        known.read = partial(_read_small, state.cache)

    def key_of(url: str) -> str:
        from .._exchange.keying import as_get

        return state.cache.create_key(as_get(prepared, url), verify=verify)

    def make_request(_url: str) -> PreparedRequest:
        if state.jar is None or not isinstance(request, Request):
            return prepared
        return state.prepare_to_send(request)

    return _look(session, state, identity, known, make_request, key_of)


def _prepared(state: SessionState, request: Request | PreparedRequest) -> PreparedRequest:
    if not isinstance(request, Request):
        return request
    if state.matching.key_fn is None:
        return state.prepare(request)
    # It sees what would be sent.
    plain = None if state.params or state.jar is not None else state.plain_calls.prepare(request)
    return state.prepare_to_send(request) if plain is None else plain


def _look(
    session: Host,
    state: SessionState,
    identity: Any,
    known: KnownCall,
    make_request: Callable[[str], PreparedRequest],
    key_of: Callable[[str], str | None],
) -> Any:
    """Look into the store for the first time, unless it has just failed.

    `key_of` gives the key of a GET of another URL in the place of the call.
    """
    if session.breaker.reads.pause or session.breaker.is_passed_by:
        return None
    cache, key = state.cache, known.key
    since = cache.flights.landings
    heard = cache.events.listeners or DEBUG not in LEVELS or LEVELS[DEBUG]
    began = perf_counter() if heard else 0.0
    opened: tuple[Entry, BinaryIO] | None = None
    beside: tuple[()] | tuple[str] = ()
    try:
        by_http = state.settings.cache_control
        if by_http and cache.asks_for_both:
            beside = _beside(known, key_of)
        if known.read is not None:
            entry, alias, opened = _look_open(cache, key, *beside)
        elif by_http and not beside:
            # By the rules of HTTP redirects are responses of their own.
            entry, alias = cache.responses.read(key), None
        else:
            entry, alias = cache.read_either(key, *beside)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        _report(session, state, error)
        return None
    examined = None
    if entry is not None and not known.is_left:
        examined = examine(session, state, known, entry)
    if examined is not None and examined[1][2] > clock.now():
        record, (_, _, _, give, copied, _), _ = examined
        state.memo.add(identity, known)
        if state.filter_fn is None:
            cache.stats.hit(record.size)
            if heard:
                tell(state, key, record, began)
        return give(record) if copied is None else copy_of(copied)
    name = beside[0] if beside else None
    lookup = Lookup(key, entry, alias, since, make_request, opened, name, known.says_nothing)
    return Unfinished(state.memo, identity, known, lookup=lookup)


def _beside(known: KnownCall, key_of: Callable[[str], str | None]) -> tuple[()] | tuple[str]:
    """Give the name of the note that the rules of HTTP look at where nothing is stored."""
    from .._exchange.keying import name_of_index
    from .._store.entry import NOTE_PREFIX
    from ..policy import without_search

    path = without_search(known.url)
    is_own = path == known.url and known.method == "GET"
    key = known.key if is_own else key_of(path)
    return () if key is None else (NOTE_PREFIX + name_of_index(key),)


def _look_open(
    cache: BaseCache, key: str, *beside: str
) -> tuple[Entry | None, Entry | None, tuple[Entry, BinaryIO] | None]:
    """Do what `read_either` does for a caller who reads the body himself.

    Give also what was opened: of a body in pieces that is all there is.
    """
    if not cache.streams:
        return *cache.read_either(key, *beside), None
    opened, alias = cache.open_either(key, *beside)
    entry, file = opened or (None, None)
    if entry is None or not isinstance(file, BytesIO):
        return None, alias, opened
    return entry._replace(body=file.getvalue()), alias, opened


def _read_small(cache: BaseCache, key: str) -> Entry | None:
    """Read what a store has at once, for a caller who reads the body himself; None for the rest."""
    if not cache.streams:
        return cache.responses.read(key)
    opened = cache.responses.open_body(key)
    if opened is None:
        return None
    entry, file = opened
    if isinstance(file, BytesIO):
        return entry._replace(body=file.getvalue())
    file.close()
    return None


# Calls whose keys are known: what is stored is read, and given if it is the same


def recall(
    session: Host,
    state: SessionState,
    identity: Any,
    known: KnownCall,
    kwargs: dict[str, Any] = _NOTHING,
) -> CachedResponse | None:
    """Give the stored response of a known call, if it can be used without waiting.

    `kwargs` are those of the call, with which it is sent if the response has to be refreshed.
    """
    if known.is_left:
        return None
    same, record, until, give, copied, late = known.seen
    is_late = until != inf and record is not None and until <= clock.now()
    if is_late and late <= clock.now():
        # It is looked for again, and remembered if that is worth while.
        state.memo.forget(identity)
        return None
    cache = state.cache
    # Written out, here and below: a hit of which nobody wants to hear makes no call for it.
    heard = cache.events.listeners or DEBUG not in LEVELS or LEVELS[DEBUG]
    began = perf_counter() if heard else 0.0
    try:
        entry = cache.responses.read(known.key) if known.read is None else known.read(known.key)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        _report(session, state, error)
        # By the way that `look` goes, which asks no store that has failed this request.
        state.memo.forget(identity)
        return None
    if entry is None:
        # It was deleted. Of a store that gives copies `same` may be None, too.
        record = None
    elif entry is not same and (same is None or entry.head != same.head or entry.body != same.body):
        examined = examine(session, state, known, entry)
        record, seen, is_new = examined or (None, known.seen, False)
        _, _, until, give, copied, late = seen
        is_late = until <= clock.now()
        if is_late and (is_new or late <= clock.now()):
            record = None
        elif is_new:
            state.memo.add(identity, known)
    # What is kept in memory is not read again. That a stale one is given is told by an exchange.
    if (
        record is None
        or (SPOILT_BODIES and record.identity in SPOILT_BODIES)
        or (is_late and heard)
    ):
        state.memo.forget(identity)
        return None
    if is_late:
        _refresh(session, known, kwargs)
        if record.expires <= clock.now():
            cache.stats.add("stale")
    if state.filter_fn is None:
        cache.stats.hit(record.size)
        if heard:
            tell(state, known.key, record, began)
    return give(record) if copied is None else copy_of(copied)


def _refresh(session: Host, known: KnownCall, kwargs: dict[str, Any]) -> None:
    """Have a thread refresh what is given stale, unless one is about to."""
    of_call = partial(request_of, known), known.key, known.options, kwargs
    fetch = partial(session.refresh_known, *of_call, is_sent=known.is_prepared)
    session.refresh_in_background(known.key, fetch, known.url)


def _report(session: Host, state: SessionState, error: Exception) -> None:
    """Take note that the store has failed; with `on_error="raise"` the long way meets it again."""
    if state.settings.on_error != "raise":
        session.breaker.report(error)


def tell(state: SessionState, key: str, record: Record, began: float) -> None:
    """Tell a hit, if anybody listens: a level that nobody has asked for yet may be any."""
    taken = perf_counter() - began
    events = state.cache.events
    if events.listeners or events.is_heard():
        events.tell_hit(state.cache.matching.redactor, key, record, taken)
