"""Values that say whose they are: a torn or foreign one is seen."""

from __future__ import annotations

import json
import random
from hashlib import sha256

from requests_cache.backends.base import Entry

__all__ = ["check", "make_entry"]


def make_entry(key: str, number: int, size: int, expires: float | None = None) -> Entry:
    """Make a value that says its key, its number and its own checksum."""
    body = random.Random(f"{key}/{number}").randbytes(size)
    head = json.dumps([key, number, sha256(body).hexdigest()]).encode()
    return Entry(head, body, expires, expires and expires + 1)


def check(key: str, entry: Entry) -> int:
    """Give the number of a value; raise if it is torn or another key's."""
    name, number, digest = json.loads(entry.head)
    assert name == key, f"foreign value under {key}: {name}"
    assert sha256(entry.body).hexdigest() == digest, f"torn value under {key}"
    return int(number)
