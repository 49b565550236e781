"""What a session is made of, put together from its options; imported with the first session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ._exchange.circuit_breaker import CircuitBreaker
from ._fast_path.fast_path import FastPath
from .backends import init_backend
from .backends.base import BaseCache
from .errors import ConfigurationError, RefusedOptionError, UnknownOptionError
from .option_types import OF_CACHES, OF_SESSIONS, check_options
from .options import as_written, reject_unknown, take, unknown_option
from .settings import ALIASES, CacheSettings

if TYPE_CHECKING:
    from pathlib import Path

    from ._exchange.request_context import Host

_MATCHING = ("ignored_parameters", "match_headers", "match_credentials", "key_fn")


def check_own(**options: object) -> None:
    """Raise ConfigurationError if an option is wrong that only a session being made takes."""
    check_options(options, OF_SESSIONS)


def in_order(serializer: Any, expire_after: Any, urls_expire_after: Any) -> tuple[Any, Any, Any]:
    """Give these arguments in their order, also where they came in that of version 0.7.

    There the third is the lifetime and the fourth those of URLs.

    Raises:
        ConfigurationError: they are in the order of 0.7, and more than these, or twice the same.
    """
    has_rules = serializer is None and isinstance(expire_after, Mapping)
    if not (has_rules or is_lifetime(serializer)):
        return serializer, expire_after, urls_expire_after
    if expire_after is None:
        return None, serializer, urls_expire_after
    if urls_expire_after is not None or not isinstance(expire_after, Mapping):
        raise ConfigurationError(
            "arguments in the order of requests-cache 0.7: name those that come after the backend, "
            "as in expire_after=60"
        )
    return None, serializer, expire_after


def is_lifetime(value: object) -> bool:
    """Say whether an argument of version 0.7 by position is a lifetime; a text is a name there."""
    return isinstance(value, int | float | datetime | timedelta)


def make_settings(kwargs: dict[str, Any], **settings: object) -> CacheSettings:
    """Make settings, and take out of `kwargs` those that are given by an earlier name."""
    aliases = take(kwargs, ALIASES)
    # It is for the cache, which checks it by the name that it has there.
    check_options(aliases, OF_CACHES)
    if "include_get_headers" in aliases:
        kwargs.setdefault("match_headers", aliases.pop("include_get_headers"))
    return CacheSettings(**{**settings, **aliases})


def open_cache(
    owner: str,
    cache_name: str | Path,
    backend: str | type[BaseCache] | BaseCache | None,
    kwargs: dict[str, Any],
) -> BaseCache:
    """Open the cache of a session, or take the one that was given.

    Errors name `owner`; `kwargs` are what is left of the options of the session.

    Raises:
        ConfigurationError: an option is unknown or wrong, or the backend is not installed.
    """
    try:
        if not isinstance(backend, BaseCache):
            return init_backend(backend, cache_name, **kwargs)
        if kwargs:
            from ._earlier.options import translate, written

            with as_written(written(kwargs)):
                kwargs = translate(type(backend), kwargs)
                reject_unknown("a backend instance", kwargs, _MATCHING)
    except RefusedOptionError:
        raise
    except UnknownOptionError as error:
        # It may be an option of the session that was misspelt.
        choices = error.choices | CacheSettings.NAMES | {"backend", "serializer"}
        raise unknown_option(owner, error.option, choices) from None
    if kwargs:
        backend.match(**kwargs)
    return backend


def prepare(session: Host, mixin: type, methods: Mapping[str, Any]) -> FastPath:
    """Give a session that has a cache and settings its circuit breaker, and make its fast path.

    `mixin` is our class of its classes, and `methods` what leads from `get` to the cache in that.

    Raises:
        ConfigurationError: the cache cannot do what the settings ask for.
    """
    # Imported on first use, for an import is part of a cold start.
    from .logs import protect_logs

    if session.settings.collapse == "processes":
        from ._exchange.fetching import check_leases

        check_leases(session.cache)
    # How queries are compared is a matter of the cache: the first session that uses it decides, and
    # another one leaves the keys of the first as they are.
    exact = vars(session.cache).setdefault("_exact_query", session.settings.cache_control)
    if exact and not session.cache.matching.exact_query:
        session.cache.matching = session.cache.matching.with_exact_query()
    session.breaker = CircuitBreaker(session.cache.stats, repr(session.cache))
    protect_logs(session.cache.matching.redactor.names)
    return FastPath(mixin, methods)
