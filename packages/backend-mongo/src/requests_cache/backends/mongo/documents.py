"""Entries as documents, one by one and in batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from bson.datetime_ms import DatetimeMS
from requests_cache.backends.base import Entry

from .connection import Document

__all__ = ["batches", "make_document", "times"]

# A BSON date is a signed 64-bit number of milliseconds.
_LATEST: Final = 2**63 - 1
# The largest message that a server takes has 48 MB; one batch is to be a fraction of it.
_BATCH_BYTES: Final = 8 * 1024 * 1024
_BATCH: Final = 1000


def make_document(key: str, entry: Entry) -> Document:
    """Give the document of an entry, with its body in it."""
    return {"_id": key, "head": entry.head, "body": entry.body, **times(entry)}


def times(entry: Entry) -> Document:
    """Give the fields of the times; the date is never before the time that it stands for."""
    until = entry.keep_until
    date = None if until is None else DatetimeMS(min(math.ceil(until * 1000), _LATEST))
    return {"expires": entry.expires, "keep_until": date}


def batches(items: Iterable[tuple[str, Entry]]) -> Iterator[dict[str, Entry]]:
    """Give the entries some megabytes at a time, each key once in a batch."""
    batch: dict[str, Entry] = {}
    size = 0
    for key, entry in items:
        batch[str(key)] = entry
        size += entry.size
        if size > _BATCH_BYTES or len(batch) == _BATCH:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch
