"""The caller's own conditions (RFC 9111, section 4.3.2; RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Fetch, RequestHead, Serve, StoredHead, decide
from requests_cache.policy.selection import is_not_modified, wants_range_of

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
FRESH = "Cache-Control: max-age=60"
DATE = "Date: Tue, 14 Nov 2023 22:13:20 GMT"
MODIFIED = "Last-Modified: Tue, 14 Nov 2023 21:56:40 GMT"
SINCE = "If-Modified-Since: Tue, 14 Nov 2023 21:56:40 GMT"
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ('If-None-Match: "a"', True),
        ('If-None-Match: W/"a"', True),
        ('If-None-Match: "b" , "a"', True),
        ("If-None-Match: *", True),
        ('If-None-Match: "b"', False),
        ("If-None-Match: a", False),
        ("If-None-Match:", False),
        (SINCE, True),
        ("If-Modified-Since: Tue, 14 Nov 2023 21:56:39 GMT", False),
        ("If-Modified-Since: yesterday", False),
        ("X: 1", False),
    ],
)
def test_condition_is_evaluated_on_what_is_stored(
    stored: Build, get: Get, line: str, answer: bool
) -> None:
    assert is_not_modified(get(line), stored('ETag: "a"', MODIFIED, DATE)) is answer


def test_if_modified_since_counts_only_without_if_none_match(stored: Build, get: Get) -> None:
    assert not is_not_modified(get(SINCE, 'If-None-Match: "b"'), stored('ETag: "a"', MODIFIED))


def test_date_stands_in_for_a_missing_last_modified(stored: Build, get: Get) -> None:
    request = get("If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT")
    assert is_not_modified(request, stored(DATE))
    assert is_not_modified(request, stored())
    assert not is_not_modified(get(SINCE), stored(DATE))


def test_only_a_success_becomes_not_modified(stored: Build, get: Get) -> None:
    assert not is_not_modified(get("If-None-Match: *"), stored(status=404))


def test_caller_gets_304_from_the_cache_without_body_metadata(stored: Build, get: Get) -> None:
    head = stored(FRESH, 'ETag: "a"', "Content-Type: a/b", "Content-Length: 3", "Vary: X", DATE)
    serve = decide(get('If-None-Match: "a"'), [head], NOW + 1)
    assert isinstance(serve, Serve)
    assert (serve.status, serve.pieces) == (304, ())
    names = {name.lower() for name, _ in serve.headers}
    assert names == {"cache-control", "etag", "vary", "date", "age"}


def test_caller_whose_tag_is_old_gets_the_stored_response(stored: Build, get: Get) -> None:
    serve = decide(get('If-None-Match: "old"'), [stored(FRESH, 'ETag: "a"')], NOW)
    assert isinstance(serve, Serve)
    assert serve.status == 200


@pytest.mark.parametrize("line", ['If-Match: "a"', "If-Unmodified-Since: x"])
def test_conditions_for_the_origin_are_forwarded_as_they_are(
    stored: Build, get: Get, line: str
) -> None:
    fetch = decide(get(line), [stored(FRESH, 'ETag: "a"')], NOW)
    assert isinstance(fetch, Fetch)
    assert fetch.set_fields == ()


def test_304_for_the_callers_tag_is_the_callers(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"', body=b"a")
    cache.fetch()
    cache.origin(304, 'ETag: "b"')
    answer = cache.fetch('If-None-Match: "b"', after=5)
    assert answer.status == 304
    assert cache.sent[-1].headers.first("if-none-match") == '"b", "a"'


def test_304_for_our_tag_makes_a_200_for_the_caller(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"', body=b"a")
    cache.fetch()
    cache.origin(304, 'ETag: "a"')
    answer = cache.fetch('If-None-Match: "b"', after=5)
    assert (answer.status, answer.body) == (200, b"a")


def test_304_for_a_tag_of_both_is_a_304_for_the_caller(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"', body=b"a")
    cache.fetch()
    cache.origin(304, 'ETag: "a"', "Cache-Control: max-age=60")
    assert cache.fetch('If-None-Match: "a"', after=5).status == 304
    assert cache.fetch(after=5).cache_status.hit


def test_date_of_the_caller_is_evaluated_after_our_validation(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", MODIFIED, body=b"a")
    cache.fetch()
    for line, status in ((SINCE, 304), ("If-Modified-Since: Sat, 11 Nov 2023 00:00:00 GMT", 200)):
        cache.origin(304, MODIFIED)
        assert cache.fetch(line, after=5).status == status


def test_condition_on_an_empty_cache_is_the_origins(cache: SimulatedCache) -> None:
    cache.origin(304, 'ETag: "a"')
    assert cache.fetch('If-None-Match: "a"').status == 304
    assert cache.entries == {}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("X: 1", True),
        ('If-Range: "a"', True),
        ('If-Range: "b"', False),
        ('If-Range: W/"a"', False),
        ("If-Range: Tue, 14 Nov 2023 21:56:40 GMT", True),
        ("If-Range: Tue, 14 Nov 2023 21:56:41 GMT", False),
        ("If-Range:", False),
    ],
)
def test_if_range_needs_the_same_strong_validator(
    stored: Build, get: Get, line: str, answer: bool
) -> None:
    assert wants_range_of(get(line), stored('ETag: "a"', MODIFIED, DATE)) is answer


def test_if_range_with_a_weak_date_does_not_hold(stored: Build, get: Get) -> None:
    """RFC 9110, section 8.8.2.2: a change in the same second would not show."""
    same = stored("Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT", DATE)
    assert not wants_range_of(get("If-Range: Tue, 14 Nov 2023 22:13:20 GMT"), same)
    before = stored("Last-Modified: Tue, 14 Nov 2023 22:13:19 GMT", DATE)
    assert wants_range_of(get("If-Range: Tue, 14 Nov 2023 22:13:19 GMT"), before)
    assert not wants_range_of(get("If-Range: Tue, 14 Nov 2023 21:56:40 GMT"), stored(MODIFIED))
