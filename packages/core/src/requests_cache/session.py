"""A `requests.Session` that remembers responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from requests import Response, Session
from requests.cookies import RequestsCookieJar

from . import _door
from ._calls import DISABLED, METHODS, Calls
from ._exchange.environment import OriginalSession

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, Self

    import requests

    from ._exchange.explained import Explanation
    from .backends.base import BaseCache
    from .backends.statistics import Events, Listener
    from .expiration import ExpirationTime
    from .settings import CacheSettings

__all__ = ["CacheMixin", "CachedSession", "OriginalSession"]

# Settings that a session has as attributes, too, as in version 0.7.
_SETTINGS: Final = (
    *("allowable_codes", "allowable_methods", "always_revalidate", "cache_control", "filter_fn"),
    *("old_data_on_error", "only_if_cached", "read_only", "stale_if_error"),
    *("stale_while_revalidate", "urls_expire_after"),
)


class _Setting:
    """A setting as an attribute of a session; one function for all would slow down every read."""

    def __init__(self, name: str) -> None:
        self._name = "stale_if_error" if name == "old_data_on_error" else name

    def __get__(self, session: CacheMixin | None, owner: type) -> Any:
        return self if session is None else getattr(session.settings, self._name)


class CacheMixin(Calls):
    """Adds a cache to a session class: `class MySession(CacheMixin, OtherSession)`."""

    _is_light = False
    if not TYPE_CHECKING:  # else every name could be read and assigned
        vars().update({name: _Setting(name) for name in _SETTINGS})

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

        serializer, expire_after, urls_expire_after = assembly.in_order(
            serializer, expire_after, urls_expire_after
        )
        assembly.check_own(migrate=migrate, on_event=on_event)
        self.settings: CacheSettings = assembly.make_settings(
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
        self.cache: BaseCache = assembly.open_cache(
            type(self).__name__, cache_name, backend, kwargs
        )
        self.partition: str | None = self.cache.matching.digest_partition(partition)
        if migrate:
            from .migrate import take_over

            take_over(self.cache)
        self._fast_path = assembly.prepare(self, Calls, METHODS)
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

    @property
    def events(self) -> Events:
        """What tells who listens what happens: `session.events.listen(function)`."""
        return self.cache.events

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
        token = DISABLED.set(DISABLED.get() | {id(self)})
        try:
            yield
        finally:
            DISABLED.reset(token)

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
        other._fast_path = prepare(other, Calls, METHODS)
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

        self._fast_path = prepare(self, Calls, METHODS)

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


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
