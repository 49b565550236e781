"""What a store keeps under a key."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from .. import clock

__all__ = ["DAMAGED", "NOTE_PREFIX", "Entry", "is_expired", "is_key", "is_over", "is_sound"]

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

    @property
    def size(self) -> int:
        """Bytes of head and body."""
        return len(self.head) + len(self.body)


DAMAGED: Final = Entry(b"")
"""What stands for a value that is none: no serializer reads an empty head. So it is counted, told
of and deleted as other bytes that cannot be read."""


def is_sound(entry: Any) -> bool:
    """Say whether an entry holds what one may hold; its store may have been written to by hand."""
    head, body, expires, keep_until = entry
    return (
        isinstance(head, bytes)
        and isinstance(body, bytes)
        and (expires is None or _is_number(expires))
        and (keep_until is None or _is_number(keep_until))
    )


def _is_number(value: object) -> bool:
    # Not a number is not equal to itself.
    return isinstance(value, (int, float)) and value == value  # noqa: PLR0124


def is_key(key: object) -> bool:
    """Say whether every store can look for a key: text that can be written as UTF-8."""
    if not isinstance(key, str):
        return False
    try:
        return key.isascii() or bool(key.encode())
    except UnicodeEncodeError:
        return False


def is_expired(entry: Entry, now: float | None = None) -> bool:
    """Say whether an entry has expired."""
    return entry.expires is not None and entry.expires <= (clock.now() if now is None else now)


def is_over(entry: Entry, now: float) -> bool:
    """Say whether an entry need not be kept any longer."""
    return entry.keep_until is not None and entry.keep_until <= now
