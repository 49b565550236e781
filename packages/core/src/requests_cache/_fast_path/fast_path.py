"""The short way to a hit: no prepared request, no look at the environment.

Most of the time of a hit would go into preparing a request that is never sent. For an ordinary call
the key depends on the URL, on plain `params` and `headers`, and on the state of the session. So the
key is remembered together with that state. Whatever may change the key, the answer or what the
caller sees is part of what is remembered, or sends the call the long way. A property test compares
both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from requests import PreparedRequest, Request

from .._exchange.request_context import NO_OPTIONS, Options
from ..models.response import CachedResponse
from .held import may_have_netrc, names_bundle
from .identities import identify, identify_prepared
from .looking import Unfinished, find, find_plain, recall, tell
from .of_requests import is_as_read
from .state import SessionState

if TYPE_CHECKING:
    from .._exchange.request_context import Host

# What a request is made of, beside its method and URL.
_OF_REQUEST: Final = ("headers", "params", "auth", "data", "json")


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
        if state is not None and not (state.answers_get or state.prepares):
            # By `request`, which looks whether it still is so.
            return None
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is None or not state.answers_get:
            return _to_send(state, url) if state is not None and state.prepares else None
        if session.breaker.reads.pause:
            return None
        known = state.memo.calls.get(url)
        found = None if known is None else recall(session, state, url, known)
        if found is None:
            if state.finds_plainly:
                found = find_plain(session, state, url, known)
            else:
                found = find(session, state, url, Request("GET", url))
        return found if state.is_done else _hand_on(state, url, found)

    def answer_call(
        self, session: Host, method: str, url: object, kwargs: dict[str, Any], options: Options
    ) -> Any:
        """Answer a call; `kwargs` are the arguments of `Session.request`, `options` are ours."""
        if options.refresh or options.force_refresh:
            return None
        if method == "GET":
            identity = identify(url, kwargs)
        elif method in session.settings.allowable_methods:
            # Imported when there is one: most sessions only read.
            from .identities import identify_with_body

            identity = identify_with_body(method, url, kwargs)
        else:
            return None
        if identity is None:
            return None
        state = self._state
        if state is not None and not (state.answers_request or state.prepares):
            # By `prepare`, which looks whether it still is so.
            return None
        if state is None or not state.holds(session):
            state = self.look_at(session)
        if state is not None and state.prepares and identity is url and options is NO_OPTIONS:
            return _to_send(state, cast("str", identity))
        if state is None or not state.answers_request or session.breaker.reads.pause:
            return None
        if method not in state.methods:
            return None
        if options is not NO_OPTIONS:
            identity = (identity, options)
        known = state.memo.calls.get(identity)
        found = None if known is None else recall(session, state, identity, known, kwargs)
        if found is None and identity is url and state.finds_plainly:
            found = find_plain(session, state, cast("str", identity), known)
        elif found is None:
            asked = {name: kwargs.get(name) for name in _OF_REQUEST}
            request = Request(method, cast("str", url), **asked)
            found = find(session, state, identity, request, options, kwargs)
        return found if state.is_done else _hand_on(state, identity, found)

    def answer_prepared(
        self, session: Host, request: PreparedRequest, kwargs: dict[str, Any], *, is_own: bool
    ) -> Any:
        """Answer a prepared request.

        If it is no call of its own, it comes from `request` by the method of a class above ours, or
        else has been looked at before.
        """
        identity = identify_prepared(request)
        if identity is None:
            return None
        state = self._state
        if state is None or not state.holds(session, is_sent=True):
            state = self.look_at(session)
        if state is None or not state.answers_prepared or session.breaker.reads.pause:
            return None
        if not is_own and state.answers_request:
            return None
        known = state.memo.calls.get(identity)
        found = None if known is None else recall(session, state, identity, known, kwargs)
        if found is None:
            # Another thread may be at work on the request itself.
            copy = request.copy()
            if identify_prepared(copy) != identity:
                return None
            found = find(session, state, identity, copy)
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


def _to_send(state: SessionState, url: str) -> Unfinished | None:
    """Give the request of a URL alone for a `send` that has its own say in it."""
    request = state.plain_calls.prepare_url(url)
    if request is None:
        return None
    return Unfinished(state.memo, url, state.no_call, request=request)


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
        tell(state, found.cache_key or "", found.record, began)
    if state.hooks is None:
        return found
    return Unfinished(state.memo, identity, state.no_call, found)
