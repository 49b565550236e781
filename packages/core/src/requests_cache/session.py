"""A `requests.Session` that remembers responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from requests import PreparedRequest, Request, Response, Session
from requests.cookies import RequestsCookieJar

from ._exchange.environment import merges_as_requests, put_off, resolve
from ._exchange.request_context import NO_OPTIONS, Options, RequestContext, options_of
from .verbs import Verbs

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, Self

    import requests

    from ._exchange.chain import Chain
    from ._exchange.circuit_breaker import CircuitBreaker
    from ._exchange.explained import Explanation
    from ._exchange.refresh import Refresher
    from ._exchange.request_context import Lookup
    from ._fast_path.fast_path import FastPath
    from .backends.base import BaseCache
    from .backends.statistics import Events, Listener
    from .expiration import ExpirationTime
    from .settings import CacheSettings
    from .verbs import AnyResponse

__all__ = ["CacheMixin", "CachedSession", "OriginalSession"]

OriginalSession = Session
"""The session below ours, whatever is installed in its place."""

_OPTIONS: Final = ("expire_after", "only_if_cached", "refresh", "force_refresh")
SESSION_SETTINGS = frozenset(
    (
        "allowable_codes",
        "allowable_methods",
        "always_revalidate",
        "cache_control",
        "filter_fn",
        "old_data_on_error",
        "only_if_cached",
        "read_only",
        "stale_if_error",
        "stale_while_revalidate",
        "urls_expire_after",
    )
)
"""Settings that a session has as attributes, too, as in version 0.7."""

_current: ContextVar[RequestContext | None] = ContextVar("requests_cache_call", default=None)
_disabled: ContextVar[frozenset[int]] = ContextVar("requests_cache_disabled", default=frozenset())


class _Setting:
    """A setting as an attribute of a session; one function for all would slow down every read."""

    def __init__(self, name: str) -> None:
        self._name = "stale_if_error" if name == "old_data_on_error" else name

    def __get__(self, session: CacheMixin | None, owner: type) -> Any:
        return self if session is None else getattr(session.settings, self._name)


class CacheMixin(Verbs):
    """Adds a cache to a session class: `class MySession(CacheMixin, OtherSession)`."""

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
    _is_light = False
    _fast_path: FastPath
    _refresher: Refresher
    if not TYPE_CHECKING:  # else every name could be read and assigned
        vars().update({name: _Setting(name) for name in SESSION_SETTINGS})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Warn where a class overrides a method of earlier versions that nothing calls here."""
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith("requests_cache."):
            from ._earlier.members import warn_of_overrides

            warn_of_overrides(cls)

    def __init__(
        self,
        cache_name: str | Path = "http_cache",
        backend: str | type[BaseCache] | BaseCache | None = None,
        serializer: Any = None,
        expire_after: ExpirationTime = None,
        urls_expire_after: Mapping[str | re.Pattern[str], ExpirationTime] | None = None,
        *,
        allowable_codes: Iterable[int] = (200,),
        allowable_methods: Iterable[str] = ("GET", "HEAD"),
        filter_fn: Callable[[Response], bool] | None = None,
        stale_if_error: bool | float | timedelta = False,
        stale_while_revalidate: bool | float | timedelta = False,
        cache_control: bool = False,
        always_revalidate: bool = False,
        only_if_cached: bool = False,
        read_only: bool = False,
        match_cookies: Iterable[str] | None = None,
        replay_cookies: bool = False,
        partition: str | None = None,
        autoclose: bool = True,
        collapse: bool | Literal["processes"] = True,
        on_error: Literal["bypass", "raise"] = "bypass",
        disabled: bool = False,
        migrate: bool = False,
        on_event: Listener | None = None,
        **kwargs: Any,
    ) -> None:
        """Make a session with a cache.

        Args:
            cache_name: name of the cache: a file, folder, namespace, database or table.
            backend: name of a backend, class or instance; None: SQLite if installed, else memory.
            serializer: how responses become bytes; see `init_serializer`.
            expire_after: lifetime of responses: seconds, timedelta, datetime, HTTP date,
                `NEVER_EXPIRE` (the default), `EXPIRE_IMMEDIATELY` or `DO_NOT_CACHE`. With
                `cache_control` it holds for responses that say nothing of their lifetime.
            urls_expire_after: lifetime by URL: globs or compiled patterns; the first match wins.
            allowable_codes: status codes that are stored.
            allowable_methods: methods that are answered from the cache.
            filter_fn: called with a response; False keeps it out of the cache.
            stale_if_error: use an expired response when the origin fails; True or for how long.
            stale_while_revalidate: use an expired response while it is being refreshed.
            cache_control: follow HTTP caching (RFC 9111).
            always_revalidate: ask the origin about every response that has a validator.
            only_if_cached: never send a request; answer 504 instead.
            read_only: store nothing.
            match_cookies: names of the cookies of origins that select each answer; [] for none.
                By default those answers are selected that seem to depend on them.
            replay_cookies: store the values of cookies, and let a hit fill the jar; only for a
                program that is alone with its store.
            partition: a name for who asks, in the place of credentials and cookies; it is not
                stored. See `for_partition`.
            autoclose: close the cache with the session.
            collapse: send one request for identical ones at the same time: True for the threads
                of a process, "processes" for all processes that share the store, or False.
            on_error: what a failing store does: "bypass" or "raise".
            disabled: send every request past the cache.
            migrate: copy, once, what requests-cache left in the same file or folder, or on the
                server. Pickles in it are trusted.
            on_event: told each event of the cache (`requests_cache.events.Event`).
            kwargs: matching (`ignored_parameters`, `match_headers`, `match_credentials`, `key_fn`),
                earlier names of settings, options of the backend and of the session class.

        Raises:
            ConfigurationError: an option is unknown or wrong, or the backend is not installed.
        """
        # Whoever imports a session need not make one, and an import is part of a cold start.
        from . import _assembly as assembly

        if isinstance(serializer, int | float | datetime | timedelta):
            # In version 0.7 the third argument is the lifetime.
            serializer, expire_after = None, serializer
        assembly.check_own(migrate=migrate, on_event=on_event)
        self.settings = assembly.make_settings(
            kwargs,
            expire_after=expire_after,
            urls_expire_after=urls_expire_after,
            allowable_codes=allowable_codes,
            allowable_methods=allowable_methods,
            filter_fn=filter_fn,
            stale_if_error=stale_if_error,
            stale_while_revalidate=stale_while_revalidate,
            cache_control=cache_control,
            always_revalidate=always_revalidate,
            only_if_cached=only_if_cached,
            read_only=read_only,
            match_cookies=match_cookies,
            replay_cookies=replay_cookies,
            autoclose=autoclose,
            collapse=collapse,
            on_error=on_error,
            disabled=disabled,
        )
        super().__init__(**self._take_session_options(kwargs))
        if serializer is not None:
            kwargs["serializer"] = serializer
        self.cache = assembly.open_cache(type(self).__name__, cache_name, backend, kwargs)
        self.partition = self.cache.matching.digest_partition(partition)
        if migrate:
            from .migrate.taking_over import take_over

            take_over(self.cache)
        self._fast_path = assembly.prepare(self, CacheMixin, METHODS)
        if on_event is not None:
            self.cache.events.listen(on_event)

    def _take_session_options(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Take out of `kwargs` what the session class below takes; `requests.Session` has none."""
        below = super().__init__
        if getattr(below, "__func__", None) is Session.__init__:
            return {}
        from inspect import signature

        names = [name for name in signature(below).parameters if name in kwargs]
        return {name: kwargs.pop(name) for name in names}

    @property
    def expire_after(self) -> ExpirationTime:
        """The lifetime of responses; the same as `settings.expire_after`."""
        return self.settings.expire_after

    @expire_after.setter
    def expire_after(self, value: ExpirationTime) -> None:
        self.settings.expire_after = value

    if not TYPE_CHECKING:  # else every name could be read and assigned

        def __setattr__(self, name: str, value: object) -> None:
            """Hand a setting to `settings`, as version 0.7 has settings, and these to the cache."""
            settings = self.__dict__.get("settings")
            if settings is not None and type(getattr(type(self), name, None)) is _Setting:
                setattr(settings, name, value)
                return
            super().__setattr__(name, value)
            own = self.__dict__
            if name == "partition" and "_fast_path" in own:
                own["_fast_path"].forget()
            if name in ("settings", "cache") and own.keys() >= {"settings", "cache"}:
                own["settings"].bind(own["cache"])

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
        if method == "GET" and not args and id(self) not in _disabled.get():
            answer = self._fast_path.answer_call(self, url, kwargs, options)
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
                disabled = _disabled.get()
                if not (disabled and id(self) in disabled):
                    fast_path = self._fast_path
                    answer = fast_path.answer_get(self, url)
                    if answer is not None:
                        is_open = type(answer) is fast_path.unfinished
                        return self._finish(answer, url, {}) if is_open else answer
            if is_wish:
                options = expire_after, only_if_cached, refresh, force_refresh
                kwargs.update(zip(_OPTIONS, options, strict=True))
            return super().get(url, params=params, **kwargs)

    def _finish(self, answer: Any, url: Any, kwargs: dict[str, Any]) -> AnyResponse:
        """Do what the fast path leaves to do: call the hooks, or go on where it has found nothing.

        The arguments are those that `requests.Session.request` would hand to `send`.
        """
        merge = super().merge_environment_settings
        stream = kwargs.get("stream")
        settings = put_off(merge, self, url, {}, stream, kwargs.get("verify"), None)
        arguments = {"timeout": kwargs.get("timeout"), "allow_redirects": True, **settings}
        if answer.response is not None:
            from ._exchange.hooks import call_hooks

            hooked = call_hooks(self, self.hooks, answer.response, url, arguments)
            return cast("AnyResponse", hooked)
        return self._go_on(answer, answer.make_request(url), arguments)

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
        if not auth or type(auth) is tuple:
            return self._fast_path.prepare(self, request, super().prepare_request)
        from ._matching.witness import Witness

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
        if call is not None and call.chain is not None and call.chain.current is not None:
            call.chain.current.receive_redirect(resp)
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
        if isinstance(request, Request):
            raise ValueError("You can only send PreparedRequests.")  # noqa: TRY004  # as requests
        call = _current.get()
        if call is not None and call.owner is not self:
            # One of another session, as in a hook.
            call = None
        disabled, is_plain = _disabled.get(), call is None and not kwargs
        if (
            given is NO_OPTIONS
            and not (disabled and id(self) in disabled)
            and (is_plain or _is_usual(call, kwargs))
        ):
            # It answers nothing if the settings say that the cache is disabled.
            fast_path = self._fast_path
            answer: Any = fast_path.answer_prepared(self, request, is_own=call is None)
            if answer is not None:
                is_open = type(answer) is fast_path.unfinished
                return self._go_on(answer, request, kwargs) if is_open else answer
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
        token = _current.set(call._replace(chain=chain))
        try:
            asking = Asking(self, request, kwargs, chain)
            asking.send()
            response = super().send(request, **resolve(kwargs))
            asking.receive_all(response)
        finally:
            _current.reset(token)
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

    def explain(self, url: str, *, method: str = "GET", **kwargs: Any) -> Explanation:
        """Say what a request would do now, and by which rule; nothing is sent, nothing changed.

        Where nothing is found, all that is stored is looked through for the same URL.

        Args:
            url: URL.
            method: method.
            kwargs: other arguments of `request`, such as `headers` and `params`.
        """
        from ._exchange.explained import explain
        from .backends.arguments import check_arguments

        check_arguments(url=url, method=method)
        return explain(self, method, url, kwargs, disabled=self._is_disabled())

    def _is_disabled(self) -> bool:
        return id(self) in _disabled.get() or self.settings.disabled

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

    @property
    def events(self) -> Events:
        """What tells who listens what happens: `session.events.listen(function)`."""
        return self.cache.events

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
        from ._exchange.refresh import Refresher

        # In one step: another thread may come here for the first time as well.
        self.__dict__.setdefault("_refresher", Refresher()).start(key, fetch, url)

    @classmethod
    def wrap(cls, original_session: requests.Session, **kwargs: Any) -> Self:
        """Make a session with a cache that has the state of another one, and shares its adapters.

        Args:
            original_session: the other session.
            kwargs: options of the session; see `__init__`.
        """
        from .backends.arguments import check_arguments

        check_arguments(original_session=original_session)
        session = cls(**kwargs)
        for name in Session.__attrs__:
            setattr(session, name, getattr(original_session, name))
        return session

    def remove_expired_responses(self, expire_after: ExpirationTime = None) -> None:
        """Delete what has expired from the cache; see `BaseCache.remove_expired_responses`."""
        self.cache.remove_expired_responses(expire_after)

    @contextmanager
    def cache_disabled(self) -> Iterator[None]:
        """Send the requests of a block past the cache, in this thread or task alone."""
        token = _disabled.set(_disabled.get() | {id(self)})
        try:
            yield
        finally:
            _disabled.reset(token)

    def for_partition(self, name: str) -> Self:
        """Give a session for somebody else, which shares cache, settings and adapters.

        It has a jar of its own, header fields and the like that may be changed, and is light: make
        one for each request if you like. Closing it closes nothing.

        Args:
            name: who asks. Two names never share a response; the name is not stored.

        Raises:
            ConfigurationError: the name is empty, or no text.
        """
        from ._assembly import prepare

        other = type(self).__new__(type(self))
        vars(other).update(vars(self))
        for attribute in ("headers", "params", "proxies", "hooks"):
            setattr(other, attribute, copy(getattr(self, attribute)))
        other.cookies = RequestsCookieJar(getattr(self.cookies, "_policy", None))
        other.partition = self.cache.matching.digest_partition(name)
        other._is_light = True
        vars(other).pop("_refresher", None)
        other._fast_path = prepare(other, CacheMixin, METHODS)
        return other

    def close(self) -> None:
        """Close the connections, and those of the cache unless `autoclose` is off.

        Refreshes in the background that have not been begun are not begun any more.
        """
        if self._is_light:
            return
        if "_refresher" in vars(self):
            self._refresher.drop_waiting()
        super().close()
        if self.settings.autoclose:
            self.cache.close()

    if not TYPE_CHECKING:  # there is no such attribute

        @property
        def request_expire_after(self) -> Any:
            """Say what to use instead of this method of version 0.7."""
            from ._earlier.members import missing

            raise missing(CachedSession, "request_expire_after")

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the session with its settings, and with how to open its cache again."""
        own = {name: getattr(self, name) for name in _PICKLED}
        return {**super().__getstate__(), **own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a session; it opens its own connections."""
        for name in _PICKLED:
            setattr(self, name, state.pop(name, None))
        super().__setstate__(state)
        from ._assembly import prepare

        self._fast_path = prepare(self, CacheMixin, METHODS)

    def __repr__(self) -> str:
        """Show the cache and the settings that differ from the defaults."""
        return f"<{type(self).__name__}(cache={self.cache!r}, settings={self.settings!r})>"


if TYPE_CHECKING:  # of this class all options are known
    from .constructed import Constructed
else:
    Constructed = CacheMixin


class CachedSession(Constructed):
    """A `requests.Session` that answers from a cache what it has seen before.

    See `CacheMixin.__init__` for the options.
    """


_PICKLED: Final = ("cache", "settings", "partition")


def _is_usual(call: RequestContext | None, kwargs: dict[str, Any]) -> bool:
    """Say whether a request is sent with nothing that has a part in what is answered."""
    if call is not None and not (call.stream is None and call.options is NO_OPTIONS):
        return False
    if not kwargs:
        return True
    return kwargs.keys() <= _USUAL.keys() and all(
        value is _USUAL[name] or name in _OF_NETWORK for name, value in kwargs.items()
    )


_USUAL: Final = {
    **dict.fromkeys(("timeout", "proxies", "cert")),
    "stream": False,
    "verify": True,
    "allow_redirects": True,
}
_OF_NETWORK: Final = ("timeout", "proxies")


def _new_chain() -> Chain:
    from ._exchange.chain import Chain

    return Chain()


def _hooks_of(*hooks: Mapping[str, Any] | None) -> list[object]:
    found: list[object] = []
    for table in hooks:
        named = (table or {}).get("response") or ()
        found += [named] if callable(named) else named
    return found


METHODS: Final = {
    name: vars(CacheMixin)[name]
    for name in ("request", "send", "prepare_request", "merge_environment_settings")
}
"""What leads from `get` to the cache; a test may put a double in the place of one later."""


if not TYPE_CHECKING:  # else every name could be imported

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ._earlier.names import find

        return find(__name__, name)
