"""Storing and combining partial content (RFC 9111, sections 3.3 and 3.4)."""

from __future__ import annotations

from typing import NamedTuple

from .ranges import ContentRange, Span, parse_content_range
from .updating import updated_fields
from .validators import EntityTag, strong_match, tag_of
from .values import Field, Headers, RequestHead, ResponseHead, StoredHead


class Joined(NamedTuple):
    """Describe a combination: `keep` octets of the stored body, then the whole received one."""

    status: int
    headers: Headers
    keep: int
    body_length: int


def is_storable_part(request: RequestHead, headers: Headers) -> bool:
    """Say whether a 206 is one known span that was asked for."""
    return (
        request.method == "GET"
        and "range" in request.headers
        and parse_content_range(headers.joined("content-range")) is not None
    )


def held(stored: StoredHead) -> ContentRange | None:
    """Return the octets that a stored response has; None where slices of it cannot be served."""
    length = stored.body_length
    if length is None or stored.method != "GET":
        return None
    if stored.status != 206:
        return ContentRange(Span(0, length - 1), length)
    part = parse_content_range(stored.headers.joined("content-range"))
    return part if part and part.span.size == length else None


def completion(stored: StoredHead) -> tuple[Field, ...]:
    """Return the fields that ask for the missing end of a stored part; none where it is unsafe.

    Only octets that share a strong validator may be combined.
    """
    part, tag = held(stored), tag_of(stored.headers)
    if part is None or part.span.first or not _is_strong(tag):
        return ()
    return (("Range", f"bytes={part.span.last + 1}-"), ("If-Range", str(tag)))


def join(stored: StoredHead, response: ResponseHead) -> Joined | None:
    """Append a 206 to the stored part that it continues; None where that is not safe."""
    old, new = held(stored), parse_content_range(response.headers.joined("content-range"))
    if response.status != 206 or stored.status != 206 or old is None or new is None:
        return None
    if not strong_match(tag_of(stored.headers), tag_of(response.headers)):
        return None
    if new.length != old.length or not old.span.first <= new.span.first <= old.span.last + 1:
        return None
    if new.span.last <= old.span.last:
        return None
    span = Span(old.span.first, new.span.last)
    status, headers = _head(stored, response, ContentRange(span, new.length))
    return Joined(status, headers, new.span.first - old.span.first, span.size)


def _head(stored: StoredHead, response: ResponseHead, part: ContentRange) -> tuple[int, Headers]:
    """Return status and fields of a combination, a 200 as soon as nothing is missing."""
    headers = updated_fields(stored.headers, response.headers)
    size = ("Content-Length", str(part.span.size))
    if part.span.size == part.length:
        return 200, headers.without({"content-range"}).replaced([size])
    return 206, headers.replaced([("Content-Range", str(part)), size])


def _is_strong(tag: EntityTag | None) -> bool:
    return strong_match(tag, tag)
