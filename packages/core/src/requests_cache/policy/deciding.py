"""Before the network: is the answer stored, and if not, what to ask for (RFC 9111, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from . import no_vary_search
from .cache_status import CacheStatus
from .directives import RequestDirectives, request_directives
from .fields import Headers
from .freshness import Freshness, may_refresh_later, may_serve_on_error, measure
from .partial import completion, extension
from .presenting import can_answer, hit, present
from .storing import may_be_reused
from .validation import conditions, for_origin_only, is_conditional, most_recent_first, nominated
from .values import (
    DEFAULT_RULES,
    Decision,
    Fetch,
    GatewayTimeout,
    Refresh,
    RequestHead,
    Rules,
    Serve,
    StoredHead,
)
from .vary import matches


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


def decide(
    request: RequestHead,
    stored: Sequence[StoredHead],
    now: float,
    rules: Rules = DEFAULT_RULES,
) -> Decision:
    """Decide how to answer a request; `stored` is all that is stored under its key."""
    asked = request_directives(request.headers)
    decision = _choose(request, stored, now, rules, asked)
    if not (asked.only_if_cached or rules.only_if_cached):
        return decision
    if isinstance(decision, Fetch):
        # A 504 is one of the errors that stale-if-error is about (RFC 5861, section 4).
        if serve := on_error(request, decision, now, rules):
            return serve._replace(cache_status=CacheStatus(hit=True, detail="stale-if-error"))
        return GatewayTimeout(CacheStatus(detail="only-if-cached"))
    return decision._replace(refresh=None)


def on_error(
    request: RequestHead,
    fetch: Fetch,
    now: float,
    rules: Rules = DEFAULT_RULES,
    status: int | None = None,
) -> Serve | None:
    """Decide what stands in for a failed fetch; None lets the failure through.

    `status` is that of a 5xx response, None after an exception (RFC 5861, section 4).
    """
    if fetch.selected is None or not can_answer(request, fetch.selected):
        return None
    state = measure(fetch.selected, now, rules)
    if not may_serve_on_error(state, request_directives(request.headers), rules):
        return None
    told = fetch.cache_status._replace(fwd_status=status, detail="stale-if-error")
    return present(request, fetch.selected, state, told)


def _choose(
    request: RequestHead,
    stored: Sequence[StoredHead],
    now: float,
    rules: Rules,
    asked: RequestDirectives,
) -> Serve | Fetch:
    if reason := never_from_cache(request, rules, asked):
        return Fetch(CacheStatus(fwd=reason), storable=False)
    known = tuple(head for head in stored if same_resource(request, head))
    usable = [head for head in known if may_be_reused(head)]
    matching = most_recent_first([head for head in usable if matches(head, request.headers)])
    selected = next((head for head in matching if can_answer(request, head)), None)
    if rules.force_refresh or for_origin_only(request):
        return Fetch(CacheStatus(fwd="request"), known=known, selected=selected)
    if selected is None:
        return _miss(request, known, matching)
    state = measure(selected, now, rules)
    use = judge(state, asked, rules)
    if use is Use.SERVE:
        return present(request, selected, state, hit(state))
    if use is Use.VALIDATE:
        return _validation(request, known, selected, state)
    serve = present(request, selected, state, hit(state))
    own = request if selected.status == 206 else request._replace(headers=_unconditional(request))
    return serve._replace(refresh=Refresh(own, _validation(own, known, selected, state)))


def never_from_cache(request: RequestHead, rules: Rules, asked: RequestDirectives) -> str | None:
    """Return why the cache has no part in this request (RFC 9211, section 2.2, for the words)."""
    if request.method not in rules.methods:
        return "method"
    if asked.no_store:
        return "request"
    if rules.no_store:
        return "bypass"
    return None


def _miss(request: RequestHead, known: tuple[StoredHead, ...], matching: list[StoredHead]) -> Fetch:
    if not known:
        return Fetch(CacheStatus(fwd="uri-miss"))
    if not matching:
        heads = nominated(request, None, known)
        fields = conditions(request, None, heads)
        return Fetch(CacheStatus(fwd="vary-miss"), fields, known=known, nominated=heads)
    status = CacheStatus(fwd="partial")
    if is_conditional(request) or "if-range" in request.headers or request.method != "GET":
        return Fetch(status, known=known)
    asked = request.headers.joined("range")
    for head in matching:
        if fields := completion(head) if asked is None else extension(head, asked):
            return Fetch(status, fields, known=known, selected=head, completes=True)
    return Fetch(status, known=known)


def _unconditional(request: RequestHead) -> Headers:
    """Return a request's fields without those that ask for less than the whole response."""
    return request.headers.without(
        {"if-none-match", "if-modified-since", "if-range", "range"},
    )


def _validation(
    request: RequestHead, known: tuple[StoredHead, ...], selected: StoredHead, state: Freshness
) -> Fetch:
    heads = nominated(request, selected, known)
    return Fetch(
        CacheStatus(fwd="request" if state.fresh else "stale"),
        conditions(request, heads[0], heads) if heads else (),
        known=known,
        selected=selected,
        nominated=heads,
    )
