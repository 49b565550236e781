"""What a store keeps under a key."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NOTE_PREFIX", "Entry"]

NOTE_PREFIX = "note:"
"""Begins the keys of small values that a cache keeps beside its redirects; the key of a request has
no colon."""


class Entry(NamedTuple):
    """A value as a store sees it: bytes, and when they may go."""

    head: bytes
    body: bytes = b""
    expires: float | None = None
    """When the value expires, in seconds since the epoch; None for never."""
    keep_until: float | None = None
    """Until when the store has to keep an expired value, which may still be validated or served
    when the origin fails; None for ever."""
