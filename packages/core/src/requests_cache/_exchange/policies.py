"""The policy of a request, made of the settings of a session and the options of a call."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

from ..expiration import (
    DO_NOT_CACHE,
    EXPIRE_IMMEDIATELY,
    ExpirationTime,
    absolute_expiration,
)
from ..policy.values import Rules

if TYPE_CHECKING:
    from ..policy.values import Policy
    from ..settings import CacheSettings
    from .request_context import Lifetime, Options

__all__ = ["policy_of"]


_DEFAULT_CODES = frozenset({200})
_FLAGS = tuple(name for name, default in Rules._field_defaults.items() if default is False)
"""Rules that a setting, or an option of a request, of the same name turns on."""


def policy_of(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Policy:
    """Give the policy for a request.

    Args:
        settings: those of the session.
        options: what the caller asked for.
        lifetime: the `expire_after` that holds for the request.
        now: the time, to which relative lifetimes refer.
    """
    changes, known = _made.get(settings, (0, {}))
    if changes != settings.changes:
        known = {}
        _made[settings] = (settings.changes, known)
    policy = known.get((options, lifetime))
    if policy is None:
        policy = _make(settings, options, lifetime, now)
        if isinstance(lifetime.value, _RELATIVE) and len(known) < _MOST_KEPT:
            known[options, lifetime] = policy
    return policy


# The same few policies are asked for again and again; an absolute lifetime makes another one each
# time. They are given up with the settings, or when these change.
_made: WeakKeyDictionary[CacheSettings, tuple[int, dict[object, Policy]]] = WeakKeyDictionary()
_RELATIVE: Final = (int, float, timedelta, NoneType)
_MOST_KEPT: Final = 64


def _make(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Policy:
    rules = _rules_of(settings, options, lifetime, now)
    codes = frozenset(settings.allowable_codes)
    # Imported when it is needed, for an import is part of a cold start.
    if settings.cache_control:
        from ..policy.http import Http

        # The default of the simple rules is no wish; HTTP says what may be stored.
        return Http(rules._replace(statuses=None if codes == _DEFAULT_CODES else codes))
    from ..policy.keep import Keep

    at_once = options.given and options.expire_after == EXPIRE_IMMEDIATELY
    rules = rules._replace(statuses=codes, refresh=rules.refresh or at_once)
    return Keep(rules, lifetime.expires)


def _rules_of(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Rules:
    seconds = _seconds(lifetime.value, now)
    flags = {
        name: True
        for name in _FLAGS
        if getattr(settings, name, False) or getattr(options, name, False)
    }
    rules = Rules(
        lifetime=seconds if lifetime.is_specific else None,
        fallback=None if lifetime.is_specific else seconds,
        ends=None if isinstance(lifetime.value, _RELATIVE) else lifetime.expires(now),
        stale_if_error=_window(settings.stale_if_error),
        stale_while_revalidate=_window(settings.stale_while_revalidate),
        no_store=lifetime.value == DO_NOT_CACHE,
        methods=frozenset(settings.allowable_methods),
    )
    return rules._replace(**cast("Any", flags))


def _seconds(value: ExpirationTime, now: float) -> float | None:
    if value == DO_NOT_CACHE:
        return None
    expires = absolute_expiration(value, now)
    return inf if expires is None else max(0.0, expires - now)


def _window(setting: object) -> float | None:
    if isinstance(setting, bool):
        return inf if setting else None
    return float(setting) if isinstance(setting, int | float) else None
