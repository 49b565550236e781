"""Byte ranges as requests ask for them and 206 responses name them (RFC 9110, section 14)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from .fields import OWS, split_list

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
