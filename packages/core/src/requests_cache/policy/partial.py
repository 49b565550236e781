"""Parts of a body: ranges (RFC 9110, section 14), storing and combining (RFC 9111, 3.3 and 3.4)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from .fields import OWS, Field, Headers, split_list
from .selection import strong_match, tag_of
from .values import RequestHead, ResponseHead, StoredHead

_RANGE = re.compile(r"(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.ASCII)
_CONTENT_RANGE = re.compile(
    r"bytes (?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})/(?P<length>[0-9]{1,18})",
    re.IGNORECASE | re.ASCII,
)
# RFC 9110, section 14.2 and 17.15: many small or overlapping ranges are an attack, not a wish.
_MOST_RANGES = 16


class Span(NamedTuple):
    """Name octets of a representation, `first` to `last` inclusive."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class AskedRange(NamedTuple):
    """Hold one member of a Range field; without `first` it asks for the `last` octets."""

    first: int | None
    last: int | None


class ContentRange(NamedTuple):
    """Say which octets of how many a 206 response carries."""

    span: Span
    length: int

    def __str__(self) -> str:
        return f"bytes {self.span.first}-{self.span.last}/{self.length}"


def parse_range(value: str) -> list[AskedRange] | None:
    """Read a Range field in bytes; None for other units and for what is malformed."""
    unit, equals, text = value.partition("=")
    if not equals or unit.strip(OWS).lower() != "bytes":
        return None
    asked = [_asked(member) for member in split_list(text)]
    valid = [member for member in asked if member is not None]
    if not valid or len(valid) != len(asked) or len(valid) > _MOST_RANGES:
        return None
    return valid


def _asked(text: str) -> AskedRange | None:
    match = _RANGE.fullmatch(text)
    if not match or text == "-":
        return None
    first, last = (int(match[name]) if match[name] else None for name in ("first", "last"))
    if first is not None and last is not None and last < first:
        return None
    return AskedRange(first, last)


def resolve(asked: list[AskedRange], length: int) -> list[Span]:
    """Return the satisfiable spans of a representation; empty means 416."""
    spans = [_span(member, length) for member in asked]
    return [span for span in spans if span is not None]


def _span(asked: AskedRange, length: int) -> Span | None:
    if asked.first is None:
        suffix = min(asked.last or 0, length)
        return Span(length - suffix, length - 1) if suffix else None
    last = length - 1 if asked.last is None else min(asked.last, length - 1)
    return Span(asked.first, last) if asked.first < length else None


def overlapping(spans: list[Span]) -> bool:
    """Say whether some octet is asked for twice."""
    ordered = sorted(spans)
    return any(later.first <= sooner.last for sooner, later in pairwise(ordered))


def parse_content_range(value: str | None) -> ContentRange | None:
    """Read a Content-Range that names a span and the complete length; None for all others."""
    match = _CONTENT_RANGE.fullmatch(value) if value else None
    if not match:
        return None
    first, last, length = (int(match[name]) for name in ("first", "last", "length"))
    return ContentRange(Span(first, last), length) if first <= last < length else None


# Parts

# What answers a range is joined in memory; larger ones are left to the origin.
_MOST_EXTENDED: Final = 16 * 1024 * 1024


class Joined(NamedTuple):
    """Describe a combination: stored octets, the received body, stored octets."""

    before: slice
    after: slice
    part: ContentRange
    """What it has."""


def is_storable_part(request: RequestHead, headers: Headers) -> bool:
    """Say whether a 206 is one known span that was asked for."""
    return request.method == "GET" and "range" in request.headers and span_of(headers) is not None


def span_of(headers: Headers) -> ContentRange | None:
    """Return the octets that a 206 says it has; None for several spans, and for coded ones.

    Of a content coding the rest could not be decoded on its own.
    """
    media_type = (headers.first("content-type") or "").lower()
    if media_type.startswith("multipart/byteranges") or "content-encoding" in headers:
        return None
    return parse_content_range(headers.joined("content-range"))


def held(stored: StoredHead) -> ContentRange | None:
    """Return the octets that a stored response has; None where slices of it cannot be served."""
    length = stored.body_length
    if length is None or stored.method != "GET":
        return None
    if stored.status != 206:
        return ContentRange(Span(0, length - 1), length)
    part = span_of(stored.headers)
    return part if part and part.span.size == length else None


def broken_off(head: StoredHead, received: int) -> StoredHead | None:
    """Describe the beginning of a body that broke off as a part; None where that is of no use.

    The rest can be joined to it only under a strong validator (RFC 9111, sections 3.3 and 3.4).
    """
    whole = resumable(head)
    if whole is None or not 0 < received < whole.span.size:
        return None
    first = whole.span.first
    return with_octets(head, ContentRange(Span(first, first + received - 1), whole.length))


def with_octets(head: StoredHead, part: ContentRange) -> StoredHead:
    """Return a head that says which octets it has, a 200 as soon as nothing is missing."""
    size = ("Content-Length", str(part.span.size))
    if part.span.size == part.length:
        status, headers = 200, head.headers.without({"content-range"}).replaced([size])
    else:
        status, headers = 206, head.headers.replaced([("Content-Range", str(part)), size])
    return head._replace(status=status, headers=headers, body_length=part.span.size)


def resumable(head: StoredHead) -> ContentRange | None:
    """Return the octets that a response says it has; None where the rest could not be joined."""
    tag = tag_of(head.headers)
    return _announced(head) if strong_match(tag, tag) else None


def _announced(head: StoredHead) -> ContentRange | None:
    """Return the octets that a response to GET says it has, if it has them as they are."""
    if head.method != "GET" or head.status not in (200, 206):
        return None
    if head.status == 206:
        return span_of(head.headers)
    length = head.headers.joined("content-length") or ""
    if "content-encoding" in head.headers or not (length.isdecimal() and length.isascii()):
        return None
    return ContentRange(Span(0, int(length) - 1), int(length))


def completion(stored: StoredHead) -> tuple[Field, ...]:
    """Return the fields that ask for the missing end or beginning of a stored part.

    None where that is unsafe: only octets that share a strong validator may be combined.
    """
    part, tag = held(stored), tag_of(stored.headers)
    missing = _missing(part) if part else None
    if missing is None or not strong_match(tag, tag):
        return ()
    return (("Range", f"bytes={missing}"), ("If-Range", str(tag)))


def _missing(part: ContentRange) -> str | None:
    first, last = part.span
    if first == 0:
        return f"{last + 1}-"
    return f"0-{first - 1}" if last == part.length - 1 else None


def extension(stored: StoredHead, asked: str) -> tuple[Field, ...]:
    """Return the field that asks for what a stored part lacks of a single range.

    None where nothing is saved, or the parts cannot be combined. Without If-Range: who asks for a
    range is to get a part of what is new, not all of it, and what has another tag is not joined.
    """
    part, tag, ranges = held(stored), tag_of(stored.headers), parse_range(asked)
    if part is None or not ranges or len(ranges) > 1 or not strong_match(tag, tag):
        return ()
    missing = next((_lacking(part.span, span) for span in resolve(ranges, part.length)), None)
    if missing is None or part.span.size + missing.size > _MOST_EXTENDED:
        return ()
    return (("Range", f"bytes={missing.first}-{missing.last}"),)


def _lacking(held: Span, asked: Span) -> Span | None:
    """Return what lies before or behind stored octets, if they have some of what is asked for."""
    if held.first <= asked.first <= held.last < asked.last:
        return Span(held.last + 1, asked.last)
    if asked.first < held.first <= asked.last <= held.last:
        return Span(asked.first, held.first - 1)
    return None


def join(stored: StoredHead, response: ResponseHead) -> Joined | None:
    """Join a 206 to the stored part that it extends; None where that is not safe."""
    old, new = held(stored), span_of(response.headers)
    if response.status != 206 or stored.status != 206 or old is None or new is None:
        return None
    if not strong_match(tag_of(stored.headers), tag_of(response.headers)):
        return None
    if new.length != old.length or not _extends(old.span, new.span):
        return None
    span = Span(min(old.span.first, new.span.first), max(old.span.last, new.span.last))
    before = slice(0, max(0, new.span.first - old.span.first))
    after = slice(new.span.last + 1 - old.span.first, None)
    return Joined(before, after, ContentRange(span, new.length))


def _extends(old: Span, new: Span) -> bool:
    """Say whether two spans touch or overlap, and the new one adds something."""
    if new.first > old.last + 1 or old.first > new.last + 1:
        return False
    return new.first < old.first or new.last > old.last


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
