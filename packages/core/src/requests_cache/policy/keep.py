"""The simple rules as a policy: keep a response for a time, validate it when that is over.

What a response says of its own lifetime counts for nothing. What a caller says in the header fields
of his request counts, as it does for any cache (RFC 9111, section 5.2.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from .cache_status import CacheStatus
from .freshness import RequestDirectives, current_age, request_directives
from .selection import (
    conditions,
    for_origin_only,
    has_validator,
    is_conditional,
    matches,
    selecting_fields,
    storable_fields,
    updated_fields,
    variant,
)
from .values import (
    Decision,
    Discard,
    Fetch,
    Freshen,
    GatewayTimeout,
    Outcome,
    Refresh,
    RequestHead,
    ResponseHead,
    Rules,
    Serve,
    Store,
    StoredHead,
    Update,
)

__all__ = ["Keep"]

# They say that this caller may not have the answer, or that his own condition or range fails.
_FOR_THE_CALLER: Final = frozenset((401, 403, 407, 412, 416))
_NO_WISHES: Final = RequestDirectives()


class Keep:
    """Keep each response for a time, whatever it says.

    Args:
        rules: the settings of the request; `statuses` are those that are stored.
        expires: gives when a response that arrives at a time expires; None for never.
    """

    remembers_redirects = True

    def __init__(self, rules: Rules, expires: Callable[[float], float | None]) -> None:
        self.rules = rules
        self._expires = expires
        self._expires_at_once = expires(0.0) == 0.0

    def method_of_key(self, method: str) -> str | None:
        return method if method in self.rules.methods else None

    # Before the network

    def bypass(self, request: RequestHead) -> Fetch | GatewayTimeout | None:
        status = self._reason_to_bypass(request)
        if status is None:
            return None
        if self.rules.only_if_cached:
            return GatewayTimeout(status)
        return Fetch(status, storable=False)

    def _reason_to_bypass(self, request: RequestHead) -> CacheStatus | None:
        if self.rules.no_store:
            return CacheStatus(fwd="bypass", detail="DO_NOT_CACHE")
        if request.method not in self.rules.methods:
            return CacheStatus(fwd="method")
        if "range" in request.headers:
            return CacheStatus(fwd="request", detail="range")
        if request_directives(request.headers).no_store:
            return CacheStatus(fwd="request", detail="no-store")
        return None

    def decide(self, request: RequestHead, stored: list[StoredHead], now: float) -> Decision:
        asked = request_directives(request.headers)
        only_if_cached = self.rules.only_if_cached or asked.only_if_cached
        own = [head for head in stored if _is_whole_answer(head, request)]
        selected = _selected(own, request) if own else None
        if selected is None:
            if only_if_cached:
                return GatewayTimeout(CacheStatus(detail="only-if-cached"))
            return Fetch(CacheStatus(fwd="vary-miss" if own else "uri-miss"), known=tuple(own))
        if only_if_cached:
            return self._from_cache_alone(selected, now)
        if self.rules.force_refresh:
            return self._fetch(request, selected, own, now, "request", validate=False)
        if not self._must_ask(selected, asked, now):
            return self._serve(request, selected, own, now)
        reason = "request" if now < _end(selected) else "stale"
        return self._fetch(request, selected, own, now, reason)

    def _from_cache_alone(self, selected: StoredHead, now: float) -> Serve | GatewayTimeout:
        rules = self.rules
        if _within(selected, now, 0.0, rules.stale_if_error, rules.stale_while_revalidate):
            return _as_it_is(selected, now)
        return GatewayTimeout(CacheStatus(detail="only-if-cached"))

    def _must_ask(self, selected: StoredHead, asked: RequestDirectives, now: float) -> bool:
        """Say whether the origin has to be asked, whether the response has expired or not."""
        rules = self.rules
        if rules.refresh or asked.no_cache:
            return True
        if rules.always_revalidate and has_validator(selected.headers, selected.response_time):
            return True
        left = _end(selected) - now
        if asked.max_age is not None and (
            asked.max_age == 0 or current_age(selected, now) > asked.max_age
        ):
            return True
        if asked.min_fresh is not None and left < asked.min_fresh:
            return True
        late = asked.max_stale if asked.max_stale is not None else rules.stale_while_revalidate
        return left <= 0 and not _within(selected, now, late)

    def _serve(
        self, request: RequestHead, selected: StoredHead, own: list[StoredHead], now: float
    ) -> Serve:
        serve = _as_it_is(selected, now)
        if now < _end(selected) or not _within(selected, now, self.rules.stale_while_revalidate):
            return serve
        fetch = self._fetch(request, selected, own, now, "stale")
        return serve._replace(refresh=Refresh(request, fetch))

    def _fetch(
        self,
        request: RequestHead,
        selected: StoredHead,
        own: list[StoredHead],
        now: float,
        reason: str,
        *,
        validate: bool = True,
    ) -> Fetch:
        # A 304 to the caller's own condition, or at the end of a redirect, is about something else.
        own_question = is_conditional(request) or for_origin_only(request) or selected.alternate
        fields = () if own_question or not validate else conditions(request, selected, [selected])
        may_stand_in = _within(selected, now, self.rules.stale_if_error)
        return Fetch(
            CacheStatus(fwd=reason),
            fields,
            known=tuple(own),
            selected=selected if fields or may_stand_in else None,
            nominated=(selected,) if fields else (),
        )

    # After a response

    def after_response(
        self,
        request: RequestHead,
        response: ResponseHead,
        fetch: Fetch,
        request_time: float,
        response_time: float,
    ) -> Outcome:
        if self._is_failure(response.status):
            serve = self.on_error(request, fetch, response_time, response.status)
            if serve is not None:
                return serve
        if response.status == 304 and fetch.nominated:
            return self._freshened(request, response, fetch, request_time, response_time)
        reason = self._refusal(response) if fetch.storable else fetch.cache_status.detail
        if reason is not None or not fetch.storable:
            return Discard(reason, fetch.cache_status._replace(fwd_status=response.status))
        head = StoredHead(
            response.status,
            response.headers,
            request.method,
            request.url,
            request_time,
            response_time,
            variant=variant(response.headers, request.headers)
            if "vary" in response.headers
            else (),
            expires=self._expires(response_time),
        )
        told = fetch.cache_status._replace(fwd_status=response.status, stored=True)
        return Store(head, told, replaces=_same_variant(head, fetch.known) if fetch.known else ())

    def _is_failure(self, status: int) -> bool:
        """Say whether a status means that the origin cannot answer now."""
        allowed = self.rules.statuses or frozenset()
        return status >= 400 and status not in allowed and status not in _FOR_THE_CALLER

    def _refusal(self, response: ResponseHead) -> str | None:
        if self.rules.statuses is not None and response.status not in self.rules.statuses:
            return "status-not-allowed"
        if self._expires_at_once and not has_validator(response.headers, 0.0):
            return "expires-at-once"
        if "vary" in response.headers and "*" in selecting_fields(response.headers):
            return "vary-star"
        return None

    def _freshened(
        self,
        request: RequestHead,
        response: ResponseHead,
        fetch: Fetch,
        request_time: float,
        response_time: float,
    ) -> Freshen:
        """Use a 304 for the response that was asked about (RFC 9111, section 4.3.4)."""
        (stored,) = fetch.nominated
        received = storable_fields(response.headers, response_time)
        headers = updated_fields(stored.headers, received)
        head = stored._replace(
            headers=headers,
            request_time=request_time,
            response_time=response_time,
            variant=variant(headers, request.headers),
            expires=self._expires(response_time),
        )
        told = fetch.cache_status._replace(fwd_status=304, stored=True)
        serve = Serve(head, head.status, headers, None, 0, stale=False, cache_status=told)
        return Freshen((Update(stored, head),), serve, told)

    def on_error(
        self, request: RequestHead, fetch: Fetch, now: float, status: int | None = None
    ) -> Serve | None:
        selected = fetch.selected
        if selected is None or not _within(selected, now, self.rules.stale_if_error):
            return None
        serve = _as_it_is(selected, now)
        told = serve.cache_status._replace(fwd_status=status, detail="stale-if-error")
        return serve._replace(cache_status=told)

    # How long

    def can_resume(self, head: StoredHead) -> bool:
        return False

    def broken_off(self, head: StoredHead, received: int) -> StoredHead | None:
        return None

    def standing(self, stored: StoredHead) -> float | None:
        if stored.status == 206 or stored.alternate or self.rules.force_refresh:
            return None
        return None if self._must_ask(stored, _NO_WISHES, -math.inf) else _end(stored)

    def lingering(self, stored: StoredHead) -> float:
        window = self.rules.stale_while_revalidate
        if window is None or self.rules.only_if_cached or self.standing(stored) is None:
            return -math.inf
        return _end(stored) + window

    def serve(self, stored: StoredHead, now: float) -> Serve:
        return _as_it_is(stored, now)

    def expires_at(self, stored: StoredHead) -> float | None:
        return stored.expires

    def grace(self, stored: Callable[[], StoredHead], wanted: float | None) -> float | None:
        return wanted


def _selected(own: list[StoredHead], request: RequestHead) -> StoredHead | None:
    """Give the latest response that the request selects."""
    matching = [head for head in own if matches(head, request.headers)]
    return max(matching, key=lambda head: head.response_time) if matching else None


def _is_whole_answer(head: StoredHead, request: RequestHead) -> bool:
    """Leave out what only the rules of HTTP can use: parts, and answers to another method."""
    return head.status != 206 and (head.alternate or head.method == request.method)


def _same_variant(head: StoredHead, known: tuple[StoredHead, ...]) -> tuple[StoredHead, ...]:
    """Give what a new response takes the place of.

    Where `Vary` names other fields than before, the older variants are out of reach.
    """
    names = [name for name, _ in head.variant]
    return tuple(
        old
        for old in known
        if not old.alternate
        and (old.variant == head.variant or [name for name, _ in old.variant] != names)
    )


def _end(head: StoredHead) -> float:
    return math.inf if head.expires is None else head.expires


def _within(head: StoredHead, now: float, *windows: float | None) -> bool:
    """Say whether a response is fresh, or expired for less than one of these windows allows."""
    end = _end(head)
    return any(window is not None and now < end + window for window in windows)


def _as_it_is(head: StoredHead, now: float) -> Serve:
    end = _end(head)
    ttl = None if math.isinf(end) else math.floor(end - now)
    status = CacheStatus(hit=True, ttl=ttl)
    return Serve(head, head.status, head.headers, None, 0, stale=now >= end, cache_status=status)
