"""Updating stored fields by a 304 and by HEAD (RFC 9111, sections 3.2 and 4.3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import ResponseHead, StoredHead
from requests_cache.policy.selection import head_agrees, updated_fields

if TYPE_CHECKING:
    from .conftest import SimulatedCache

Build = Callable[..., StoredHead]
TAG = 'ETag: "a"'
SHORT = "Cache-Control: max-age=1"


@pytest.mark.parametrize(
    "name",
    ["Cache-Control", "Content-Type", "Content-Location", "Content-Language", "ETag", "X-New"],
)
def test_received_field_replaces_the_stored_one(stored: Build, name: str) -> None:
    old, new = stored(f"{name}: old", "X: 1").headers, stored(f"{name}: new").headers
    updated = updated_fields(old, new)
    assert updated.lines(name) == ["new"]
    assert updated.first("x") == "1"


@pytest.mark.parametrize("name", ["Content-Length", "Content-Encoding", "Content-Range"])
def test_fields_that_describe_the_stored_octets_stay(stored: Build, name: str) -> None:
    old, new = stored(f"{name}: old").headers, stored(f"{name}: new").headers
    assert updated_fields(old, new).lines(name) == ["old"]
    assert name not in updated_fields(stored().headers, new)


def test_all_lines_of_a_field_are_replaced(stored: Build) -> None:
    old, new = stored("X: 1", "X: 2").headers, stored("x: 3", "x: 4").headers
    assert updated_fields(old, new).lines("x") == ["3", "4"]


def test_old_age_does_not_survive(stored: Build) -> None:
    old = stored("Age: 9").headers
    assert "age" not in updated_fields(old, stored().headers)
    assert updated_fields(old, stored("Age: 2").headers).first("age") == "2"


def test_fields_of_the_connection_of_a_304_are_not_stored(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, TAG)
    cache.fetch()
    cache.origin(304, TAG, "Connection: X-Hop", "X-Hop: 1", "X-End: 1")
    answer = cache.fetch(after=5)
    assert "x-hop" not in answer.headers
    assert "x-end" in answer.headers


def test_304_starts_a_new_lifetime(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, TAG, body=b"x")
    cache.fetch()
    cache.origin(304, TAG, "Cache-Control: max-age=60")
    assert cache.fetch(after=5).cache_status.fwd_status == 304
    assert cache.fetch(after=50).cache_status.hit


def test_stored_response_that_a_304_forbids_to_store_is_served_and_removed(
    cache: SimulatedCache,
) -> None:
    cache.origin(200, SHORT, TAG, body=b"x")
    cache.fetch()
    cache.origin(304, TAG, "Cache-Control: no-store")
    answer = cache.fetch(after=5)
    assert answer.body == b"x"
    assert not answer.cache_status.stored
    assert cache.entries == {}


@pytest.mark.parametrize("field", [TAG, "Last-Modified: x", "Content-Length: 1"])
def test_head_agrees_when_validators_and_length_are_the_stored_ones(
    stored: Build, field: str
) -> None:
    head = stored(field)
    assert head_agrees(head, ResponseHead(200, stored(field).headers))
    assert head_agrees(head, ResponseHead(200, stored().headers))
    assert not head_agrees(head, ResponseHead(200, stored(f"{field}2").headers))
    assert not head_agrees(head, ResponseHead(404, stored(field).headers))


def test_head_that_agrees_updates_the_response_to_get(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, TAG, body=b"x")
    cache.fetch()
    cache.origin(200, "Cache-Control: max-age=60", TAG, "X: new")
    cache.fetch(method="HEAD", after=5)
    answer = cache.fetch(after=5)
    assert answer.cache_status.hit
    assert (answer.body, answer.headers.first("x")) == (b"x", "new")


def test_head_that_disagrees_removes_the_response_to_get(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, TAG, body=b"x")
    cache.fetch()
    cache.origin(200, "Cache-Control: max-age=60", 'ETag: "b"')
    cache.fetch(method="HEAD", after=5)
    assert [head.method for head, _ in cache.entries.values()] == ["HEAD"]


def test_head_that_forbids_to_store_removes_the_response_to_get(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, TAG, body=b"x")
    cache.fetch()
    cache.origin(200, "Cache-Control: no-store", TAG)
    cache.fetch(method="HEAD", after=5)
    assert cache.entries == {}


def test_head_without_a_stored_get_is_stored_itself(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=60")
    cache.fetch(method="HEAD")
    assert cache.fetch(method="HEAD").cache_status.hit
