"""The decisions of a policy in words: why, and by which setting or section of an RFC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..policy.directives import request_directives, response_directives
from ..policy.freshness import lifetime_and_rule

if TYPE_CHECKING:
    from ..policy import Fetch, RequestHead, Serve, StoredHead
    from ..policy.values import Policy
    from .request_context import Lifetime

__all__ = ["CACHE_DISABLED", "of_fetch", "of_lifetime", "of_serve", "of_unfit"]

CACHE_DISABLED: Final = "cache_disabled"

_OF_CALL = {
    "uri-miss": ("nothing is stored for this request", "RFC 9111, section 4"),
    "vary-miss": (
        "what is stored was selected by other header fields",
        "RFC 9111, section 4.1: Vary",
    ),
    "method": ("requests with this method are not answered from the cache", "allowable_methods"),
    "bypass": ("the cache is not to be used for it", "expire_after=DO_NOT_CACHE"),
    "partial": (
        "only a part of it is stored, or not the part that is asked for",
        "RFC 9111, section 3.3",
    ),
}


# By what `why_not` says of what is stored; `filter_fn` is asked after it.
_UNFIT = {
    "owner": ("what is stored is another caller's", "match_credentials, partition"),
    "selected": ("what is stored was selected by other credentials", "RFC 9111, section 4.1: Vary"),
    "needs": ("what is stored came with cookies that the session lacks", "replay_cookies"),
    "filter_fn": ("filter_fn does not let through what is stored", "filter_fn"),
}


def of_unfit(why: str) -> tuple[str, str]:
    """Say why what is stored is left out before the policy decides, and by which rule."""
    return _UNFIT[why]


def of_lifetime(
    stored: StoredHead | None, policy: Policy, lifetime: Lifetime
) -> tuple[float | None, str]:
    """Give when a stored response expires, None for never, and by which rule."""
    if stored is None:
        return None, ""
    expires = policy.expires_at(stored)
    if policy.remembers_redirects:
        # It was settled then; only its name can have come from another setting.
        name = "urls_expire_after" if lifetime.is_specific else "expire_after"
        return expires, f"{name}, when it was stored"
    told = response_directives(stored.headers)
    return expires, lifetime_and_rule(stored, told, policy.rules)[1]


def of_serve(
    serve: Serve, expiry: tuple[float | None, str], now: float, policy: Policy
) -> tuple[str, str]:
    """Say why something is served, and by which rule."""
    expires, rule = expiry
    if not serve.stale:
        left = "never expires" if expires is None else f"is fresh for another {expires - now:.0f} s"
        return f"what is stored {left}", rule
    why = f"what is stored expired {_ago(expires, now)}, and may be used all the same"
    if serve.refresh is not None:
        return why, "stale_while_revalidate; RFC 5861, section 3"
    if policy.rules.stale_if_error is not None and policy.rules.only_if_cached:
        return why, "stale_if_error; RFC 5861, section 4"
    return why, "RFC 9111, section 5.2.1.2: max-stale of the request"


def of_fetch(
    fetch: Fetch,
    request: RequestHead,
    policy: Policy,
    expiry: tuple[float | None, str],
    now: float,
) -> tuple[str, str]:
    """Say why the origin is asked, and by which rule."""
    reason = fetch.cache_status.fwd or ""
    if fetch.cache_status.detail == CACHE_DISABLED:
        return "the cache is switched off", "disabled, or cache_disabled()"
    if reason == "stale":
        expires, rule = expiry
        return f"what is stored expired {_ago(expires, now)}", rule
    if fetch.cache_status.detail == "other-credentials":
        return "what is stored was asked for with other credentials", "match_credentials, partition"
    if reason == "request":
        return _of_wishes(fetch, request, policy)
    return _OF_CALL.get(reason, ("the policy says so", reason))


def _of_wishes(fetch: Fetch, request: RequestHead, policy: Policy) -> tuple[str, str]:
    rules, asked = policy.rules, request_directives(request.headers)
    stored = fetch.selected
    told = None if stored is None else response_directives(stored.headers)
    causes = (
        (rules.force_refresh, "a new response is asked for", "force_refresh"),
        (asked.no_store, "the request may not be stored", "RFC 9111, section 5.2.1.5: no-store"),
        ("range" in request.headers, "a part is asked for", "RFC 9110, section 14.2: Range"),
        (asked.no_cache, "the request asks for it", "RFC 9111, section 5.2.1.4: no-cache"),
        (asked.max_age is not None, "it is too old", "RFC 9111, section 5.2.1.1: max-age"),
        (asked.min_fresh is not None, "it is fresh too short", "RFC 9111, section 5.2.1.3"),
        (rules.refresh, "what is stored is to be validated", "refresh, or expire_after=0"),
        (rules.always_revalidate, "all that is stored is to be validated", "always_revalidate"),
        (told and told.no_cache, "the response asks for it", "RFC 9111, section 5.2.2.4: no-cache"),
    )
    found = ((why, rule) for holds, why, rule in causes if holds)
    return next(found, ("the request has conditions of its own", "RFC 9111, section 4.3.2"))


def _ago(expires: float | None, now: float) -> str:
    return "" if expires is None else f"{max(0.0, now - expires):.0f} s ago"
