"""The short way to a hit: no prepared request, no look at the environment.

Most of the time of a hit would go into preparing a request that is never sent. For an ordinary call
the key depends on the URL, on plain `params` and `headers`, and on the state of the session. So the
key is remembered together with that state. Whatever may change the key, the answer or what the
caller sees is part of what is remembered, or sends the call the long way. A property test compares
both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, NamedTuple, cast

from requests import PreparedRequest, Request, RequestException, Response

from .. import clock
from .._exchange.request_context import NO_OPTIONS, Lifetime, Lookup, Options
from .._matching.owner import NOBODY, ask
from ..backends.statistics import DEBUG, LEVELS
from ..models.original import BaseResponse
from ..models.record import Record
from ..models.response import CachedResponse, copy_of
from ..models.verdicts import SPOILT_BODIES
from .examining import LONG_WAY, examine, look_open, read_small
from .identities import has_wishes, identify, identify_prepared
from .memo import KnownCall, Memo

if TYPE_CHECKING:
    from .._exchange.host import Host
    from .._store.entry import Entry
    from .state import SessionState

__all__ = ["FastPath", "Unfinished"]


class Unfinished(NamedTuple):
    """What is known of a call that cannot be answered here and now."""

    memo: Memo
    identity: Any
    known: KnownCall
    response: CachedResponse | None = None
    """The response, if hooks have to be called with it; else nothing to be used was found."""
    lookup: Lookup | None = None

    def make_request(self, url: str) -> PreparedRequest:
        """Make the request that belongs to the key, whatever the session is by now."""
        assert self.lookup is not None
        return self.lookup.make_request(url)

    def remember(self, response: Response) -> None:
        """Remember the key, unless the response is one that the long way has to give."""
        known = self.known
        is_hit, is_validated = isinstance(response, CachedResponse), False
        if isinstance(response, BaseResponse):
            is_validated = response.revalidated
        known.is_left = is_validated or (known.is_left and not is_hit)
        if known.read is not None:
            # The body may be one in pieces; who asks again finds out.
            return
        if known.said is not None and not (is_hit or known.is_left):
            # A key that is made without a request is remembered with its first hit.
            return
        if not (isinstance(response, CachedResponse) and response.record.flags & LONG_WAY):
            self.memo.add(self.identity, known)


class FastPath:
    """Answers the ordinary calls of one session from the store, in the state the session is in.

    Args:
        mixin: our class of the session's classes.
        methods: what leads from `get` to the cache in that class, unless a test replaces it.

    Each of its answers is the response; `unfinished`; or None if the call has to take the long way.
    """

    unfinished: ClassVar = Unfinished

    def __init__(self, mixin: type, methods: Mapping[str, Any]) -> None:
        self._state: SessionState | None = None
        self._mixin = mixin
        self._methods = methods

    def forget(self) -> None:
        """Forget the state, for something of it has changed that is not looked at each time."""
        self._state = None

    def look_at(self, session: Host) -> SessionState | None:
        """Give the state that the session is in; None if it is not one that we know all about."""
        state = self._state
        if state is not None and state.holds(session):
            return state if state.is_ordinary else None
        # Imported on first use: a session that is made need not be used.
        from .netrc import may_have_netrc, names_bundle
        from .of_requests import is_as_read
        from .state import SessionState

        try:
            if session.trust_env and (
                (not session.auth and may_have_netrc())
                or (session.verify is False and names_bundle())
            ):
                # No state holds as long as it is so.
                return None
            state = SessionState(session, self._mixin, self._methods) if is_as_read() else None
        except AttributeError:
            # A session that lacks something; requests may not need it.
            return None
        # One in which calls take the long way is kept, too: so it is seen at once the next time.
        self._state = state
        return state if state is not None and state.is_ordinary else None

    def answer_get(self, session: Host, url: str) -> Any:
        """Answer the call of a URL and nothing else."""
        state = self._state
        if state is not None and not state.answers_get:
            # By `request`, which looks whether it still is so.
            return None
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is None or not state.answers_get or session.breaker.reads.pause:
            return None
        known = state.memo.calls.get(url)
        found = None if known is None else _recall(session, state, url, known)
        if found is None and state.finds_plainly:
            found = _find_plain(session, state, url, known)
        elif found is None:
            found = _find(session, state, url, Request("GET", url))
        return found if state.is_done else _hand_on(state, url, found)

    def answer_call(
        self, session: Host, url: object, kwargs: dict[str, Any], options: Options
    ) -> Any:
        """Answer a GET; `kwargs` are the arguments of `Session.request`, `options` are ours."""
        identity = identify(url, kwargs)
        if identity is None or options.refresh or options.force_refresh:
            return None
        state = self._state
        if state is not None and not state.answers_request:
            # By `prepare`, which looks whether it still is so.
            return None
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is None or not state.answers_request or session.breaker.reads.pause:
            return None
        if options is not NO_OPTIONS:
            identity = (identity, options)
        known = state.memo.calls.get(identity)
        found = None if known is None else _recall(session, state, identity, known)
        if found is None and identity is url and state.finds_plainly:
            found = _find_plain(session, state, cast("str", identity), known)
        elif found is None:
            asked = {name: kwargs.get(name) for name in ("headers", "params", "auth")}
            request = Request("GET", cast("str", url), **asked)
            verify, stream = kwargs.get("verify"), kwargs.get("stream")
            found = _find(session, state, identity, request, options, verify, stream)
        return found if state.is_done else _hand_on(state, identity, found)

    def answer_prepared(self, session: Host, request: PreparedRequest, *, is_own: bool) -> Any:
        """Answer a prepared request.

        Args:
            session: the session.
            request: the request.
            is_own: whether it is a call of its own. If not, it comes from `request` by the method
                of a class above ours, or else has been looked at before.
        """
        identity = identify_prepared(request)
        if identity is None:
            return None
        state = self._state
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is None or not state.is_kept or session.breaker.reads.pause:
            return None
        if state.jar is not None or (state.answers_request and not is_own):
            # It was prepared with the cookies of another time, or with none.
            return None
        if state.stream or not state.verify:
            # What is said with the request may be otherwise.
            return None
        known = state.memo.calls.get(identity)
        found = None if known is None else _recall(session, state, identity, known)
        if found is not None:
            return found if state.filter_fn is None else _hand_on(state, identity, found)
        # Another thread may be at work on the request itself.
        copy = request.copy()
        if identify_prepared(copy) != identity:
            return None
        found = _find(session, state, identity, copy)
        return found if state.filter_fn is None else _hand_on(state, identity, found)

    def prepare(
        self, session: Host, request: Request, below: Callable[[Request], PreparedRequest]
    ) -> PreparedRequest:
        """Prepare a request of the session as `below`, the class below ours, would do it."""
        state = self.look_at(session)
        prepared = None
        if state is not None and not state.params and state.jar is None:
            prepared = state.plain_calls.prepare(request)
        return below(request) if prepared is None else prepared


def _recall(
    session: Host, state: SessionState, identity: Any, known: KnownCall
) -> CachedResponse | None:
    """Give the stored response of a known call, if it can be used as it is."""
    same, record, until, give, copied = known.seen
    if known.is_left or (until != inf and record is not None and until <= clock.now()):
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
        # By the way that `_look` goes, which asks no store that has failed this request.
        state.memo.forget(identity)
        return None
    if entry is None:
        # It was deleted. Of a store that gives copies `same` may be None, too.
        record = None
    elif entry is not same and (same is None or entry.head != same.head or entry.body != same.body):
        examined = examine(session, state, known, entry)
        record, seen, is_new = examined or (None, known.seen, False)
        _, _, until, give, copied = seen
        if until <= clock.now():
            record = None
        elif is_new:
            state.memo.add(identity, known)
    # What is kept in memory is not read again.
    if record is None or (SPOILT_BODIES and record.identity in SPOILT_BODIES):
        state.memo.forget(identity)
        return None
    if state.filter_fn is None:
        cache.stats.hit(record.size)
        if heard:
            _tell(state, known.key, record, began)
    return give(record) if copied is None else copy_of(copied)


def _report(session: Host, state: SessionState, error: Exception) -> None:
    """Take note that the store has failed; with `on_error="raise"` the long way meets it again."""
    if state.settings.on_error != "raise":
        session.breaker.report(error)


def _tell(state: SessionState, key: str, record: Record, began: float) -> None:
    """Tell a hit, if anybody listens: a level that nobody has asked for yet may be any."""
    taken = perf_counter() - began
    events = state.cache.events
    if events.listeners or events.is_heard():
        events.tell_hit(state.cache.matching.redactor, key, record, taken)


def _hand_on(state: SessionState, identity: Any, found: Any) -> Any:
    """Give a response that the filter lets through, as one that hooks have to be called with."""
    if not isinstance(found, CachedResponse):
        return found
    if state.filter_fn is not None:
        began = perf_counter()
        try:
            is_wanted = state.filter_fn(found)
        except Exception:  # noqa: BLE001  # the long way meets it again
            is_wanted = False
        if not is_wanted:
            known = state.memo.calls.get(identity)
            if known is not None:
                known.is_left = True
            return None
        state.cache.stats.hit(found.record.size)
        _tell(state, found.cache_key or "", found.record, began)
    if state.hooks is None:
        return found
    return Unfinished(state.memo, identity, KnownCall("", "", {}), found)


def _find_plain(session: Host, state: SessionState, url: str, known: KnownCall | None) -> Any:
    """Look for the response of a URL alone, whose key can be made without a request.

    Args:
        session: the session.
        state: its state.
        url: the URL.
        known: the call, if its key is known in this state.
    """
    calls = state.plain_calls
    if known is None:
        key = calls.find_key(url)
        if key is None:
            return None
        known = KnownCall(key, url, calls.headers, jar=state.jar, said=calls.said)
    if state.jar is None:
        return _look(session, state, url, known, calls.copy, calls.find_key)

    def make_request(url: str) -> PreparedRequest:
        return state.prepare_to_send(Request("GET", url))

    return _look(session, state, url, known, make_request, calls.find_key)


def _find(
    session: Host,
    state: SessionState,
    identity: Any,
    request: Request | PreparedRequest,
    options: Options = NO_OPTIONS,
    verify: bool | None = None,
    stream: Any = None,
) -> Any:
    """Look for the response of a call whose key is not known."""
    try:
        prepared = _prepared(state, request)
    except (RequestException, ValueError, TypeError):
        # The long way says what is wrong.
        return None
    is_cached = Lifetime.of(prepared.url or "", state.settings, options).is_cached
    if not is_cached or has_wishes(prepared.headers):
        return None
    asker = NOBODY
    if state.partition is not None:
        asker = NOBODY._replace(partition=state.partition)
        ask(prepared, asker)
    verify = state.verify if verify is None else verify
    key = state.cache.create_key(prepared, verify=verify)
    lock = None
    if state.matching.key_fn is not None:
        # A function of the caller's is asked each time, and need not tell one owner from another.
        identity = (identity, key)
        remembered = state.memo.calls.get(identity)
        found = remembered and _recall(session, state, identity, remembered)
        if found is not None:
            return found
        lock = state.matching.lock_of(prepared, asker)
    known = KnownCall(key, prepared.url or "", prepared.headers.copy(), options, state.jar)
    known.lock, known.partition = lock, state.partition
    if state.stream if stream is None else stream:
        known.read = partial(read_small, state.cache)

    def key_of(url: str) -> str:
        from .._exchange.keying import as_get

        return state.cache.create_key(as_get(prepared, url), verify=verify)

    if state.jar is None or not isinstance(request, Request):
        return _look(session, state, identity, known, lambda url: prepared, key_of)
    return _look(
        session, state, identity, known, lambda url: state.prepare_to_send(request), key_of
    )


def _prepared(state: SessionState, request: Request | PreparedRequest) -> PreparedRequest:
    """Prepare a request for its key to be made."""
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

    Args:
        session: the session.
        state: the state it is in.
        identity: what is the same for the same call.
        known: what is known of the call.
        make_request: see `Lookup`.
        key_of: gives the key of a GET of another URL in its place.
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
        if cache.asks_for_both and state.settings.cache_control:
            beside = _beside(known, key_of)
        if known.read is None:
            entry, alias = cache.read_either(key, *beside)
        else:
            entry, alias, opened = look_open(cache, key, *beside)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        _report(session, state, error)
        return None
    examined = None
    if entry is not None and not known.is_left:
        examined = examine(session, state, known, entry)
    if examined is not None and examined[1][2] > clock.now():
        record, (_, _, _, give, copied), _ = examined
        state.memo.add(identity, known)
        if state.filter_fn is None:
            cache.stats.hit(record.size)
            if heard:
                _tell(state, key, record, began)
        return give(record) if copied is None else copy_of(copied)
    lookup = Lookup(key, entry, alias, since, make_request, opened=opened)
    if beside:
        lookup = lookup._replace(beside=beside[0])
    return Unfinished(state.memo, identity, known, lookup=lookup)


def _beside(known: KnownCall, key_of: Callable[[str], str | None]) -> tuple[()] | tuple[str]:
    """Give the name of the note that the rules of HTTP look at where nothing is stored."""
    from .._exchange.known import name_of_index
    from .._store.entry import NOTE_PREFIX
    from ..policy import without_search

    path = without_search(known.url)
    key = known.key if path == known.url else key_of(path)
    return () if key is None else (NOTE_PREFIX + name_of_index(key),)
