"""What changes of the code by one sign or one word would break, and nothing else shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests_cache.policy import (
    Combine,
    Fetch,
    Freshen,
    RequestHead,
    ResponseHead,
    Retry,
    Rules,
    StoredHead,
    after_response,
    decide,
    is_complete,
    measure,
    on_error,
)
from requests_cache.policy.freshness import may_be_reused
from requests_cache.policy.http import refusal
from requests_cache.policy.partial import ContentRange, Span, held, join, span_of
from requests_cache.policy.selection import is_not_modified, normalise

NOW = 1_700_000_000.0
FRESH = "Cache-Control: max-age=60"
TAG = 'ETag: "a"'
Build = Callable[..., StoredHead]
Get = Callable[..., RequestHead]


def part_of(stored: Build, span: str, *fields: str) -> StoredHead:
    first, last = map(int, span.split("-"))
    lines = (FRESH, TAG, f"Content-Range: bytes {span}/10", *fields)
    return stored(*lines, status=206, body_length=last - first + 1, key="part")


@pytest.mark.parametrize(
    "field",
    ["Content-Encoding: gzip", "Content-Type: multipart/byteranges; boundary=x"],
)
def test_several_spans_and_coded_ones_are_no_span(stored: Build, field: str) -> None:
    assert span_of(part_of(stored, "0-4").headers) == ContentRange(Span(0, 4), 10)
    assert span_of(part_of(stored, "0-4", "Content-Type: text/plain").headers) is not None
    assert span_of(part_of(stored, "0-4", field).headers) is None
    assert span_of(part_of(stored, "0-4", field.upper()).headers) is None


def test_a_part_is_complete_with_the_octets_that_it_names(stored: Build, get: Get) -> None:
    response = ResponseHead(206, part_of(stored, "2-6", "Transfer-Encoding: chunked").headers)
    assert [size for size in range(9) if is_complete(get(), response, size)] == [5]
    assert is_complete(get(), response._replace(status=200), 3)
    assert is_complete(get(method="HEAD"), response, 0)
    assert is_complete(get(), ResponseHead(304, stored("Content-Length: 9").headers), 0)
    assert not is_complete(get(), ResponseHead(305, stored("Content-Length: 9").headers), 0)


def test_a_whole_response_holds_all_of_its_octets(stored: Build) -> None:
    assert held(stored(body_length=10)) == ContentRange(Span(0, 9), 10)
    assert held(stored(body_length=10, method="HEAD")) is None


@pytest.mark.parametrize(
    ("old", "new", "joined"),
    [
        ("0-4", "5-6", "bytes 0-6/10"),
        ("0-4", "6-7", None),
        ("5-6", "3-4", "bytes 3-6/10"),
        ("6-7", "3-4", None),
        ("2-6", "2-6", None),
        ("2-6", "3-5", None),
        ("2-6", "2-7", "bytes 2-7/10"),
        ("2-6", "1-6", "bytes 1-6/10"),
    ],
)
def test_parts_are_joined_if_they_touch_and_one_adds_something(
    stored: Build, old: str, new: str, joined: str | None
) -> None:
    response = ResponseHead(206, part_of(stored, new).headers)
    found = join(part_of(stored, old), response)
    assert (found and str(found.part)) == joined
    assert join(stored(TAG, body_length=10), response) is None
    assert join(part_of(stored, old), response._replace(status=200)) is None


def test_a_completion_that_is_too_short_is_asked_for_as_a_whole(stored: Build, get: Get) -> None:
    part = part_of(stored, "0-4")
    fetch = decide(get(), [part], NOW)
    assert isinstance(fetch, Fetch)
    assert fetch.completes
    rest = ResponseHead(206, part_of(stored, "5-9").headers)
    outcome = after_response(get(), rest, fetch, NOW, NOW)
    assert isinstance(outcome, Combine)
    assert outcome.instead == fetch._replace(set_fields=(), nominated=(), completes=False)
    assert outcome.cache_status.stored
    assert outcome.serve is not None
    assert outcome.serve.cache_status == outcome.cache_status
    assert "age" not in outcome.serve.headers
    wrong = after_response(get(), rest._replace(status=416), fetch, NOW, NOW)
    assert wrong == Retry(fetch._replace(set_fields=(), nominated=(), completes=False))


def test_what_is_confirmed_is_served_as_validated(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=1", 'ETag: W/"a"', key="k")
    fetch = decide(get(), [head], NOW + 5)
    assert isinstance(fetch, Fetch)
    outcome = after_response(get(), ResponseHead(304, stored(TAG).headers), fetch, NOW + 5, NOW + 5)
    assert isinstance(outcome, Freshen)
    assert outcome.serve is not None
    assert (outcome.updates, outcome.serve.stale) == ((), False)
    assert "age" not in outcome.serve.headers
    assert outcome.serve.cache_status == outcome.cache_status
    assert not outcome.cache_status.stored


@pytest.mark.parametrize("insists", ["refresh", "force_refresh"])
def test_who_insists_on_the_origin_gets_its_error(stored: Build, get: Get, insists: str) -> None:
    """`stale-if-error` of the response is not for who asked for something new."""
    head = stored("Cache-Control: max-age=1, stale-if-error=60", key="k")
    for rules, served in ((Rules(), True), (Rules(**{insists: True}), False)):  # type: ignore[arg-type]
        fetch = decide(get(), [head], NOW + 5, rules)
        assert isinstance(fetch, Fetch)
        serve = on_error(get(), fetch, NOW + 5, rules, 503)
        assert (serve is not None) is served
        if serve is not None:
            told = "requests-cache; fwd=stale; fwd-status=503; detail=stale-if-error"
            assert str(serve.cache_status) == told


def test_only_a_success_becomes_not_modified(stored: Build, get: Get) -> None:
    request = get('If-None-Match: "a"')
    statuses = [n for n in (199, 200, 299, 300) if is_not_modified(request, stored(TAG, status=n))]
    assert statuses == [200, 299]


def test_no_store_is_lifted_by_must_understand_for_a_status_we_understand(stored: Build) -> None:
    lifted = "Cache-Control: no-store, must-understand"
    assert may_be_reused(stored(FRESH))
    assert not may_be_reused(stored("Cache-Control: no-store"))
    assert may_be_reused(stored(lifted))
    assert not may_be_reused(stored(lifted, status=299))


def test_a_date_of_expiry_makes_any_status_storable(stored: Build, get: Get) -> None:
    expires = ResponseHead(403, stored("Expires: Tue, 14 Nov 2023 23:13:20 GMT").headers)
    assert refusal(get(), expires, Rules()) is None
    assert refusal(get(), ResponseHead(403), Rules()) == "status not cacheable by default"


@pytest.mark.parametrize(("seconds", "lifetime"), [(0.0, 0.0), (0.5, 10.5), (1.0, 11.0)])
def test_a_setting_counts_from_receipt_unless_it_is_nothing(
    stored: Build, seconds: float, lifetime: float
) -> None:
    head = stored("Age: 10")
    assert measure(head, NOW, Rules(lifetime=seconds)).lifetime == lifetime


def test_a_weight_is_compared_by_its_value(get: Get) -> None:
    one = normalise("accept", get("Accept: a/b;q=0.50, c/d;q=1.000").headers)
    assert one == normalise("accept", get("Accept: c/d;q=1, a/b;q=0.5").headers)
    assert one == normalise("accept", get("Accept: c/d, a/b;q=0.5").headers)
    assert one == "a/b;q=0.5,c/d"
    assert normalise("accept", get("Accept: a/b;q=10").headers) == "a/b;q=10"
