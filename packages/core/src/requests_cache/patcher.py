"""Caching for a whole program: replace `requests.Session`, for those who cannot pass a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from requests import sessions

from .backends.base import BaseCache
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

_original = requests.Session
_OF_THE_CACHE = {"include_get_headers", "serializer"}


def install_cache(
    cache_name: str | Path = "http_cache",
    backend: str | type[BaseCache] | BaseCache | None = None,
    *,
    session_factory: type[CacheMixin] = CachedSession,
    **kwargs: Any,
) -> None:
    """Cache the requests of all sessions that are made from now on, and of `requests.get` etc.

    All of them share one cache. Code that imported the class `Session` by name is not affected.

    Args:
        cache_name: see `CachedSession`.
        backend: see `CachedSession`.
        session_factory: class of the sessions.
        kwargs: further options of `CachedSession`.
    """
    # Made once, so that a wrong option is an error here, and all sessions share a cache.
    template = session_factory(cache_name, backend, **kwargs)
    # What belongs to a session; the rest belongs to the cache.
    known = (parameters_of(session_factory) | ALIASES.keys()) - _OF_THE_CACHE
    options = {name: value for name, value in kwargs.items() if name in known}
    options["autoclose"] = False

    class _InstalledSession(session_factory):  # type: ignore[valid-type,misc]  # a class of the caller's choice
        def __init__(self) -> None:
            super().__init__(cache_name, template.cache, **options)

    _patch(_InstalledSession)


def uninstall_cache() -> None:
    """Give `requests.Session` back; sessions made meanwhile keep their cache."""
    _patch(_original)


def _patch(session: type[Session]) -> None:
    for module in (requests, sessions):
        module.Session = session  # type: ignore[attr-defined]  # replacing it is the point


@contextmanager
def disabled() -> Iterator[None]:
    """Run a block without the installed cache; sessions made before it keep theirs."""
    installed = requests.Session
    uninstall_cache()
    try:
        yield
    finally:
        _patch(installed)


@contextmanager
def enabled(*args: Any, **kwargs: Any) -> Iterator[None]:
    """Run a block with an installed cache; takes the arguments of `install_cache`."""
    before = requests.Session
    install_cache(*args, **kwargs)
    try:
        yield
    finally:
        _patch(before)


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
    cache = get_cache()
    if cache is not None:
        cache.clear()


def delete(*args: Any, **kwargs: Any) -> None:
    """Delete from the installed cache, if there is one; see `BaseCache.delete`."""
    cache = get_cache()
    if cache is not None:
        cache.delete(*args, **kwargs)


def remove_expired_responses(expire_after: ExpirationTime = None) -> None:
    """Delete what has expired from the installed cache, if there is one."""
    cache = get_cache()
    if cache is not None:
        cache.remove_expired_responses(expire_after)
