"""A call of a session on its way: the fast path, then `send`, then an exchange."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextvars import ContextVar
from copy import copy
from typing import TYPE_CHECKING, Any, Final, cast

from requests import PreparedRequest, Request, Response, Session

from ._exchange.environment import merges_as_requests, put_off, resolve
from ._exchange.request_context import NO_OPTIONS, Options, RequestContext, options_of

if TYPE_CHECKING:
    from ._exchange.chain import Chain
    from ._exchange.circuit_breaker import CircuitBreaker
    from ._exchange.refresh import Refresher
    from ._exchange.request_context import Lookup
    from ._fast_path.fast_path import FastPath
    from .backends.base import BaseCache
    from .expiration import ExpirationTime
    from .settings import CacheSettings
    from .verbs import AnyResponse, Verbs
else:
    # At run time a verb hands our options on to `request` with all others.
    Verbs = Session

_ANSWERED: Final = frozenset({"GET", "POST"})
_OPTIONS: Final = ("expire_after", "only_if_cached", "refresh", "force_refresh")
_current: ContextVar[RequestContext | None] = ContextVar("requests_cache_call", default=None)
DISABLED: ContextVar[frozenset[int]] = ContextVar("requests_cache_disabled", default=frozenset())
"""The sessions whose cache is disabled for a block, by their ids."""


class Calls(Verbs):
    """The half of a session that requests calls for each request, from `get` to `send`."""

    cache: BaseCache
    """Where responses are kept."""
    settings: CacheSettings
    """What is kept and used; may be changed at any time."""
    breaker: CircuitBreaker
    """Keeps a failing store from failing requests."""
    partition: str | None = None
    """A digest of the name of who asks, if one was given."""
    is_for_one_call = False
    """Whether the jar goes with the first answer, as that of `requests.get`."""
    _fast_path: FastPath
    _refresher: Refresher

    def request(
        self,
        method: str,
        url: str | bytes,
        *args: Any,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse:
        """Send a request, or answer it from the cache; none of our options reaches the server.

        Args:
            method: method.
            url: URL.
            args: further arguments of `requests.Session.request`.
            expire_after: lifetime of this response; 0 also validates one that is stored.
            only_if_cached: answer with 504 rather than send a request.
            refresh: ask the server whether the stored response still holds.
            force_refresh: fetch a new response, whatever is stored.
            kwargs: further arguments of `requests.Session.request`.
        """
        options = options_of(expire_after, only_if_cached, refresh, force_refresh)
        if method in _ANSWERED and not args and id(self) not in DISABLED.get():
            answer = self._fast_path.answer_call(self, method, url, kwargs, options)
            if answer is not None:
                is_open = type(answer) is self._fast_path.unfinished
                return self._finish(answer, url, kwargs) if is_open else answer
        token = _current.set(RequestContext(options, owner=self))
        try:
            return cast("AnyResponse", super().request(method, url, *args, **kwargs))
        finally:
            _current.reset(token)

    if not TYPE_CHECKING:  # type checkers know all verbs from `verbs`

        def get(
            self,
            url: str | bytes,
            params: Any = None,
            *,
            expire_after: ExpirationTime = None,
            only_if_cached: bool = False,
            refresh: bool = False,
            force_refresh: bool = False,
            **kwargs: Any,
        ) -> AnyResponse:
            """Send a GET request, or answer it from the cache; see `request` for the arguments.

            On the way from requests' own `get` to `request` goes a fifth of the time of a hit.
            """
            is_wish = expire_after is not None or only_if_cached or refresh or force_refresh
            if params is None and not kwargs and not is_wish and type(url) is str:
                disabled = DISABLED.get()
                if not (disabled and id(self) in disabled):
                    fast_path = self._fast_path
                    answer = fast_path.answer_get(self, url)
                    if answer is not None:
                        is_open = type(answer) is fast_path.unfinished
                        return self._finish(answer, url, {}) if is_open else answer
            if is_wish:
                options = expire_after, only_if_cached, refresh, force_refresh
                kwargs.update(zip(_OPTIONS, options, strict=True))
            if params is not None:
                kwargs["params"] = params
            return super().get(url, **kwargs)

    def _finish(self, answer: Any, url: Any, kwargs: dict[str, Any]) -> AnyResponse:
        """Do what the fast path leaves to do: call the hooks, or go on where it has found nothing.

        The arguments are those that `requests.Session.request` would hand to `send`.
        """
        arguments = self._arguments_of(url, kwargs)
        if answer.request is not None:
            token = _current.set(RequestContext(NO_OPTIONS, owner=self))
            try:
                return self.send(answer.request, **arguments)
            finally:
                _current.reset(token)
        if answer.response is not None:
            from ._exchange.base import call_hooks

            hooked = call_hooks(self, self.hooks, answer.response, url, arguments)
            return cast("AnyResponse", hooked)
        return self._go_on(answer, answer.make_request(url), arguments)

    def _arguments_of(self, url: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Give the arguments of `send` for those of `request`, as requests would."""
        merge = super().merge_environment_settings
        stream = kwargs.get("stream")
        settings = put_off(merge, self, url, {}, stream, kwargs.get("verify"), None)
        return {"timeout": kwargs.get("timeout"), "allow_redirects": True, **settings}

    def _go_on(self, answer: Any, request: PreparedRequest, kwargs: dict[str, Any]) -> AnyResponse:
        """Go on where a look into the store has found nothing to be used as it is."""
        since = self.breaker.begin()
        options, chain = answer.known.options, _new_chain()
        stream = answer.known.read is not None
        call = RequestContext(options, stream=stream, owner=self, since=since, chain=chain)
        token = _current.set(call)
        try:
            response = self._exchange(request, kwargs, call, answer.lookup)
        finally:
            _current.reset(token)
        answer.remember(response)
        return cast("AnyResponse", response)

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Prepare a request as requests does; it need not prepare each that is a URL alone."""
        auth = request.auth or self.auth
        if not auth or isinstance(auth, tuple):
            return self._fast_path.prepare(self, request, super().prepare_request)
        from ._matching.auth import Witness

        witness = Witness(auth)
        signed = copy(request)
        signed.auth = witness
        prepared = super().prepare_request(signed)
        witness.note(prepared, _hooks_of(request.hooks, self.hooks))
        return prepared

    def resolve_redirects(
        self, resp: Response, req: PreparedRequest, *args: Any, **kwargs: Any
    ) -> Generator[Response, None, None]:
        """Follow redirects as requests does; what the first answer has set is known before."""
        call = self._current_call()
        chain = None if call is None else call.chain
        if chain is not None and chain.receive_redirect is not None:
            chain.receive_redirect(resp)
        if self.get_redirect_target(resp) is None:
            # requests would take the URL apart all the same.
            return
        yield from super().resolve_redirects(resp, req, *args, **kwargs)

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Put off looking for proxies and CA bundles until a request is really sent."""
        merge = super().merge_environment_settings
        # With `session.verify` False the environment can change `verify`, which is part of the key.
        # Who replaces what is below, to trace requests for instance, has to be asked at once.
        if self._current_call() is None or self.verify is not True or not merges_as_requests(merge):
            return merge(url, proxies, stream, verify, cert)
        return put_off(merge, self, url, proxies, stream, verify, cert)

    def send(
        self,
        request: PreparedRequest,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse:
        """Send a prepared request, or answer it from the cache; see `request`."""
        is_wish = expire_after is not None or only_if_cached or refresh or force_refresh
        given = NO_OPTIONS
        if is_wish:
            given = options_of(expire_after, only_if_cached, refresh, force_refresh)
        call = _current.get()
        if call is not None and call.owner is not self:
            # One of another session, as in a hook.
            call = None
        disabled, is_plain = DISABLED.get(), call is None and not kwargs
        if (
            given is NO_OPTIONS
            and not (disabled and id(self) in disabled)
            and (is_plain or _is_usual(call, kwargs))
        ):
            # It answers nothing if the settings say that the cache is disabled.
            fast_path = self._fast_path
            answer: Any = fast_path.answer_prepared(self, request, kwargs, is_own=call is None)
            if answer is not None:
                is_open = type(answer) is fast_path.unfinished
                return self._go_on(answer, request, kwargs) if is_open else answer
        if isinstance(request, Request):
            raise ValueError("You can only send PreparedRequests.")  # noqa: TRY004  # as requests
        if self._is_disabled():
            return cast("AnyResponse", self._send_past(request, kwargs, call))
        call = self._call_for(call or RequestContext(given, owner=self), given, kwargs)
        token = _current.set(call)
        try:
            return cast("AnyResponse", self._exchange(request, kwargs, call))
        finally:
            _current.reset(token)

    def _send_past(
        self, request: PreparedRequest, kwargs: dict[str, Any], call: RequestContext | None
    ) -> Response:
        """Send a request past the cache; whose cookies the jar has is noted all the same."""
        from ._exchange.asking import Asking

        call = call or RequestContext(NO_OPTIONS, owner=self)
        chain = call.chain or _new_chain()
        token, before = _current.set(call._replace(chain=chain)), chain.receive_redirect
        try:
            asking = Asking(self, request, kwargs, chain)
            asking.send()
            response = super().send(request, **resolve(kwargs))
            asking.receive_all(response)
        finally:
            _current.reset(token)
            chain.receive_redirect = before
        return self._past_the_cache(response)

    def _exchange(
        self,
        request: PreparedRequest,
        kwargs: dict[str, Any],
        call: RequestContext,
        look: Lookup | None = None,
    ) -> Response:
        # Imported on first use: a hit may never come here, and an import is part of a cold start.
        from ._exchange.redirects import answer

        return answer(self, request, kwargs, call, look)

    def _is_disabled(self) -> bool:
        return id(self) in DISABLED.get() or self.settings.disabled

    def _past_the_cache(self, response: Response) -> Response:
        from ._exchange.doubles import is_double
        from .events import Event
        from .models.response import OriginalResponse
        from .policy.cache_status import CacheStatus

        if is_double(response):
            return response
        if self.cache.events.is_heard():
            request = response.request
            url = self.cache.matching.redactor.url(request.url or "")
            event = Event("bypassed", request.method or "", url, reason="bypass, cache_disabled")
            self.cache.events.tell(event._replace(status=response.status_code))
        return OriginalResponse.mark(response, CacheStatus(fwd="bypass", detail="cache_disabled"))

    def _current_call(self) -> RequestContext | None:
        """Give the call that is on its way; None for one of another session, as in a hook."""
        call = _current.get()
        return call if call is not None and call.owner is self else None

    def _call_for(
        self, call: RequestContext, given: Options, kwargs: dict[str, Any]
    ) -> RequestContext:
        if given is not NO_OPTIONS:
            call = call._replace(options=given)
        if call.stream is None:
            # A redirect is sent from within this call, with `stream` set for our own purposes.
            stream = bool(kwargs.get("stream", self.stream))
            return call._replace(stream=stream, since=self.breaker.begin(), chain=_new_chain())
        return call

    def send_to_origin(self, request: PreparedRequest, send_kwargs: dict[str, Any]) -> Response:
        """Send a request past the cache; its body is not read yet."""
        resolved = resolve(send_kwargs)
        response = super().send(request, **{**resolved, "stream": True})
        # An adapter of somebody's own need not say what it answers; requests does not look at it.
        if getattr(response, "request", request) is None:
            response.request = request
        if getattr(response, "url", "") is None:
            response.url = request.url or ""
        return response

    def refresh_in_background(self, key: str, fetch: Callable[[], object], url: str) -> None:
        """Refresh a stored response in a thread; one at a time for each key."""
        refresher = self.__dict__.get("_refresher")
        if refresher is None:
            from ._exchange.refresh import Refresher

            # In one step: another thread may come here for the first time as well.
            refresher = self.__dict__.setdefault("_refresher", Refresher())
        refresher.start(key, fetch, url)

    def refresh_known(
        self,
        make_request: Callable[[], PreparedRequest],
        key: str,
        options: Options,
        kwargs: dict[str, Any],
        *,
        is_sent: bool,
    ) -> Response | None:
        """Refresh in this thread what the fast path has given stale.

        With `is_sent` the arguments are those of `send`, and not of `request`.
        """
        from ._exchange.redirects import refresh

        request = make_request()
        arguments = kwargs if is_sent else self._arguments_of(request.url, kwargs)
        call = RequestContext(options, stream=False, owner=self, chain=_new_chain())
        token = _current.set(call)
        try:
            return refresh(self, request, arguments, call, key)
        finally:
            _current.reset(token)


_USUAL: Final = frozenset({"timeout", "proxies", "cert", "stream", "verify", "allow_redirects"})


def _is_usual(call: RequestContext | None, kwargs: dict[str, Any]) -> bool:
    """Say whether a request is sent with nothing that has a part in what is answered."""
    if call is not None and not (call.stream is None and call.options is NO_OPTIONS):
        return False
    said = kwargs.get
    return (
        kwargs.keys() <= _USUAL
        and said("stream", False) is False
        and said("verify", True) is True
        and said("allow_redirects", True) is True
        and said("cert") is None
    )


def _new_chain() -> Chain:
    # Imported on first use, for an import is part of a cold start.
    from ._exchange.chain import Chain

    return Chain()


def _hooks_of(*hooks: Mapping[str, Any] | None) -> list[object]:
    found: list[object] = []
    for table in hooks:
        named = (table or {}).get("response") or ()
        found += [named] if callable(named) else named
    return found


METHODS: Final = {
    name: vars(Calls)[name]
    for name in ("request", "send", "prepare_request", "merge_environment_settings")
}
"""What leads from `get` to the cache; a test may put a double in the place of one later."""
