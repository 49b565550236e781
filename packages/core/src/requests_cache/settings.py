"""The settings of a cached session: names, defaults and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from .expiration import (
    VALIDATION_GRACE,
    ExpirationTime,
    UrlExpiration,
    check_expiration,
    relative_seconds,
)
from .option_types import OF_CACHES, SETTINGS, check_options
from .options import as_written, reject_unknown

if TYPE_CHECKING:
    from typing import Literal, Self

    from requests import Response

    from .backends.base import BaseCache

__all__ = ["ALIASES", "MATCHING", "CacheSettings"]

ALIASES = {"old_data_on_error": "stale_if_error", "include_get_headers": "match_headers"}
"""Names of earlier versions, and the setting that each stands for."""

MATCHING: Mapping[str, Any] = {
    "ignored_parameters": None,
    "match_headers": False,
    "match_credentials": True,
    "key_fn": None,
}
"""Settings that belong to the cache, for they make its keys, and what they are by default."""


class _OfTheCache:
    """A setting that is read from the cache, and set there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, settings: CacheSettings | None, owner: type | None = None) -> Any:
        """Give what the cache has; before there is one, what was given."""
        if settings is None:
            return MATCHING[self.name]
        for cache in settings.caches:
            return cache.compared(self.name)
        return settings.matching.get(self.name, MATCHING[self.name])

    def __set__(self, settings: CacheSettings, value: Any) -> None:
        check_options({self.name: value}, OF_CACHES)
        settings.matching[self.name] = value
        for cache in settings.caches:
            cache.match(**{self.name: value})


class CacheSettings:
    """What a session may cache, for how long, and when it may use what it has.

    Every attribute may be changed at any time; the next request sees the change.
    """

    expire_after: ExpirationTime = None
    """Lifetime of a response: seconds, timedelta, datetime, HTTP date or a constant."""
    urls_expire_after: Mapping[str | re.Pattern[str], ExpirationTime] | None = None
    """Lifetime by URL pattern; see `UrlExpiration`."""
    allowable_codes: Iterable[int] = (200,)
    """Status codes that are stored."""
    allowable_methods: Iterable[str] = ("GET", "HEAD")
    """Request methods that are answered from the cache and stored."""
    filter_fn: Callable[[Response], bool] | None = None
    """Called with a response; False keeps it from being stored, or a stored one from being used."""
    stale_if_error: bool | float | timedelta = False
    """Use an expired response when the origin fails: True, or for how many seconds after expiry."""
    stale_while_revalidate: bool | float | timedelta = False
    """Use an expired response and refresh it in the background: True, or for how many seconds."""
    cache_control: bool = False
    """Follow HTTP caching (RFC 9111) instead of keeping every response for `expire_after`."""
    always_revalidate: bool = False
    """Ask the origin about every stored response that has a validator, even a fresh one."""
    only_if_cached: bool = False
    """Never send a request; what is not in the cache is answered with 504."""
    read_only: bool = False
    """Use what is stored, and store nothing."""
    match_cookies: Iterable[str] | None = None
    """Names of the cookies of origins by whose values every answer is selected; () for none.
    By default all select those answers that seem to depend on them."""
    replay_cookies: bool = False
    """Store the values of cookies, and have a hit fill the jar. Only for programs that are alone
    with their store."""
    autoclose: bool = True
    """Close the cache when the session is closed."""
    collapse: bool | Literal["processes"] = True
    """Send one request for identical ones at the same time: True for the threads of a process,
    "processes" for all processes that share the store, False to send each."""
    on_error: Literal["bypass", "raise"] = "bypass"
    """What a failing store does to a request: "bypass" (warn and go without) or "raise"."""
    disabled: bool = False
    """Send every request past the cache."""

    ignored_parameters: Any = _OfTheCache("ignored_parameters")
    """Names that do not make requests different; see `BaseCache`."""
    match_headers: Any = _OfTheCache("match_headers")
    """Header fields that make requests different; True for all."""
    match_credentials: Any = _OfTheCache("match_credentials")
    """Whether requests with different credentials are different requests."""
    key_fn: Any = _OfTheCache("key_fn")
    """Makes the key of a request."""

    NAMES: ClassVar[frozenset[str]]
    url_rules: UrlExpiration
    changes: int

    caches: WeakSet[BaseCache]
    matching: dict[str, Any]

    def __init__(self, **options: object) -> None:
        self.__setstate__({"changes": 0, "matching": {}})
        reject_unknown("CacheSettings", options, self.NAMES | MATCHING.keys() | ALIASES.keys())
        for name, value in options.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        """Check a value where it can be checked, and count the change."""
        if name == "changes" or name in MATCHING:
            object.__setattr__(self, name, value)
            return
        if name in ALIASES:
            with as_written({ALIASES[name]: name}):
                setattr(self, ALIASES[name], value)
            return
        if name not in self.NAMES:
            reject_unknown("CacheSettings", (name,), self.NAMES | MATCHING.keys())
        value = _checked(name, value)
        if name == "urls_expire_after":
            rules = UrlExpiration(value or {})  # type: ignore[arg-type]  # it is checked
            object.__setattr__(self, "url_rules", rules)
        object.__setattr__(self, name, value)
        self.changes += 1

    if not TYPE_CHECKING:  # else every name could be read

        def __getattr__(self, name: str) -> Any:
            """Give a setting by an earlier name."""
            if name in ALIASES:
                return getattr(self, ALIASES[name])
            from ._earlier.members import missing

            raise missing(type(self), name)

    @classmethod
    def from_kwargs(cls, **kwargs: Any) -> Self:
        """Make settings of those arguments that are settings, by any of their names."""
        known = cls.NAMES | ALIASES.keys() | MATCHING.keys()
        return cls(**{name: value for name, value in kwargs.items() if name in known})

    def bind(self, cache: BaseCache) -> None:
        """Hand the settings of matching to a cache, now and whenever they change."""
        if self.matching:
            cache.match(**self.matching)
        self.caches.add(cache)

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle what was set; a session that takes the copy binds it to its cache."""
        matching = {name: getattr(self, name) for name in MATCHING} if self.caches else {}
        return {**vars(self), "matching": {**self.matching, **matching}, "caches": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what was set."""
        vars(self).update(state, caches=WeakSet())

    @property
    def grace(self) -> float | None:
        """Give for how many seconds a store has to keep what has expired; None for ever."""
        grace = VALIDATION_GRACE
        for allowed in (self.stale_if_error, self.stale_while_revalidate):
            if allowed is True:
                return None
            grace = max(grace, float(allowed))  # type: ignore[arg-type]  # seconds by now, or False
        return grace

    def __repr__(self) -> str:
        """Show what differs from the defaults."""
        kind = type(self)
        names = sorted((*self.NAMES, *MATCHING))
        changed = [n for n in names if _differs(getattr(self, n), getattr(kind, n))]
        return f"CacheSettings({', '.join(f'{n}={getattr(self, n)!r}' for n in changed)})"


CacheSettings.NAMES = frozenset(
    name
    for name in CacheSettings.__annotations__
    if name.islower() and name not in ("caches", "changes", "matching", "url_rules", *MATCHING)
)


def _differs(value: object, default: object) -> bool:
    if isinstance(default, tuple) and isinstance(value, Iterable):
        return frozenset(value) != frozenset(default)
    # No names are an empty list, as a cache gives them.
    return value != default and not (default is None and value == [])


def _checked(name: str, value: object) -> object:
    if name in ("allowable_codes", "allowable_methods"):
        members = _members(value)
        check_options({name: members}, SETTINGS)
        return frozenset(m.upper() if isinstance(m, str) else m for m in members)
    check_options({name: value}, SETTINGS)
    if name == "match_cookies" and value is not None:
        return tuple(value)  # type: ignore[arg-type]  # the check is what narrows it
    if name == "expire_after":
        check_expiration(value)  # type: ignore[arg-type]  # the check is what narrows it
    elif name in ("stale_if_error", "stale_while_revalidate") and not isinstance(value, bool):
        return relative_seconds(value, name)
    return value


def _members(value: object) -> list[object]:
    """Give the members of a collection; text and numbers are members themselves."""
    return [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
