"""Which bodies were found to be sound, and which of no use, in this process."""

from __future__ import annotations

from typing import Final, TypeAlias
from zlib import crc32

from .._memos import Memo
from ..errors import RecordError

__all__ = [
    "SPOILT_BODIES",
    "Identity",
    "check_body",
    "check_usable",
    "is_checked",
    "note_checked",
    "note_spoilt",
]

# A body up to this size is checked at every reading; a larger one only the first time in a
# process, because the checksum of 5 MB costs more than reading them.
_ALWAYS_CHECKED: Final = 16 * 1024
_MOST_REMEMBERED: Final = 4096
Identity: TypeAlias = tuple[int, int, float]
"""Size, checksum and time of a body."""

_checked_bodies: Final[Memo[Identity, None]] = Memo(_MOST_REMEMBERED)
SPOILT_BODIES: Final[Memo[Identity, None]] = Memo(_MOST_REMEMBERED)
"""Those that were found to be of no use, in this process. They have the right checksum."""


def check_body(body: bytes, length: int, crc: int, created: float) -> None:
    """Compare a body with what its record says of it.

    Raises:
        RecordError: it is another one, or was found to be of no use.
    """
    if len(body) != length:
        raise RecordError(f"the record's body has {len(body)} bytes instead of {length}")
    if length <= _ALWAYS_CHECKED:
        if crc32(body) != crc:
            raise RecordError("the record's body is damaged")
        if SPOILT_BODIES:
            check_usable((length, crc, created))
        return
    identity = (length, crc, created)
    if SPOILT_BODIES:
        check_usable(identity)
    if identity in _checked_bodies:
        return
    if crc32(body) != crc:
        raise RecordError("the record's body is damaged")
    note_checked(identity)


def check_usable(identity: Identity) -> None:
    """Raise RecordError for a body that was of no use before, in this process."""
    if identity in SPOILT_BODIES:
        raise RecordError("the record's body was of no use before")


def note_spoilt(identity: Identity) -> None:
    """Remember that a body is of no use."""
    SPOILT_BODIES[identity] = None


def is_checked(identity: Identity) -> bool:
    """Say whether the checksum of a body was compared before, in this process."""
    return identity in _checked_bodies


def note_checked(identity: Identity) -> None:
    """Remember that a body has the right checksum."""
    _checked_bodies[identity] = None
