"""Before the network: is the answer stored, and if not, what to ask for (RFC 9111, section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum
from hashlib import sha256

from .cache_status import CacheStatus
from .fields import Headers
from .freshness import (
    Freshness,
    RequestDirectives,
    may_be_reused,
    may_refresh_later,
    may_serve_on_error,
    measure,
    request_directives,
)
from .partial import (
    ContentRange,
    Span,
    completion,
    extension,
    held,
    overlapping,
    parse_range,
    resolve,
)
from .selection import (
    conditions,
    for_origin_only,
    is_conditional,
    is_not_modified,
    matches,
    most_recent_first,
    same_search,
    tag_of,
    wants_range_of,
)
from .values import (
    DEFAULT_RULES,
    Decision,
    Fetch,
    GatewayTimeout,
    Piece,
    Refresh,
    RequestHead,
    Rules,
    Serve,
    StoredHead,
)

# Fields that ask for less than the whole response.
_FOR_LESS_THAN_ALL = frozenset(("if-none-match", "if-modified-since", "if-range", "range"))


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
    return not stored.alternate or same_search(stored, request.url)


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
    own = request
    if selected.status != 206:
        own = request._replace(headers=request.headers.without(_FOR_LESS_THAN_ALL))
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


# So many variants of one URL can be named without an overlong request.
_MOST_TAGS = 32


def nominated(
    request: RequestHead, selected: StoredHead | None, others: Iterable[StoredHead]
) -> tuple[StoredHead, ...]:
    """Return the stored responses whose validators to send, the selected one first.

    Other variants take part by their entity tags; incomplete ones do not, since a 304 would
    leave the caller without the rest (sections 4.3.1 and 4.3.2).
    """
    if (request.headers.joined("if-none-match") or "").strip() == "*":
        return ()
    tagged = [head for head in others if head.status != 206 and tag_of(head.headers)]
    first = [selected] if selected else []
    rest = [head for head in tagged if head is not selected and may_be_reused(head)]
    rest = most_recent_first(rest)
    return tuple((first + rest)[:_MOST_TAGS])


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


# The answer out of a stored response

# RFC 9110, section 15.4.5: metadata of a body that a 304 does not have.
_NOT_IN_304 = frozenset(
    ("content-encoding", "content-language", "content-length", "content-range", "content-type"),
)
_Answer = tuple[int, Headers, tuple[Piece, ...] | None]
"""Status, fields and body."""


def asks_range(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether Range applies: to GET, a stored 200 or 206, and only if If-Range agrees.

    Otherwise it is ignored (RFC 9110, sections 13.1.5 and 14.2).
    """
    return (
        request.method == "GET"
        and stored.status in (200, 206)
        and "range" in request.headers
        and wants_range_of(request, stored)
    )


def can_answer(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether the stored octets are enough for the request (RFC 9111, section 3.3).

    A Range that we cannot read, or that asks for octets twice, is left to the origin.
    """
    if not asks_range(request, stored):
        return stored.status != 206
    found = _asked_octets(request, stored)
    if found is None:
        return False
    part, spans = found
    return not overlapping(spans) and all(
        part.span.first <= span.first and span.last <= part.span.last for span in spans
    )


def _asked_octets(
    request: RequestHead, stored: StoredHead
) -> tuple[ContentRange, list[Span]] | None:
    """Return the octets that are stored, and those asked for; None where either is unknown."""
    part, asked = held(stored), parse_range(request.headers.joined("range") or "")
    return None if part is None or asked is None else (part, resolve(asked, part.length))


def cut(request: RequestHead, stored: StoredHead, headers: Headers) -> _Answer | None:
    """Return the answer to the request's Range; None where the whole response is the answer."""
    found = _asked_octets(request, stored) if asks_range(request, stored) else None
    if found is None:
        return None
    part, spans = found
    if not spans:
        size = [("Content-Range", f"bytes */{part.length}"), ("Content-Length", "0")]
        return 416, headers.replaced(size), ()
    if len(spans) == 1:
        return _single(spans[0], part, headers)
    return _several(spans, part, headers)


def _single(span: Span, part: ContentRange, headers: Headers) -> _Answer:
    described = [
        ("Content-Range", str(ContentRange(span, part.length))),
        ("Content-Length", str(span.size)),
    ]
    return 206, headers.replaced(described), (_slice(span, part),)


def _several(spans: list[Span], part: ContentRange, headers: Headers) -> _Answer:
    """Write the spans as multipart/byteranges; each part says its own Content-Range."""
    boundary = sha256(f"{headers.fields!r}{spans!r}".encode("utf-8", "replace")).hexdigest()[:32]
    media_type = headers.first("content-type")
    pieces: list[Piece] = []
    size = 0
    for span in spans:
        lines = [f"\r\n--{boundary}", f"Content-Range: {ContentRange(span, part.length)}"]
        lines += [f"Content-Type: {media_type}"] if media_type else []
        head = "\r\n".join([*lines, "\r\n"]).encode("latin-1", "replace")
        pieces += [head, _slice(span, part)]
        size += len(head) + span.size
    end = f"\r\n--{boundary}--\r\n".encode()
    described = headers.without({"content-range"}).replaced(
        [
            ("Content-Type", f"multipart/byteranges; boundary={boundary}"),
            ("Content-Length", str(size + len(end))),
        ],
    )
    return 206, described, (*pieces, end)


def _slice(span: Span, part: ContentRange) -> slice:
    start = span.first - part.span.first
    return slice(start, start + span.size)


def hit(state: Freshness) -> CacheStatus:
    """Describe an answer without a forwarded request."""
    ttl = None if math.isinf(state.lifetime) else math.floor(-state.staleness)
    return CacheStatus(hit=True, ttl=ttl)


def present(
    request: RequestHead,
    stored: StoredHead,
    state: Freshness,
    status: CacheStatus,
    *,
    validated: bool = False,
) -> Serve:
    """Answer a request from a stored response.

    The caller's own conditions come first, then its Range (RFC 9110, section 13.2.2). Without
    validation Age is set, and fields that no-cache lists are left out (RFC 9111, sections 5.1 and
    5.2.2.4).
    """
    age = math.floor(state.age)
    headers = stored.headers
    if not validated:
        headers = headers.without(state.told.no_cache_fields).replaced([("Age", str(age))])
    code, headers, pieces = _answer(request, stored, headers)
    stale = not (validated or state.fresh)
    return Serve(stored, code, headers, pieces, age, stale, status)


def _answer(request: RequestHead, stored: StoredHead, headers: Headers) -> _Answer:
    if is_not_modified(request, stored):
        return 304, headers.without(_NOT_IN_304), ()
    if sliced := cut(request, stored, headers):
        return sliced
    return stored.status, headers, () if request.method == "HEAD" else None
