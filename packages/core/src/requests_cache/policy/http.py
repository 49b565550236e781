"""The rules of RFC 9111 as a policy: what `cache_control=True` asks for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

from .cache_status import CacheStatus
from .deciding import Use, can_answer, decide, hit, judge, never_from_cache, on_error, present
from .fields import Headers
from .freshness import (
    HEURISTIC_STATUSES,
    RequestDirectives,
    ResponseDirectives,
    expires_at,
    forbids_storing,
    is_error,
    kept_until,
    may_be_reused,
    measure,
    refresh_window,
    request_directives,
    response_directives,
)
from .invalidation import invalidated_groups, invalidated_urls, invalidates, resolved
from .partial import (
    Joined,
    broken_off,
    is_storable_part,
    join,
    parse_content_range,
    resumable,
    with_octets,
)
from .revalidation import Revalidation, revalidation
from .selection import (
    confirmed,
    contradict,
    has_validator,
    head_agrees,
    identified,
    matches,
    parse_tags,
    selecting_fields,
    storable_fields,
    tag_of,
    updated_fields,
    variant,
    weak_match,
)
from .values import (
    DEFAULT_RULES,
    Combine,
    Decision,
    Discard,
    Effects,
    Fetch,
    Freshen,
    GatewayTimeout,
    Outcome,
    RequestHead,
    ResponseHead,
    Retry,
    Rules,
    Serve,
    Store,
    StoredHead,
    Update,
)

# How long a response with a validator is kept after it has become stale, in stores that expire.
_GRACE_OF_VALIDATORS: Final = 30 * 86400.0
# Parts that come one after the other are joined in memory, and each time all that is there is
# written anew (RFC 9111, section 3.4: a cache MAY combine). Larger ones lie beside each other.
_MOST_APPENDED: Final = 64 * 1024 * 1024
_MOST_EXPECTED: Final = 256
_NO_WISHES: Final = RequestDirectives()
_SHARES_KEY_OF_GET: Final = frozenset(("GET", "HEAD"))


class Http:
    """Follow HTTP caching as a private cache does."""

    remembers_redirects = False

    def __init__(self, rules: Rules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._expected: dict[str, Revalidation] = {}
        """By their keys, how responses are validated that have been validated before."""

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
        if len(stored) == 1:
            expected = self._expected.get(stored[0].key)
            if expected is not None and expected.is_next(request, stored[0], now):
                return expected.fetch
        return decide(request, stored, now, self.rules)

    def after_response(
        self,
        request: RequestHead,
        response: ResponseHead,
        fetch: Fetch,
        request_time: float,
        response_time: float,
    ) -> Outcome:
        rules, asked = self.rules, fetch.selected
        if response.status != 304 or asked is None or not asked.key:
            return after_response(request, response, fetch, request_time, response_time, rules)
        known = self._expected.pop(asked.key, None)
        if known is not None and known.fetch is fetch:
            outcome = known.answered(response, request_time, response_time, rules)
            if outcome is not None:
                self._expect(asked.key, known.renewed(outcome, rules))
                return outcome
        decided = after_response(request, response, fetch, request_time, response_time, rules)
        if isinstance(decided, Freshen):
            self._expect(asked.key, revalidation(request, fetch, decided, rules))
        return decided

    def _expect(self, key: str, following: Revalidation | None) -> None:
        if following is not None:
            if len(self._expected) >= _MOST_EXPECTED:
                self._expected.clear()
            self._expected[key] = following

    def on_error(
        self, request: RequestHead, fetch: Fetch, now: float, status: int | None = None
    ) -> Serve | None:
        return on_error(request, fetch, now, self.rules, status)

    def can_resume(self, head: StoredHead) -> bool:
        return resumable(head) is not None

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


# After a response: what it means for the cache and for the caller (sections 3 and 4)


def after_response(
    request: RequestHead,
    response: ResponseHead,
    fetch: Fetch,
    request_time: float,
    response_time: float,
    rules: Rules = DEFAULT_RULES,
) -> Outcome:
    """Decide what a response to a `Fetch` does.

    `request` is the caller's, without what the fetch added. The times are UNIX seconds at which
    the request was sent and the head of the response was complete.
    """
    if is_error(response.status):
        serve = on_error(request, fetch, response_time, rules, response.status)
        if serve is not None:
            return serve
    this = Transaction(request, response, fetch, request_time, response_time, rules)
    if fetch.completes and response.status in (206, 304, 416):
        return _completed(this)
    if response.status == 304:
        return _not_modified(this)
    if response.status == 200 and request.method == "HEAD" and fetch.storable:
        return _described(this)
    return _kept(this)


class Transaction(NamedTuple):
    """Hold what `after_response` was told."""

    request: RequestHead
    response: ResponseHead
    fetch: Fetch
    request_time: float
    response_time: float
    rules: Rules

    @property
    def received(self) -> ResponseHead:
        """Return the response with the fields that may be stored."""
        return ResponseHead(
            self.response.status, storable_fields(self.response.headers, self.response_time)
        )

    def told(self, *, stored: bool = False) -> CacheStatus:
        """Return the Cache-Status of the fetch, with the status that came."""
        return self.fetch.cache_status._replace(fwd_status=self.response.status, stored=stored)

    @property
    def matching(self) -> list[StoredHead]:
        """Return what is stored and selected by the request."""
        return [head for head in self.fetch.known if matches(head, self.request.headers)]

    def as_get(self) -> Transaction:
        """Return the transaction as if the response had answered GET, with nothing stored yet."""
        request = self.request._replace(method="GET")
        return self._replace(request=request, fetch=Fetch(self.fetch.cache_status))

    def new_head(self) -> StoredHead:
        """Return the response as a head to store."""
        headers = self.received.headers
        return StoredHead(
            self.response.status,
            headers,
            self.request.method,
            self.request.url,
            self.request_time,
            self.response_time,
            variant=variant(headers, self.request.headers),
            lifetime=self.rules.lifetime,
        )


def _kept(this: Transaction, also_remove: tuple[StoredHead, ...] = ()) -> Outcome:
    """Store the response, or say why not (RFC 9111, section 3)."""
    effects = _effects(this, also_remove)
    if answers_get(this.request, this.response):
        this = this.as_get()
    if not this.fetch.storable:
        return Discard("pass-through", this.told(), effects)
    if this.response.status == 206 and adds_nothing(this):
        return Discard("complete response is stored", this.told(), effects)
    reason = refusal(this.request, this.response, this.rules)
    if reason is not None:
        return Discard(reason, this.told(), effects)
    if this.response.status == 206:
        for head in this.matching:
            joined = join(head, this.received)
            if joined is not None and joined.part.span.size <= _MOST_APPENDED:
                return _combined(this, head, joined)
    return Store(this.new_head(), this.told(stored=True), effects)


def _effects(this: Transaction, also_remove: tuple[StoredHead, ...]) -> Effects:
    removed = superseded(this) if this.fetch.storable else ()
    effects = Effects(remove=tuple(dict.fromkeys(also_remove + removed)))
    if not invalidates(this.request, this.response, this.rules):
        return effects
    urls = invalidated_urls(this.request, this.response)
    return effects._replace(urls=urls, groups=invalidated_groups(this.response.headers))


def _not_modified(this: Transaction) -> Outcome:
    """Use a 304 for the stored response it is about (RFC 9111, sections 4.3.3 and 4.3.4)."""
    if heads := identified(this.request, this.response, this.fetch.nominated):
        # The most recent one that the request selects.
        mine = next((head for head in heads if matches(head, this.request.headers)), None)
        updates, removed = _freshened(this, heads, copied=mine is None)
        chosen = next((update for update in updates if update.stored is mine), updates[0])
    elif head := confirmed(this.request, this.response, this.fetch.nominated):
        # It is served as it is, and nothing changes, unless the 304 forbids to store it.
        updates, chosen = [], Update(head, head)
        removed = () if _still_storable(this, _renewed(this, head)) else (head,)
    elif this.fetch.nominated and not _is_for_caller(this):
        return Retry(_plain(this.fetch))
    else:
        return Discard("304 for the caller", this.told())
    if not can_answer(this.request, chosen.head):
        return Retry(_plain(this.fetch))
    state = measure(chosen.head, this.response_time, this.rules)
    kept = tuple(update for update in updates if update.stored not in removed)
    told = this.told(stored=bool(kept))
    serve = present(this.request, chosen.head, state, told, validated=True)
    return Freshen(kept, serve._replace(stored=chosen.stored), told, Effects(remove=removed))


def _freshened(
    this: Transaction, heads: list[StoredHead], *, copied: bool
) -> tuple[list[Update], tuple[StoredHead, ...]]:
    """Bring stored heads up to date; those that may not be stored any more are to remove.

    If the request selects none of them, its own variant joins with a copy of a body.
    """
    updates = [Update(head, _renewed(this, head)) for head in heads]
    if copied:
        copy = updates[0].head._replace(key="", url=this.request.url)
        selected_by = variant(copy.headers, this.request.headers)
        # With `Vary: *` a copy would be no different.
        if selected_by != copy.variant:
            updates.insert(0, Update(heads[0], copy._replace(variant=selected_by)))
    removed = [update.stored for update in updates if not _still_storable(this, update.head)]
    return updates, tuple(dict.fromkeys(removed))


def _renewed(this: Transaction, head: StoredHead) -> StoredHead:
    """Return a stored head with the fields and times of this response (section 3.2)."""
    received = storable_fields(this.response.headers, this.response_time)
    headers = updated_fields(head.headers, received)
    mine = matches(head, this.request.headers)
    return head._replace(
        headers=headers,
        request_time=this.request_time,
        response_time=this.response_time,
        variant=variant(headers, this.request.headers) if mine else head.variant,
        lifetime=this.rules.lifetime,
        alternate=False,
    )


def _still_storable(this: Transaction, head: StoredHead) -> bool:
    return refusal(this.request, ResponseHead(head.status, head.headers), this.rules) is None


def _is_for_caller(this: Transaction) -> bool:
    """Say whether a 304 names a tag that the caller asked about."""
    tags = parse_tags(this.request.headers.joined("if-none-match") or "")
    return any(weak_match(tag, tag_of(this.response.headers)) for tag in tags)


def _described(this: Transaction) -> Outcome:
    """Use a 200 to HEAD for the stored responses to GET (RFC 9111, section 4.3.5)."""
    gets = [head for head in this.matching if head.method == "GET"]
    agreeing = [head for head in gets if head_agrees(head, this.received)]
    updates = [Update(head, _renewed(this, head)) for head in agreeing]
    kept = tuple(update for update in updates if _still_storable(this, update.head))
    valid = [update.stored for update in kept]
    effects = Effects(remove=tuple(head for head in gets if head not in valid))
    if not kept:
        return _kept(this, effects.remove)
    return Freshen(kept, None, this.told(stored=True), effects)


def _completed(this: Transaction) -> Outcome:
    """Use the missing rest of a stored part, else ask again for the whole (section 3.4)."""
    part = this.fetch.selected
    joined = join(part, this.received) if part else None
    if part is None or joined is None:
        return Retry(_plain(this.fetch))
    outcome = _combined(this, part, joined)
    if not _still_storable(this, outcome.head) or not can_answer(this.request, outcome.head):
        return Retry(_plain(this.fetch))
    state = measure(outcome.head, this.response_time, this.rules)
    serve = present(this.request, outcome.head, state, outcome.cache_status, validated=True)
    return outcome._replace(serve=serve, instead=_plain(this.fetch))


def _combined(this: Transaction, part: StoredHead, joined: Joined) -> Combine:
    head = with_octets(_renewed(this, part), joined.part)
    told = this.told(stored=True)
    return Combine(part, joined.before, joined.after, head, None, told)


def _plain(fetch: Fetch) -> Fetch:
    """Return the same fetch as the caller wrote it; a 304 to it can only be the caller's."""
    return fetch._replace(set_fields=(), nominated=(), completes=False)


# Which responses may be stored, and what they replace (section 3)

# RFC 6585, sections 3 to 6: they must not be stored, whatever they say.
NEVER_STORED_STATUSES = frozenset((428, 429, 431, 511))


def refusal(request: RequestHead, response: ResponseHead, rules: Rules) -> str | None:
    """Return why a response must not be stored, or is not worth it; None if it may be."""
    told = response_directives(response.headers)
    return (
        _forbidden_by_request(request, rules)
        or _forbidden_by_status(request, response, rules)
        or forbids_storing(told, response.status)
        or _never_usable(response, told, rules)
    )


def answers_get(request: RequestHead, response: ResponseHead) -> bool:
    """Say whether a response to POST may be stored as one to GET (RFC 9110, section 9.3.3).

    It must state a lifetime, and that it is what GET would give.
    """
    if request.method != "POST" or response.status != 200:
        return False
    location = response.headers.first("content-location")
    if not location or resolved(request.url, location) != resolved(request.url, ""):
        return False
    told = response_directives(response.headers)
    return told.max_age is not None or "expires" in response.headers


def _forbidden_by_request(request: RequestHead, rules: Rules) -> str | None:
    if request.method not in rules.methods:
        return "method"
    if rules.no_store or request_directives(request.headers).no_store:
        return "request no-store"
    return None


def _forbidden_by_status(request: RequestHead, response: ResponseHead, rules: Rules) -> str | None:
    if response.status < 200:
        return "not final"
    if response.status == 304:
        return "304"
    if response.status in NEVER_STORED_STATUSES:
        return "status never cacheable"
    if response.status == 206 and not is_storable_part(request, response.headers):
        return "partial content"
    if rules.statuses is not None and response.status not in rules.statuses:
        return "status excluded by setting"
    return None


def _never_usable(response: ResponseHead, told: ResponseDirectives, rules: Rules) -> str | None:
    allowed = (
        told.public
        or told.private
        or told.max_age is not None
        or "expires" in response.headers
        or response.status in HEURISTIC_STATUSES
    )
    if not allowed:
        return "status not cacheable by default"
    if has_validator(response.headers, 0.0):
        return None
    if told.no_cache or "*" in selecting_fields(response.headers):
        return "cannot be validated"
    uses = (
        told.max_age,
        told.stale_while_revalidate,
        told.stale_if_error,
        response.headers.first("expires"),
        rules.lifetime or None,
        rules.fallback or None,
        rules.stale_while_revalidate,
        rules.stale_if_error,
    )
    return "no lifetime and no validator" if all(use is None for use in uses) else None


def superseded(this: Transaction) -> tuple[StoredHead, ...]:
    """Return what to remove: the most recent answer counts, whether it is stored or not.

    An error that speaks of the request or of the server's state says nothing about what is
    stored, other errors apart; a missing resource does.
    """
    status = this.response.status
    same = [head for head in this.matching if head.method == this.request.method]
    if status >= 400 and status not in (404, 410):
        return tuple(head for head in same if head.status >= 400)
    if status == 206:
        return tuple(head for head in same if _outdated(head, this))
    return tuple(same)


def adds_nothing(this: Transaction) -> bool:
    """Say whether a part arrived of what is stored as a whole."""
    return any(
        head.status != 206 and not contradict(head.headers, this.response.headers)
        for head in this.matching
    )


def _outdated(stored: StoredHead, this: Transaction) -> bool:
    if contradict(stored.headers, this.response.headers):
        return True
    old = parse_content_range(stored.headers.joined("content-range"))
    new = parse_content_range(this.response.headers.joined("content-range"))
    if old is None or new is None:
        return False
    return new.span.first <= old.span.first and old.span.last <= new.span.last
