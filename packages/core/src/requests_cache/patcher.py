"""Caching for a whole program: replace `requests.Session`, for those who cannot pass a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from sys import _getframe
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import requests
from requests import sessions

from .backends.base import BaseCache
from .errors import ConfigurationError
from .expiration import ExpirationTime
from .options import parameters_of
from .session import CachedSession, CacheMixin
from .settings import ALIASES

if TYPE_CHECKING:
    from pathlib import Path

    from requests import Session

__all__ = [
    "clear",
    "delete",
    "disabled",
    "enabled",
    "get_cache",
    "install_cache",
    "is_installed",
    "remove_expired_responses",
    "uninstall_cache",
]

_original: Final = requests.Session
_OF_THE_CACHE: Final = {"include_get_headers", "serializer"}
_PARTS: Final = ("cache", "settings", "breaker", "_fast_path")
_METHODS: Final = {
    name: method
    for cls in reversed(_original.__mro__[:-1])
    for name, method in vars(cls).items()
    if type(method) is FunctionType
}


class _Layer:
    """What `requests.Session` is, from the beginning of a block to its end."""

    def __init__(self, session: type[Session]) -> None:
        self.session = session


# The first one is that of the program; each block that is entered adds one, and takes it away.
_layers: Final = [_Layer(_original)]


class _StandIn(type):
    """The class of a class that stands in the place of `requests.Session`.

    Classes and sessions that were made before know the name as that of their own base class.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        """Say whether something is a session, whenever it was made."""
        stands_in = "stands_in" in vars(cls)
        return (
            isinstance(instance, _original) if stands_in else type.__instancecheck__(cls, instance)
        )

    def __subclasscheck__(cls, subclass: type) -> bool:
        """Say whether a class is one of sessions, whenever it was made."""
        stands_in = "stands_in" in vars(cls)
        return (
            issubclass(subclass, _original) if stands_in else type.__subclasscheck__(cls, subclass)
        )

    def __getattribute__(cls, name: str) -> Any:
        """Give an attribute; a method is that of requests for a session that has no cache."""
        found = type.__getattribute__(cls, name)
        theirs = _METHODS.get(name)
        return _for_both(found, theirs) if theirs and type(found) is FunctionType else found


def _for_both(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(ours)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return (ours if isinstance(self, CacheMixin) else theirs)(self, *args, **kwargs)

    return method


def install_cache(
    cache_name: str | Path = "http_cache",
    backend: str | type[BaseCache] | BaseCache | None = None,
    session_factory: type[CacheMixin] = CachedSession,
    **kwargs: Any,
) -> None:
    """Cache the requests of all sessions that are made from now on, and of `requests.get` etc.

    All of them share one cache. Code that imported the class `Session` by name is not affected, nor
    are classes and sessions that were made before.

    Args:
        cache_name: see `CachedSession`.
        backend: see `CachedSession`.
        session_factory: class of the sessions.
        kwargs: further options of `CachedSession`.
    """
    _layers[-1].session = _make_class(cache_name, backend, session_factory, kwargs)
    _show()


def _with_lifetime(third: object, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Give the options with what version 0.7 takes as the third argument: the lifetime.

    Raises:
        ConfigurationError: it is none, or it is given by its name as well.
    """
    from ._assembly import is_lifetime

    if third is None:
        return kwargs
    if not is_lifetime(third):
        raise ConfigurationError(
            f"session_factory={third!r}: give a class of sessions, such as CachedSession"
        )
    if "expire_after" in kwargs:
        raise ConfigurationError(
            f"expire_after={kwargs['expire_after']!r}: the third argument is a lifetime, too; "
            "give one of them"
        )
    return {"expire_after": third, **kwargs}


def _make_class(
    cache_name: str | Path,
    backend: str | type[BaseCache] | BaseCache | None,
    session_factory: type[CacheMixin],
    kwargs: dict[str, Any],
) -> type[Session]:
    if not isinstance(session_factory, type):
        kwargs = _with_lifetime(session_factory, kwargs)
        session_factory = CachedSession
    # Made once, so that a wrong option is an error here, and all sessions share a cache.
    template = session_factory(cache_name, backend, **kwargs)
    # What belongs to a session; the rest belongs to the cache.
    known = (parameters_of(session_factory) | ALIASES.keys()) - _OF_THE_CACHE
    options = {name: value for name, value in kwargs.items() if name in known}
    options["autoclose"] = False

    def initialize(self: Any) -> None:
        session_factory.__init__(self, cache_name, template.cache, **options)
        # `requests.get` and the like make a session for one call.
        self.is_for_one_call = _getframe(1).f_globals.get("__name__") == "requests.api"

    def complete(self: Any, name: str) -> Any:
        # A class that was derived from this one may call `requests.Session.__init__` when that is
        # another again; its sessions have their cache all the same.
        if name not in _PARTS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        made = session_factory(cache_name, template.cache, **options)
        for part in _PARTS:
            vars(self).setdefault(part, getattr(made, part))
        return vars(self)[name]

    def reduce(self: Any, protocol: int) -> Any:
        if type(self) is not installed:
            return super(installed, self).__reduce_ex__(protocol)
        return session_factory.__new__, (session_factory,), self.__getstate__()

    meta: Any = _StandIn
    if not issubclass(meta, type(session_factory)):
        meta = type("_StandIn", (_StandIn, type(session_factory)), {})
    methods: dict[str, Any] = {"__init__": initialize, "__reduce_ex__": reduce, "stands_in": True}
    if not hasattr(session_factory, "__getattr__"):
        methods["__getattr__"] = complete
    installed: Any = meta("InstalledSession", (session_factory,), methods)
    return installed  # type: ignore[no-any-return]  # made at run time


def uninstall_cache() -> None:
    """Give `requests.Session` back; sessions made meanwhile keep their cache."""
    _layers[-1].session = _original
    _show()


def _show() -> None:
    """Have `requests.Session` be what the innermost block says."""
    for module in (requests, sessions):
        module.Session = _layers[-1].session  # type: ignore[attr-defined]  # replacing it is the point


@contextmanager
def _layer(session: type[Session]) -> Iterator[None]:
    """Have `requests.Session` be a class until the block ends, whatever other blocks do."""
    if len(_layers) == 1:
        # Somebody else may have put a class there.
        _layers[0].session = requests.Session
    layer = _Layer(session)
    _layers.append(layer)
    _show()
    try:
        yield
    finally:
        _layers.remove(layer)
        _show()


@contextmanager
def disabled() -> Iterator[None]:
    """Run a block without the installed cache; sessions made before it keep theirs."""
    with _layer(_original):
        yield


@contextmanager
def enabled(
    cache_name: str | Path = "http_cache",
    backend: str | type[BaseCache] | BaseCache | None = None,
    session_factory: type[CacheMixin] = CachedSession,
    **kwargs: Any,
) -> Iterator[None]:
    """Run a block with an installed cache, and take it out again at its end.

    Args:
        cache_name: what the cache is called; the backend makes a file, folder or namespace of it.
        backend: name, class or instance; None for SQLite where it is installed, else memory.
        session_factory: the class of the sessions.
        kwargs: the other options of a session.
    """
    with _layer(_make_class(cache_name, backend, session_factory, kwargs)):
        yield


def is_installed() -> bool:
    """Say whether a cache is installed."""
    return issubclass(requests.Session, CacheMixin)


def get_cache() -> BaseCache | None:
    """Give the installed cache; None if there is none."""
    if not is_installed():
        return None
    session = requests.Session()
    assert isinstance(session, CacheMixin)
    return session.cache


def clear() -> None:
    """Delete everything in the installed cache, if there is one."""
    if (cache := get_cache()) is not None:
        cache.clear()


def delete(*args: Any, **kwargs: Any) -> None:
    """Delete from the installed cache, if there is one; see `BaseCache.delete`."""
    if (cache := get_cache()) is not None:
        cache.delete(*args, **kwargs)


def remove_expired_responses(expire_after: ExpirationTime = None) -> None:
    """Delete what has expired from the installed cache, if there is one."""
    if (cache := get_cache()) is not None:
        cache.remove_expired_responses(expire_after)
