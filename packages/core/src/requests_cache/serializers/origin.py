"""Which serializer wrote some bytes: every format begins with its own mark."""

from __future__ import annotations

from typing import Final

from ..errors import FormatMismatchError

__all__ = ["mismatch"]

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
    for mark, name, advice in _MARKS:
        if head.startswith(mark) and name != reader:
            return FormatMismatchError(
                f"the stored value was written by another serializer ({name}) than reads it"
                f" ({reader}): open the cache with {advice}"
            )
    return FormatMismatchError(f"the stored value was not written by the serializer {reader!r}")
