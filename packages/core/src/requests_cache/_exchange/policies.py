"""The policy that a request follows, made of the settings that hold for it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ..expiration import (
    DO_NOT_CACHE,
    EXPIRE_IMMEDIATELY,
    ExpirationTime,
    absolute_expiration,
)
from ..policy.values import Rules

if TYPE_CHECKING:
    from ..policy.protocol import Policy
    from ..settings import CacheSettings
    from .lifetime import Lifetime
    from .request_context import Options

__all__ = ["policy_of"]

_DEFAULT_CODES = frozenset({200})


def policy_of(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Policy:
    """Give the policy for a request.

    Args:
        settings: those of the session.
        options: what the caller asked for.
        lifetime: the `expire_after` that holds for the request.
        now: the time, to which relative lifetimes refer.
    """
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
    return Rules(
        lifetime=seconds if lifetime.is_specific else None,
        fallback=None if lifetime.is_specific else seconds,
        stale_if_error=_window(settings.stale_if_error),
        stale_while_revalidate=_window(settings.stale_while_revalidate),
        always_revalidate=settings.always_revalidate,
        refresh=options.refresh,
        force_refresh=options.force_refresh,
        only_if_cached=options.only_if_cached or settings.only_if_cached,
        no_store=lifetime.value == DO_NOT_CACHE,
        methods=frozenset(settings.allowable_methods),
    )


def _seconds(value: ExpirationTime, now: float) -> float | None:
    if value == DO_NOT_CACHE:
        return None
    expires = absolute_expiration(value, now)
    return inf if expires is None else max(0.0, expires - now)


def _window(setting: object) -> float | None:
    if isinstance(setting, bool):
        return inf if setting else None
    return float(setting) if isinstance(setting, int | float) else None
