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
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, cast

from requests import PreparedRequest, Request, RequestException, Response
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._exchange.lifetime import Lifetime
from .._exchange.request_context import NO_OPTIONS, Lookup, Options
from ..backends.statistics import DEBUG, LEVELS
from ..models.record import SPOILT_BODIES, Flag, Record
from ..models.response import CachedResponse, copies_of
from ..models.shape import check_shape
from .identities import has_wishes, identify, identify_prepared
from .memo import KnownCall, Memo

if TYPE_CHECKING:
    from .._exchange.host import Host
    from .._store.entry import Entry
    from .state import SessionState

__all__ = ["FastPath", "Unfinished"]

_LONG_WAY: Final = Flag.COOKIES | Flag.NOT_WHOLE | Flag.SELECTED
# What does not say whose it is takes the long way, too.
_LOOKED_AT: Final = _LONG_WAY | Flag.OWNED
_CHALLENGES: Final = frozenset({401, 407})


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
        if not (isinstance(response, CachedResponse) and response.record.flags & _LONG_WAY):
            self.memo.add(self.identity, self.known)


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

    def look_at(self, session: Host) -> SessionState | None:
        """Give the state that the session is in; None if it is not one that we know all about."""
        state = self._state
        if state is not None and state.holds(session):
            return state if state.is_ordinary else None
        # Imported on first use: a session that is made need not be used.
        from .of_requests import is_as_read
        from .state import SessionState

        try:
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
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is None or not state.answers_get or session.breaker.is_troubled:
            return None
        known = state.memo.calls.get(url)
        found = None if known is None else _recall(session, state, url, known)
        if found is None and not state.params:
            found = _find_plain(session, state, url)
        elif found is None:
            found = _find(session, state, url, Request("GET", url))
        return found if state.hooks is None else _for_hooks(state, url, found)

    def answer_call(
        self, session: Host, url: object, kwargs: dict[str, Any], options: Options
    ) -> Any:
        """Answer a GET; `kwargs` are the arguments of `Session.request`, `options` are ours."""
        identity = identify(url, kwargs)
        if identity is None or options.refresh or options.force_refresh:
            return None
        state = self.look_at(session)
        if state is None or not state.answers_request or session.breaker.is_troubled:
            return None
        if options is not NO_OPTIONS:
            identity = (identity, options)
        known = state.memo.calls.get(identity)
        found = None if known is None else _recall(session, state, identity, known)
        if found is None and identity is url and not state.params:
            found = _find_plain(session, state, cast("str", identity))
        elif found is None:
            asked = {name: kwargs.get(name) for name in ("headers", "params", "auth")}
            request = Request("GET", cast("str", url), **asked)
            verify = kwargs.get("verify") is not False
            found = _find(session, state, identity, request, options, verify=verify)
        return found if state.hooks is None else _for_hooks(state, identity, found)

    def answer_prepared(self, session: Host, request: PreparedRequest) -> Any:
        """Answer a prepared request."""
        identity = identify_prepared(request)
        state = None if identity is None else self.look_at(session)
        if state is None or not state.is_kept or session.breaker.is_troubled:
            return None
        if state.jar is not None:
            # It was prepared with the cookies of another time, or with none.
            return None
        known = state.memo.calls.get(identity)
        found = None if known is None else _recall(session, state, identity, known)
        if found is not None:
            return found
        # Another thread may be at work on the request itself.
        copy = request.copy()
        if identify_prepared(copy) != identity:
            return None
        return _find(session, state, identity, copy)

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
    cache = state.cache
    # Written out, here and below: a hit of which nobody wants to hear makes no call for it.
    heard = cache.events.listeners or DEBUG not in LEVELS or LEVELS[DEBUG]
    began = perf_counter() if heard else 0.0
    try:
        entry = cache.responses.read(known.key)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        session.breaker.report(error)
        return None
    same, record, until, give = seen = known.seen
    if entry is None or entry is not same:
        record = None if entry is None else _examine(session, state, known, entry)
        _, _, until, give = known.seen
    if (
        record is None
        or (until != inf and until <= clock.now())
        # What is kept in memory is not read again.
        or (SPOILT_BODIES and record.identity in SPOILT_BODIES)
    ):
        # It is looked for again, and remembered if that is worth while.
        state.memo.forget(identity)
        return None
    if known.seen is not seen:
        state.memo.add(identity, known)
    cache.stats.hit(record.size)
    if heard:
        _tell(state, known.key, record, began)
    return give(record)


def _tell(state: SessionState, key: str, record: Record, began: float) -> None:
    """Tell a hit, if anybody listens: a level that nobody has asked for yet may be any."""
    taken = perf_counter() - began
    events = state.cache.events
    if not (events.listeners or events.is_heard()):
        return
    from ..events import Event

    now = clock.now()
    ttl = None if record.expires == inf else record.expires - now
    url = state.cache.matching.redactor.url(record.url)
    age, size = max(0.0, now - record.created), record.size
    events.tell(Event("hit", "GET", url, key, "fresh", record.status, age, ttl, size, taken))


def _for_hooks(state: SessionState, identity: Any, found: Any) -> Any:
    """Give a response as one that hooks have to be called with."""
    if not isinstance(found, CachedResponse):
        return found
    return Unfinished(state.memo, identity, KnownCall("", "", {}), found)


def _find_plain(session: Host, state: SessionState, url: str) -> Any:
    """Look for the response of a URL alone, whose key can be made without a request."""
    calls = state.plain_calls
    key = calls.find_key(url)
    if key is None:
        return None
    known = KnownCall(key, url, calls.headers, jar=state.jar, said=calls.said)
    if state.jar is None:
        return _look(session, state, url, known, calls.copy)
    return _look(session, state, url, known, lambda url: state.prepare_to_send(Request("GET", url)))


def _find(
    session: Host,
    state: SessionState,
    identity: Any,
    request: Request | PreparedRequest,
    options: Options = NO_OPTIONS,
    *,
    verify: bool = True,
) -> Any:
    """Look for the response of a call whose key is not known."""
    try:
        prepared = state.prepare(request) if isinstance(request, Request) else request
    except (RequestException, ValueError, TypeError):
        # The long way says what is wrong.
        return None
    is_cached = Lifetime.of(prepared.url or "", state.settings, options).is_cached
    if not is_cached or has_wishes(prepared.headers):
        return None
    key = state.cache.create_key(prepared, verify=verify)
    known = KnownCall(key, prepared.url or "", prepared.headers.copy(), options, state.jar)
    if state.jar is None or not isinstance(request, Request):
        return _look(session, state, identity, known, lambda url: prepared)
    return _look(session, state, identity, known, lambda url: state.prepare_to_send(request))


def _look(
    session: Host,
    state: SessionState,
    identity: Any,
    known: KnownCall,
    make_request: Callable[[str], PreparedRequest],
) -> Any:
    """Look into the store for the first time, unless it has just failed."""
    if session.breaker.is_troubled:
        return None
    cache, key = state.cache, known.key
    since = cache.flights.landings
    heard = cache.events.listeners or DEBUG not in LEVELS or LEVELS[DEBUG]
    began = perf_counter() if heard else 0.0
    try:
        entry, alias = cache.read_either(key)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        session.breaker.report(error)
        return None
    record = None if entry is None else _examine(session, state, known, entry)
    if record is not None and known.seen[2] > clock.now():
        state.memo.add(identity, known)
        cache.stats.hit(record.size)
        if heard:
            _tell(state, key, record, began)
        return known.seen[3](record)
    lookup = Lookup(key, entry, alias, since, make_request)
    return Unfinished(state.memo, identity, known, lookup=lookup)


def _examine(session: Host, state: SessionState, known: KnownCall, entry: Entry) -> Record | None:
    """Read what is stored; of what is seen for the first time, keep what will be the same."""
    record = known.seen[1]
    try:
        if record is not None and entry.head == record.source:
            return record.with_body(entry.body)
        head = Record.load(entry.head, None)
        check_shape(head)
        record = head.with_body(entry.body)
        until = _standing(session, state, known, head)
    except Exception:  # noqa: BLE001  # whatever it is, the long way meets it again and deals with it
        return None
    if not state.in_memory:
        # Not the one whose text has been parsed, which takes more memory.
        head = Record.load(entry.head, None)
    is_fitted = _is_fitted(known, head)
    give: Callable[[Record], CachedResponse] = partial(_present, known, is_fitted)
    if known.present is None and not is_fitted:
        give = copies_of(record, known.key, is_same=state.in_memory)
    known.seen = (entry, record, until, give) if state.in_memory else (None, head, until, give)
    return record


def _standing(session: Host, state: SessionState, known: KnownCall, head: Record) -> float:
    """Give until when a response can be used as it is; minus infinity if it cannot."""
    flags, status = head.flags, head.status
    if known.jar is not None:
        if not _is_for_jar(session, known, head):
            return -inf
        flags &= ~Flag.COOKIES
    is_answered = 300 <= status < 400 or status in _CHALLENGES
    if is_answered or flags & _LOOKED_AT != Flag.OWNED or not _answers_get(head):
        # Somebody fills the jar, follows it, or has a hook that sends the request again.
        return -inf
    if (head.flags & Flag.VARY or b'"siblings"' in head.source) and not _is_selected(
        state, known, head
    ):
        return -inf
    if state.keeps and known.options is NO_OPTIONS:
        # Of the simple rules that is all there is to it, see `Keep.standing`.
        return head.expires
    from .._exchange.heads import request_fields, stored_head
    from .._exchange.policies import policy_of
    from .._exchange.presented import PresentedRecord
    from ..policy.vary import matches

    redactor = state.cache.matching.redactor
    lifetime = Lifetime.of(head.url, state.settings, known.options)
    policy = policy_of(state.settings, known.options, lifetime, clock.now())
    stored = stored_head(CachedResponse.from_record(head), head.url)
    until = policy.standing(stored)
    if until is None or not matches(stored, request_fields(known.headers, redactor)):
        return -inf
    if state.settings.cache_control:
        known.present = partial(PresentedRecord.of, policy)
    return until


def _is_for_jar(session: Host, known: KnownCall, head: Record) -> bool:
    """Say whether a response can be given as it is to a caller whose jar has cookies."""
    jar = known.jar
    assert jar is not None
    if head.flags & Flag.HISTORY:
        return False
    if jar.selects and (head.flags & Flag.VARY or "selected" in head.fields):
        return False
    if not head.flags & Flag.COOKIES:
        return True
    if session.settings.replay_cookies:
        return False
    from .._exchange.whose import has_needs

    return has_needs(session, _request_of(known), head.fields)


def _present(known: KnownCall, is_fitted: bool, record: Record) -> CachedResponse:
    """Give the response that the caller gets, where time or the caller have a part in it."""
    if known.present is not None:
        record = known.present(record, clock.now())
    response = CachedResponse.from_record(record, known.key)
    if is_fitted:
        response.fit_later(_fit, known)
    return response


def _is_fitted(known: KnownCall, head: Record) -> bool:
    """Say whether the caller's request shows in a response, which has something else stored."""
    if head.flags & Flag.PUT_BACK or known.jar is not None:
        return True
    return not known.is_stored_in(head.source)


def _fit(response: CachedResponse, known: KnownCall) -> None:
    from ..models.fitting import fit

    fit(response, _request_of(known), () if known.jar is None else known.jar.copy)


def _request_of(known: KnownCall) -> PreparedRequest:
    """Give the request of a call that was never prepared, or not kept."""
    request = PreparedRequest()
    request.method, request.url = "GET", known.url
    request.headers = CaseInsensitiveDict(known.headers)
    request.prepare_cookies(RequestsCookieJar() if known.jar is None else known.jar.copy.copy())
    return request


def _answers_get(head: Record) -> bool:
    """Say whether it is the answer to a GET, as all of its redirects are.

    In JSON no quote stands in a text without a backslash, so these bytes are the names of members.
    """
    source = head.source
    return source.count(b'"method":"') == source.count(b'"method":"GET"')


def _is_selected(state: SessionState, known: KnownCall, head: Record) -> bool:
    """Say whether the request selects it, and no other response of its URL."""
    from .._exchange.heads import request_fields, selects
    from .._exchange.siblings import read_siblings, selected_by

    redactor = state.cache.matching.redactor
    if head.flags & Flag.VARY and not selects(head, known.headers, redactor):
        return False
    siblings = read_siblings(head.fields)
    return not (siblings and selected_by(request_fields(known.headers, redactor), siblings))
