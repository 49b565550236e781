"""Changing stored fields by a later response (RFC 9111, sections 3.2 and 4.3.5)."""

from __future__ import annotations

from .tables import NEVER_UPDATED
from .values import Headers, ResponseHead, StoredHead


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
