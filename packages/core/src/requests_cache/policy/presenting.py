"""Making the answer to a request, or to a Range, out of a stored response (RFC 9111, section 4)."""

from __future__ import annotations

import math
from hashlib import sha256
from typing import NamedTuple

from .cache_status import CacheStatus
from .fields import Headers
from .freshness import Freshness
from .partial import held
from .ranges import ContentRange, Span, overlapping, parse_range, resolve
from .tables import NOT_IN_304
from .validation import is_not_modified, wants_range_of
from .values import Piece, RequestHead, Serve, StoredHead


class Sliced(NamedTuple):
    """Hold status, header fields and body of the answer to a Range."""

    status: int
    headers: Headers
    pieces: tuple[Piece, ...]


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
    part = held(stored)
    asked = parse_range(request.headers.joined("range") or "")
    if part is None or asked is None:
        return False
    spans = resolve(asked, part.length)
    return not overlapping(spans) and all(
        part.span.first <= span.first and span.last <= part.span.last for span in spans
    )


def cut(request: RequestHead, stored: StoredHead, headers: Headers) -> Sliced | None:
    """Return the answer to the request's Range; None where the whole response is the answer."""
    part = held(stored) if asks_range(request, stored) else None
    asked = parse_range(request.headers.joined("range") or "")
    if part is None or asked is None:
        return None
    spans = resolve(asked, part.length)
    if not spans:
        size = [("Content-Range", f"bytes */{part.length}"), ("Content-Length", "0")]
        return Sliced(416, headers.replaced(size), ())
    if len(spans) == 1:
        return _single(spans[0], part, headers)
    return _several(spans, part, headers)


def _single(span: Span, part: ContentRange, headers: Headers) -> Sliced:
    described = headers.replaced(
        [
            ("Content-Range", str(ContentRange(span, part.length))),
            ("Content-Length", str(span.size)),
        ],
    )
    return Sliced(206, described, (_slice(span, part),))


def _several(spans: list[Span], part: ContentRange, headers: Headers) -> Sliced:
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
    return Sliced(206, described, (*pieces, end))


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


def _answer(
    request: RequestHead, stored: StoredHead, headers: Headers
) -> tuple[int, Headers, tuple[Piece, ...] | None]:
    if is_not_modified(request, stored):
        return 304, headers.without(NOT_IN_304), ()
    if sliced := cut(request, stored, headers):
        return sliced
    return stored.status, headers, () if request.method == "HEAD" else None
