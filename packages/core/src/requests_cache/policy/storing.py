"""Which responses may be stored, what of them, and what they replace (RFC 9111, section 3)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from .cache_status import CacheStatus
from .directives import ResponseDirectives, request_directives, response_directives
from .fields import Headers, format_date, parse_date, split_list
from .invalidation import resolved
from .partial import is_storable_part, span_of
from .ranges import parse_content_range
from .tables import HEURISTIC_STATUSES, NEVER_STORED, NEVER_STORED_STATUSES, UNDERSTOOD_STATUSES
from .validators import contradict, has_validator
from .values import Fetch, RequestHead, ResponseHead, Rules, StoredHead
from .vary import matches, selecting_fields, variant


def refusal(request: RequestHead, response: ResponseHead, rules: Rules) -> str | None:
    """Return why a response must not be stored, or is not worth it; None if it may be."""
    told = response_directives(response.headers)
    return (
        _forbidden_by_request(request, rules)
        or _forbidden_by_status(request, response, rules)
        or _forbidden_by_directive(response, told)
        or _never_usable(response, told, rules)
    )


def may_be_reused(stored: StoredHead) -> bool:
    """Say whether a stored response may be used at all: not one that says `no-store`.

    Who stored it may follow other rules (RFC 9111, section 5.2.2.5).
    """
    head = ResponseHead(stored.status, stored.headers)
    return _forbidden_by_directive(head, response_directives(stored.headers)) is None


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


def storable_fields(headers: Headers, response_time: float) -> Headers:
    """Return the fields to store: those of one connection are left out, Date is completed.

    RFC 9111, section 3.1; RFC 9110, section 6.6.1 for the Date.
    """
    kept = headers.without(_never_stored(headers.joined("connection")))
    if parse_date(headers.first("date") or "", response_time) is not None:
        # Others than what came, for a hook may change that until it is stored.
        return kept if kept is not headers else headers.copy()
    return kept.replaced([("Date", format_date(response_time))])


# An origin says the same each time.
@lru_cache(64)
def _never_stored(connection: str | None) -> frozenset[str]:
    listed = () if connection is None else split_list(connection)
    return NEVER_STORED.union(name.lower() for name in listed)


def is_complete(request: RequestHead, response: ResponseHead, received: int) -> bool:
    """Say whether a body of this many transferred octets is the whole (RFC 9111, section 3.3).

    An incomplete one must not be stored as if it were complete, nor joined to another: a part has
    all that its Content-Range says, whether or not a length was announced.
    """
    if request.method == "HEAD" or response.status in (204, 304):
        return True
    part = span_of(response.headers) if response.status == 206 else None
    if part is not None and part.span.size != received:
        return False
    announced = response.headers.joined("content-length")
    if announced in (None, str(received)) or "transfer-encoding" in response.headers:
        return True
    return all(
        member.isdecimal() and member.lstrip("0") == str(received or "")
        for member in split_list(announced)
    )


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


def _forbidden_by_directive(response: ResponseHead, told: ResponseDirectives) -> str | None:
    """Obey no-store, unless must-understand lifts it for a status we understand (5.2.2.3)."""
    if told.must_understand:
        return None if response.status in UNDERSTOOD_STATUSES else "must-understand"
    return "no-store" if told.no_store else None


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

    @property
    def told(self) -> CacheStatus:
        """Return the Cache-Status of the fetch, with the status that came."""
        return self.fetch.cache_status._replace(fwd_status=self.response.status)

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
