"""The simple rules: keep a response for `expire_after`, validate it when it has expired. Pure.

With `cache_control=True` the rules are those of RFC 9111 instead, in `requests_cache.policy`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..expiration import EXPIRE_IMMEDIATELY

if TYPE_CHECKING:
    from ..policy.directives import RequestDirectives
    from ..settings import CacheSettings
    from .request_context import Options

__all__ = ["Plan", "conditions_of", "is_failure", "make_plan", "wishes_of"]


class Plan(NamedTuple):
    """What to do with a request, given what is stored."""

    action: str
    """"serve" the stored response, "fetch" a new one, or give up with 504 ("timeout")."""
    reason: str
    """Why, in the words of RFC 9211: hit, stale, uri-miss, vary-miss, request."""
    validate: bool = False
    """Fetch with the validators of what is stored."""
    refresh: bool = False
    """Serve, and refresh in the background."""
    stale_if_error: bool = False
    """Serve what is stored if the origin fails."""


def make_plan(
    expires: float | None,
    has_validator: bool,
    now: float,
    settings: CacheSettings,
    options: Options,
) -> Plan:
    """Decide about a request.

    Args:
        expires: when the stored response expires (infinity for never); None if there is none.
        has_validator: whether it has an ETag or a Last-Modified.
        now: seconds since the epoch.
        settings: those of the session.
        options: those of the request.
    """
    only_if_cached = options.only_if_cached or settings.only_if_cached
    if expires is None:
        return Plan("timeout" if only_if_cached else "fetch", "uri-miss")
    on_error = within(settings.stale_if_error, expires, now)
    if options.force_refresh and not only_if_cached:
        return Plan("fetch", "request", stale_if_error=on_error)
    fresh = now < expires
    if only_if_cached:
        usable = fresh or on_error or within(settings.stale_while_revalidate, expires, now)
        return Plan("serve" if usable else "timeout", "hit" if fresh else "stale")
    must_ask = (
        options.refresh
        or (settings.always_revalidate and has_validator)
        or (options.given and options.expire_after == EXPIRE_IMMEDIATELY)
    )
    if fresh and not must_ask:
        return Plan("serve", "hit")
    if not must_ask and within(settings.stale_while_revalidate, expires, now):
        return Plan("serve", "stale", refresh=True)
    reason = "request" if fresh else "stale"
    return Plan("fetch", reason, validate=has_validator, stale_if_error=on_error)


def within(setting: object, expires: float, now: float) -> bool:
    """Say whether a response may be used at `now` under a setting of True, False or seconds."""
    if isinstance(setting, bool):
        return setting
    return isinstance(setting, int | float) and now < expires + setting


def is_failure(status: int, settings: CacheSettings) -> bool:
    """Say whether `stale_if_error` lets what is stored stand in for a status.

    Any error does that is not itself to be stored, but for what speaks of the request: who is no
    longer let in must not go on reading, and a condition or a range is the caller's own.
    """
    return status >= 400 and status not in _ABOUT_THE_REQUEST | frozenset(settings.allowable_codes)


def wishes_of(headers: Mapping[str, str | bytes]) -> RequestDirectives | None:
    """Give what the caller's `Cache-Control` or `Pragma` asks for; None if there is neither.

    Without `cache_control` too: `no-store`, `no-cache`, `max-age` and `only-if-cached` are the
    caller's own words.
    """
    found = [(name, headers[name]) for name in ("Cache-Control", "Pragma") if name in headers]
    if not found:
        return None
    from ..policy.directives import request_directives
    from ..policy.values import Headers

    texts = ((n, v.decode("latin-1") if isinstance(v, bytes) else v) for n, v in found)
    return request_directives(Headers(texts))


def conditions_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the fields that ask the origin whether a stored response still holds."""
    conditions = {}
    for name, condition in _CONDITIONS.items():
        validator = headers.get(name)
        # A folded line, or what is no Latin-1, cannot be sent back (RFC 9110, section 5.5).
        if validator and _SENDABLE.fullmatch(validator):
            conditions[condition] = validator
    return conditions


# RFC 9110, sections 15.5.2, 15.5.4, 15.5.8, 15.5.13 and 15.5.17.
_ABOUT_THE_REQUEST: Final = frozenset({401, 403, 407, 412, 416})
_CONDITIONS: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_SENDABLE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]+")
