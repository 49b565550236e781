"""Which serializer wrote some bytes: every format begins with its own mark."""

from __future__ import annotations

from typing import Final

from ..errors import FormatMismatchError

__all__ = ["NAMED", "mark_of", "mismatch"]

NAMED: Final = b"RQX\x01"
"""Begins what a serializer of another distribution wrote; its name follows, after its length."""

# How stored values begin -> who wrote them, and what to do about it.
_MARKS: Final = (
    (b"RQC", "default", 'serializer="default"'),
    (b"RQV", "default", 'serializer="default"'),
    (b"RQB", "default", 'serializer="default"'),
    (b"RQP", "pickle", 'serializer="pickle"'),
    (b"RQD", "bson", 'serializer="bson"'),
    (b'{"format": "requests-cache/json"', "json", 'serializer="json"'),
    (b"format: requests-cache/yaml", "yaml", 'serializer="yaml"'),
    (b"RQF", "custom", "the object with dumps() and loads() that wrote it"),
    (b"RQS", "signed", "its secret_key"),
    (b"RQE", "encrypted", "an Encryption stage with its key"),
    (b"RQZ", "compressed", "a Compression stage"),
    (b"RQT", "functions", "the Stage of functions that wrote it"),
    (
        b"\x80",
        "pickle of another program",
        "requests_cache.migrate, if it is an older requests-cache",
    ),
)


def mismatch(head: bytes, reader: str) -> FormatMismatchError:
    """Give the error for a value that `reader` did not write; it says who did."""
    for mark, name, advice in (*_MARKS, *_named(head)):
        if head.startswith(mark) and name != reader:
            return FormatMismatchError(
                f"the stored value was written by another serializer ({name}) than reads it"
                f" ({reader}): open the cache with {advice}"
            )
    return FormatMismatchError(f"the stored value was not written by the serializer {reader!r}")


def mark_of(name: str) -> bytes:
    """Give the mark of a serializer of another distribution."""
    text = name.encode("ascii")
    return NAMED + bytes([len(text)]) + text


def _named(head: bytes) -> tuple[tuple[bytes, str, str], ...]:
    """Give the mark of the serializer that a head names, if it names one."""
    if not head.startswith(NAMED):
        return ()
    size = head[len(NAMED)] if len(head) > len(NAMED) else 0
    name = head[len(NAMED) + 1 :][:size].decode("ascii", "replace")
    return ((NAMED, name, f"serializer={name!r}"),)
