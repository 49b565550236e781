"""When a stored response may answer a request (RFC 9111, section 4)."""

from __future__ import annotations

from enum import Enum

from . import no_vary_search
from .directives import RequestDirectives
from .freshness import Freshness, date_value, may_refresh_later
from .values import RequestHead, Rules, StoredHead


class Use(Enum):
    """What a selected response is good for."""

    SERVE = "serve"
    SERVE_AND_REFRESH = "serve, and refresh in the background"
    VALIDATE = "validate first"


def same_resource(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether a stored response belongs to the request's URL and method.

    The interpreter's key speaks for the URL, No-Vary-Search for alternates; HEAD may be answered
    from GET (RFC 9110, section 9.3.2).
    """
    if stored.method != request.method and (request.method, stored.method) != ("HEAD", "GET"):
        return False
    return not stored.alternate or no_vary_search.matches(stored, request.url)


def most_recent_first(candidates: list[StoredHead]) -> list[StoredHead]:
    """Sort by Date, then by arrival: the most recent match must be used (section 4)."""
    if len(candidates) < 2:
        return list(candidates)
    return sorted(candidates, key=lambda head: (date_value(head), head.response_time), reverse=True)


def judge(state: Freshness, asked: RequestDirectives, rules: Rules) -> Use:
    """Decide how a selected response may be used."""
    if state.told.no_cache or _caller_insists(state, asked, rules):
        return Use.VALIDATE
    if state.fresh:
        return Use.SERVE
    if state.told.must_revalidate or asked.min_fresh is not None:
        return Use.VALIDATE
    if asked.max_stale is not None and state.staleness <= asked.max_stale:
        return Use.SERVE
    return Use.SERVE_AND_REFRESH if may_refresh_later(state, asked, rules) else Use.VALIDATE


def _caller_insists(state: Freshness, asked: RequestDirectives, rules: Rules) -> bool:
    if asked.no_cache or rules.refresh:
        return True
    # RFC 8246, section 2: while it is fresh, an immutable response needs no routine validation.
    if rules.always_revalidate and not (state.fresh and state.told.immutable):
        return True
    # max-age=0 asks for validation, even in the very moment of arrival.
    if asked.max_age is not None and (asked.max_age == 0 or state.age > asked.max_age):
        return True
    return asked.min_fresh is not None and state.fresh and -state.staleness < asked.min_fresh
