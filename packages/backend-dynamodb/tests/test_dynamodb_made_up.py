"""Items of another shape than ours: each is one value that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from requests_cache.backends.base import Entry
from requests_cache.backends.dynamodb import DynamoDbDict
from requests_cache.backends.dynamodb.attributes import key_of
from requests_cache.backends.dynamodb.parts import parts_of

SOUND = {"namespace": "x", "key": "key", "head": b"head", "body": b"body"}


@pytest.fixture
def storage() -> DynamoDbDict:
    return DynamoDbDict(
        "x",
        create_table=False,
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        endpoint_url="http://127.0.0.1:1",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"head_size": "many"},
        {"head_size": [1]},
        {"version": "v"},
        {"version": "v", "parts": "many"},
        {"version": "v", "parts": 1e300},
        {"version": 5, "parts": -1},
    ],
)
def test_what_was_made_up_cannot_be_read(storage: DynamoDbDict, change: dict[str, Any]) -> None:
    assert storage._entry(SOUND) == Entry(b"head", b"body")
    item = {**SOUND, **change}
    assert storage._entry(item) == Entry(b"")
    assert parts_of([item]) == []


@pytest.mark.parametrize("name", [5, "text", b"\xff", None, [b"x"]])
def test_a_name_that_is_none_is_not_that_of_a_key(name: Any) -> None:
    assert key_of({"key": "key", "name": name}) == "key"
