"""Conditions that the caller put into the request (RFC 9111, section 4.3.2)."""

from __future__ import annotations

from .age import date_value
from .dates import parse_date
from .tables import ORIGIN_CONDITIONS
from .validators import (
    is_strong_date,
    modified_of,
    parse_tag,
    parse_tags,
    strong_match,
    tag_of,
    weak_match,
)
from .values import RequestHead, StoredHead


def for_origin_only(request: RequestHead) -> bool:
    """Say whether a condition is one that a cache must not evaluate."""
    return request.headers.has_any(ORIGIN_CONDITIONS)


def is_conditional(request: RequestHead) -> bool:
    """Say whether the caller is prepared for a 304."""
    return request.headers.has_any(_CONDITIONS)


_CONDITIONS = frozenset(("if-none-match", "if-modified-since"))


def is_not_modified(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether the caller already has what is stored, so that a 304 answers the request.

    Only a 2xx answer can become a 304 (RFC 9110, section 13.2.1), and If-Modified-Since counts
    only without If-None-Match (section 13.1.3).
    """
    if not 200 <= stored.status < 300:
        return False
    tags = request.headers.joined("if-none-match")
    if tags is not None:
        return _has_tag(tags, stored)
    since = parse_date(request.headers.first("if-modified-since") or "", stored.response_time)
    if since is None:
        return False
    modified = modified_of(stored.headers, stored.response_time)
    return (date_value(stored) if modified is None else modified) <= since


def wants_range_of(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether If-Range lets the Range apply to what is stored (RFC 9110, section 13.1.5)."""
    condition = request.headers.first("if-range")
    if condition is None:
        return True
    since = parse_date(condition, stored.response_time)
    if since is None:
        return strong_match(parse_tag(condition), tag_of(stored.headers))
    return is_strong_date(stored) and since == modified_of(stored.headers, stored.response_time)


def _has_tag(tags: str, stored: StoredHead) -> bool:
    own = tag_of(stored.headers)
    return tags.strip() == "*" or any(weak_match(tag, own) for tag in parse_tags(tags))
