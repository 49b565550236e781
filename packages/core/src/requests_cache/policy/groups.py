"""Groups of responses that are invalidated together (RFC 9875)."""

from __future__ import annotations

from .invalidation import same_origin
from .items import Token
from .structured import parse_list
from .values import Headers, StoredHead


def groups_of(headers: Headers) -> tuple[str, ...]:
    """Return the Cache-Groups of a response (RFC 9875, section 2)."""
    return _strings(headers, "cache-groups")


def invalidated_groups(headers: Headers) -> tuple[str, ...]:
    """Return the Cache-Group-Invalidation of a response (RFC 9875, section 3).

    It counts only in the response to an unsafe method; `invalidation.invalidates` decides that.
    """
    return _strings(headers, "cache-group-invalidation")


def in_groups(stored: StoredHead, url: str, names: tuple[str, ...]) -> bool:
    """Say whether a stored response is in one of these groups of the URL's origin.

    Names are compared with case, and never across origins (RFC 9875, section 2.1).
    """
    return same_origin(stored.url, url) and not set(names).isdisjoint(groups_of(stored.headers))


def _strings(headers: Headers, name: str) -> tuple[str, ...]:
    """Return the strings of a list; a malformed list, or one with other members, is ignored."""
    items = parse_list(headers.joined(name) or "") or ()
    values = [item.value for item in items]
    if not all(isinstance(value, str) and not isinstance(value, Token) for value in values):
        return ()
    return tuple(str(value) for value in values)
