"""Documents of another shape than ours: each is one value that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from requests_cache.backends.base import Entry
from requests_cache.backends.mongo import MongoDict

SOUND = {"_id": "key", "head": b"head", "body": b"body", "expires": None, "keep_until": None}


@pytest.mark.parametrize("make", [MongoDict])
@pytest.mark.parametrize(
    "change",
    [
        {"keep_until": "soon"},
        {"keep_until": {}},
        {"head_size": "1", "file": 1},
        {"file": {"$set": 1}, "head_size": 1, "size": None},
    ],
)
def test_what_was_made_up_cannot_be_read(make: Any, change: dict[str, Any]) -> None:
    storage = make("x", "y", host="mongodb://127.0.0.1:1", serverSelectionTimeoutMS=1)
    assert storage._entry(SOUND) == Entry(b"head", b"body")
    del_size = {name: value for name, value in {**SOUND, **change}.items() if name != "size"}
    assert storage._entry(del_size) == Entry(b"")


@pytest.mark.parametrize("lacks", ["expires", "keep_until"])
def test_what_lacks_a_field_cannot_be_read(lacks: str) -> None:
    storage = MongoDict("x", "y", host="mongodb://127.0.0.1:1", serverSelectionTimeoutMS=1)
    document = {name: value for name, value in SOUND.items() if name != lacks}
    assert storage._entry(document) == Entry(b"")
