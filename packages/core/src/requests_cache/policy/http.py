"""The rules of RFC 9111 as a policy: what `cache_control=True` asks for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from .deciding import Use, decide, judge, never_from_cache, on_error
from .directives import RequestDirectives, request_directives
from .fields import Headers
from .freshness import expires_at, kept_until, measure, refresh_window
from .partial import broken_off
from .presenting import hit, present
from .responding import after_response
from .storing import may_be_reused
from .values import (
    DEFAULT_RULES,
    Decision,
    Fetch,
    GatewayTimeout,
    Outcome,
    RequestHead,
    ResponseHead,
    Rules,
    Serve,
    StoredHead,
)

__all__ = ["Http"]

# How long a response with a validator is kept after it has become stale, in stores that expire.
_GRACE_OF_VALIDATORS: Final = 30 * 86400.0
_NO_WISHES: Final = RequestDirectives()
_SHARES_KEY_OF_GET: Final = frozenset(("GET", "HEAD"))


class Http:
    """Follow HTTP caching as a private cache does."""

    remembers_redirects = False

    def __init__(self, rules: Rules = DEFAULT_RULES) -> None:
        self.rules = rules

    def method_of_key(self, method: str) -> str | None:
        """Let GET and HEAD share a key; POST may be stored as GET (RFC 9110, section 9.3.3)."""
        if method in _SHARES_KEY_OF_GET:
            return "GET" if method in self.rules.methods else None
        if method in self.rules.methods:
            return method
        return "GET" if method == "POST" else None

    def bypass(self, request: RequestHead) -> Fetch | GatewayTimeout | None:
        asked = request_directives(request.headers)
        if never_from_cache(request, self.rules, asked) is None:
            return None
        decision = self.decide(request, [], 0.0)
        return None if isinstance(decision, Serve) else decision

    def decide(self, request: RequestHead, stored: list[StoredHead], now: float) -> Decision:
        return decide(request, stored, now, self.rules)

    def after_response(
        self,
        request: RequestHead,
        response: ResponseHead,
        fetch: Fetch,
        request_time: float,
        response_time: float,
    ) -> Outcome:
        return after_response(request, response, fetch, request_time, response_time, self.rules)

    def on_error(
        self, request: RequestHead, fetch: Fetch, now: float, status: int | None = None
    ) -> Serve | None:
        return on_error(request, fetch, now, self.rules, status)

    def broken_off(self, head: StoredHead, received: int) -> StoredHead | None:
        return broken_off(head, received)

    def standing(self, stored: StoredHead) -> float | None:
        if not self._may_be_used(stored):
            return None
        state = measure(stored, stored.response_time, self.rules)
        if not state.fresh or judge(state, _NO_WISHES, self.rules) is not Use.SERVE:
            return None
        end = self.expires_at(stored)
        return math.inf if end is None else end

    def lingering(self, stored: StoredHead) -> float:
        end = self.expires_at(stored)
        if end is None or self.rules.only_if_cached or not self._may_be_used(stored):
            return -math.inf
        state = measure(stored, stored.response_time, self.rules)
        # As it is at the end of its lifetime.
        state = state._replace(age=state.lifetime)
        if judge(state, _NO_WISHES, self.rules) is not Use.SERVE_AND_REFRESH:
            return -math.inf
        return end + refresh_window(state, self.rules)

    def _may_be_used(self, stored: StoredHead) -> bool:
        if stored.status == 206 or stored.alternate or self.rules.force_refresh:
            return False
        return may_be_reused(stored)

    def serve(self, stored: StoredHead, now: float) -> Serve:
        state = measure(stored, now, self.rules)
        return present(RequestHead("GET", stored.url, Headers()), stored, state, hit(state))

    def expires_at(self, stored: StoredHead) -> float | None:
        return expires_at(stored, self.rules)

    def grace(self, stored: Callable[[], StoredHead], wanted: float | None) -> float | None:
        head = stored()
        expires = self.expires_at(head)
        if expires is None or wanted is None:
            return None
        until = kept_until(head, self.rules)
        return max(wanted, _GRACE_OF_VALIDATORS if until is None else until - expires)
