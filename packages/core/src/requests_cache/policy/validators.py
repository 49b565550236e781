"""Validators: when two match (RFC 9110, section 8.8), and what a later response then changes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .fields import Headers, parse_date, split_list
from .tables import NEVER_UPDATED
from .values import ResponseHead, StoredHead

# Tags without quotes or with spaces are invalid but sent; who sends them expects them unchanged.
_TAG = re.compile(
    r'(?P<weak>W/)?(?P<opaque>"[\x20\x21\x23-\x7e\x80-\xff]*"|[\x21\x23-\x2b\x2d-\x7e]+)'
)


class EntityTag(NamedTuple):
    """Hold an entity tag; `opaque` includes the quotes."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f"W/{self.opaque}" if self.weak else self.opaque


def parse_tag(text: str | None) -> EntityTag | None:
    """Read one entity tag; None where it is none."""
    return _parse_tag(text) if text else None


# A decision reads the same few tags again and again.
@lru_cache(64)
def _parse_tag(text: str) -> EntityTag | None:
    match = _TAG.fullmatch(text)
    return EntityTag(match["opaque"], bool(match["weak"])) if match else None


def parse_tags(value: str) -> list[EntityTag]:
    """Read a list of entity tags, passing over what is none."""
    return [tag for member in split_list(value) if (tag := parse_tag(member))]


def tag_of(headers: Headers) -> EntityTag | None:
    """Return the entity tag of a response."""
    return parse_tag(headers.first("etag"))


def strong_match(one: EntityTag | None, other: EntityTag | None) -> bool:
    """Compare two tags so that equal means the same octets (RFC 9110, section 8.8.3.2)."""
    return one is not None and one == other and not one.weak


def weak_match(one: EntityTag | None, other: EntityTag | None) -> bool:
    """Compare two tags so that equal means equally good (RFC 9110, section 8.8.3.2)."""
    return one is not None and other is not None and one.opaque == other.opaque


def contradict(one: Headers, other: Headers) -> bool:
    """Say whether validators show two responses to be of different representations."""
    old, new = tag_of(one), tag_of(other)
    if old is not None and new is not None:
        return not weak_match(old, new)
    before, after = one.first("last-modified"), other.first("last-modified")
    return before is not None and after is not None and before != after


def modified_of(headers: Headers, now: float) -> float | None:
    """Return the Last-Modified date of a response."""
    return parse_date(headers.first("last-modified") or "", now)


def has_validator(headers: Headers, now: float) -> bool:
    """Say whether a response can be validated later."""
    return tag_of(headers) is not None or modified_of(headers, now) is not None


def is_strong_date(stored: StoredHead) -> bool:
    """Say whether Last-Modified identifies the octets: the Date must be later by a second.

    RFC 9110, section 8.8.2.2.
    """
    modified = modified_of(stored.headers, stored.response_time)
    date = parse_date(stored.headers.first("date") or "", stored.response_time)
    return modified is not None and date is not None and date >= modified + 1


def updated_fields(stored: Headers, received: Headers) -> Headers:
    """Return stored fields brought up to date by the storable fields of a later response.

    Age belongs to the response it came with, so an old one does not survive.
    """
    return stored.without({"age"}).replaced(received.without(NEVER_UPDATED))


def head_agrees(stored: StoredHead, response: ResponseHead) -> bool:
    """Say whether a response to HEAD describes the stored response to GET (section 4.3.5).

    Each validator it has, and its length, must be the stored one.
    """
    return response.status == stored.status and all(
        response.headers.joined(name) == stored.headers.joined(name)
        for name in ("etag", "last-modified", "content-length")
        if name in response.headers
    )
