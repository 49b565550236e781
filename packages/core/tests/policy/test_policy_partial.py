"""Storing and combining partial content (RFC 9111, sections 3.3 and 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Fetch, Headers, RequestHead, StoredHead, decide, http
from requests_cache.policy.partial import broken_off, held, parse_content_range

if TYPE_CHECKING:
    from .conftest import SimulatedCache

FRESH = "Cache-Control: max-age=60"
TAG = 'ETag: "a"'


def part(cache: SimulatedCache, span: str, body: bytes, *fields: str) -> None:
    cache.origin(206, FRESH, f"Content-Range: bytes {span}/10", *fields, body=body)
    cache.fetch(f"Range: bytes={span}")


@pytest.fixture
def half(cache: SimulatedCache) -> SimulatedCache:
    part(cache, "0-4", b"01234", TAG)
    return cache


def test_stored_part_answers_ranges_inside_it(cache: SimulatedCache) -> None:
    part(cache, "2-6", b"23456", TAG)
    answer = cache.fetch("Range: bytes=3-4")
    assert (answer.status, answer.body) == (206, b"34")
    assert answer.headers.first("content-range") == "bytes 3-4/10"


def test_range_that_is_not_all_stored_is_forwarded(half: SimulatedCache) -> None:
    half.origin(206, FRESH, TAG, "Content-Range: bytes 4-5/10", body=b"45")
    answer = half.fetch("Range: bytes=4-5")
    assert answer.body == b"45"
    assert answer.cache_status.fwd == "partial"


def test_part_is_never_served_as_the_whole(cache: SimulatedCache) -> None:
    part(cache, "2-6", b"23456", TAG)
    cache.origin(200, body=b"0123456789")
    answer = cache.fetch()
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert "range" not in cache.sent[-1].headers


def test_missing_end_is_fetched_and_joined(half: SimulatedCache) -> None:
    half.origin(206, FRESH, TAG, "Content-Range: bytes 5-9/10", body=b"56789")
    answer = half.fetch()
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert half.sent[-1].headers.first("range") == "bytes=5-"
    assert half.sent[-1].headers.first("if-range") == '"a"'
    assert "content-range" not in answer.headers
    assert answer.headers.first("content-length") == "10"
    assert half.fetch("Range: bytes=4-5").body == b"45"
    assert half.fetch().cache_status.hit


def test_missing_beginning_is_fetched_and_joined(cache: SimulatedCache) -> None:
    part(cache, "5-9", b"56789", TAG)
    cache.origin(206, FRESH, TAG, "Content-Range: bytes 0-4/10", body=b"01234")
    assert cache.fetch().body == b"0123456789"
    assert cache.sent[-1].headers.first("range") == "bytes=0-4"


def test_part_before_another_is_joined_to_it(cache: SimulatedCache) -> None:
    part(cache, "4-7", b"4567", TAG)
    part(cache, "2-5", b"2345", TAG)
    assert [body for _, body in cache.entries.values()] == [b"234567"]
    part(cache, "1-9", b"123456789", TAG)
    assert [body for _, body in cache.entries.values()] == [b"123456789"]


def test_parts_that_are_large_together_lie_beside_each_other(
    half: SimulatedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_MOST_APPENDED", 5)
    part(half, "5-6", b"56", TAG)
    part(half, "7-9", b"789", TAG)
    assert sorted(body for _, body in half.entries.values()) == [b"01234", b"56789"]
    for first, last in ((0, 4), (5, 9), (6, 8)):
        answer = half.fetch(f"Range: bytes={first}-{last}")
        assert answer.cache_status.hit
        assert answer.body == b"0123456789"[first : last + 1]


def test_whole_response_to_a_completion_replaces_the_part(half: SimulatedCache) -> None:
    half.origin(200, FRESH, 'ETag: "b"', body=b"abc")
    assert half.fetch().body == b"abc"
    assert [body for _, body in half.entries.values()] == [b"abc"]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (206, ('ETag: "b"', "Content-Range: bytes 5-9/10")),
        (206, ("Content-Range: bytes 5-9/10",)),
        (206, (TAG, "Content-Range: bytes 5-9/11")),
        (206, (TAG, "Content-Range: bytes 6-9/10")),
        (206, (TAG, "Content-Range: bytes 5-8/10")),
        (206, (TAG, "Content-Range: bytes 0-4/10")),
        (206, (TAG, "Content-Range: bytes 5-9/10", "Cache-Control: no-store")),
        (206, (TAG,)),
        (416, ()),
        (304, (TAG,)),
    ],
)
def test_rest_that_does_not_fit_is_never_joined(
    half: SimulatedCache, status: int, fields: tuple[str, ...]
) -> None:
    half.origin(status, *fields, body=b"56789")
    half.origin(200, TAG, body=b"whole")
    assert half.fetch().body == b"whole"
    assert "range" not in half.sent[-1].headers


@pytest.mark.parametrize("tag", ["X: 1", 'ETag: W/"a"', "Last-Modified: x"])
def test_part_without_a_strong_tag_is_not_completed(cache: SimulatedCache, tag: str) -> None:
    part(cache, "0-4", b"01234", tag)
    cache.origin(200, body=b"whole")
    assert cache.fetch().body == b"whole"
    assert "range" not in cache.sent[-1].headers


def test_part_that_continues_another_is_joined_to_it(half: SimulatedCache) -> None:
    part(half, "3-7", b"34567", TAG)
    assert [body for _, body in half.entries.values()] == [b"01234567"]
    assert half.fetch("Range: bytes=1-6").body == b"123456"
    part(half, "8-9", b"89", TAG)
    assert half.fetch().body == b"0123456789"


def test_part_elsewhere_is_kept_beside(half: SimulatedCache) -> None:
    part(half, "8-9", b"89", TAG)
    assert half.fetch("Range: bytes=0-1").body == b"01"
    assert half.fetch("Range: bytes=8-8").body == b"8"
    assert len(half.sent) == 2


def test_part_of_a_changed_representation_displaces_the_old(half: SimulatedCache) -> None:
    part(half, "8-9", b"89", 'ETag: "b"')
    assert [body for _, body in half.entries.values()] == [b"89"]


def test_larger_part_displaces_what_it_contains(cache: SimulatedCache) -> None:
    part(cache, "2-3", b"23", "Last-Modified: x")
    part(cache, "1-4", b"1234", "Last-Modified: x")
    assert [body for _, body in cache.entries.values()] == [b"1234"]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [("2-5", "2-5", 1), ("2-5", "2-6", 1), ("2-5", "1-5", 1), ("2-5", "3-6", 2), ("2-5", "1-4", 2)],
)
def test_part_without_a_strong_tag_displaces_only_what_it_contains(
    cache: SimulatedCache, first: str, second: str, kept: int
) -> None:
    for span in (first, second):
        start, _, end = span.partition("-")
        fields = (FRESH, "Last-Modified: x", f"Content-Range: bytes {span}/10")
        cache.origin(206, *fields, body=b"0123456789"[int(start) : int(end) + 1])
        cache.fetch(f"Range: bytes={span}", "Cache-Control: no-cache")
    assert len(cache.entries) == kept


@pytest.mark.parametrize(
    ("before", "after"),
    [("X: 1", "Last-Modified: z"), (TAG, "Last-Modified: z"), ("Last-Modified: x", 'ETag: "z"')],
)
def test_part_that_shows_no_change_does_not_displace_the_whole(
    cache: SimulatedCache, before: str, after: str
) -> None:
    cache.origin(200, FRESH, before, body=b"0123456789")
    cache.fetch()
    cache.origin(206, FRESH, after, "Content-Range: bytes 0-4/10", body=b"01234")
    cache.fetch("Range: bytes=0-4", "Cache-Control: no-cache")
    assert [body for _, body in cache.entries.values()] == [b"0123456789"]


def test_part_whose_body_is_not_as_long_as_it_says_is_not_used(
    stored: Callable[..., StoredHead], get: Callable[..., RequestHead]
) -> None:
    head = stored(FRESH, TAG, "Content-Range: bytes 0-4/10", status=206, body_length=4)
    decision = decide(get("Range: bytes=0-1"), [head], head.response_time)
    assert isinstance(decision, Fetch)


def test_part_does_not_displace_the_whole(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, TAG, body=b"0123456789")
    cache.fetch()
    cache.origin(206, FRESH, TAG, "Content-Range: bytes 0-4/10", body=b"01234")
    answer = cache.fetch("Range: bytes=0-4", "Cache-Control: no-cache")
    assert answer.status == 206
    assert not answer.cache_status.stored
    assert cache.fetch().body == b"0123456789"


def test_part_with_another_date_displaces_the_whole(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, "Last-Modified: x", body=b"0123456789")
    cache.fetch()
    fields = ("Last-Modified: y", "Content-Range: bytes 0-4/10")
    cache.origin(206, FRESH, *fields, body=b"01234")
    cache.fetch("Range: bytes=0-4", "Cache-Control: no-cache")
    assert [body for _, body in cache.entries.values()] == [b"01234"]


def test_caller_with_a_condition_gets_no_completion(half: SimulatedCache) -> None:
    half.origin(304, 'ETag: "z"')
    assert half.fetch('If-None-Match: "z"').status == 304
    assert "range" not in half.sent[-1].headers


def test_error_while_completing_is_let_through(half: SimulatedCache) -> None:
    half.origin(503)
    assert half.fetch().status == 503
    assert len(half.entries) == 1


def begun(status: int, *lines: str, method: str = "GET") -> StoredHead:
    fields = Headers(tuple((name, value) for name, _, value in (x.partition(": ") for x in lines)))
    return StoredHead(status, fields, method, "http://site.example/", 0.0, 0.0)


@pytest.mark.parametrize(
    ("status", "says", "received", "left"),
    [
        (200, "Content-Length: 10", 1, "bytes 0-0/10"),
        (200, "Content-Length: 10", 9, "bytes 0-8/10"),
        (206, "Content-Range: bytes 4-8/10", 2, "bytes 4-5/10"),
    ],
)
def test_body_that_broke_off_is_a_part(status: int, says: str, received: int, left: str) -> None:
    head = broken_off(begun(status, TAG, says), received)
    assert head is not None
    assert head.status == 206
    assert held(head) == parse_content_range(left)
    assert head.headers.joined("content-length") == str(received)


@pytest.mark.parametrize(
    ("head", "received"),
    [
        (begun(200, TAG, "Content-Length: 10"), 0),
        (begun(200, TAG, "Content-Length: 10"), 10),
        (begun(200, TAG, "Content-Length: 10"), 11),
        (begun(200, TAG, "Content-Length: 10", "Content-Length: 11"), 5),
        (begun(200, TAG, "Content-Length: 10", "Content-Encoding: gzip"), 5),
        (begun(200, TAG), 5),
        (begun(200, "Content-Length: 10"), 5),
        (begun(200, 'ETag: W/"a"', "Content-Length: 10"), 5),
        (begun(200, TAG, "Content-Length: 10", method="HEAD"), 5),
        (begun(404, TAG, "Content-Length: 10"), 5),
        (begun(206, TAG, "Content-Range: bytes 4-8/*"), 2),
    ],
)
def test_nothing_is_kept_of_a_body_that_cannot_be_completed(
    head: StoredHead, received: int
) -> None:
    assert broken_off(head, received) is None


@pytest.mark.parametrize(
    ("stored", "asked", "missing"),
    [
        ("0-4", "3-7", "5-7"),
        ("0-4", "4-", "5-9"),
        ("0-6", "-5", "7-9"),
        ("5-9", "2-6", "2-4"),
        ("2-6", "0-6", "0-1"),
        ("2-6", "6-8", "7-8"),
    ],
)
def test_only_what_a_range_lacks_is_asked_for(
    cache: SimulatedCache, stored: str, asked: str, missing: str
) -> None:
    whole = b"0123456789"
    part(cache, stored, whole[octets(stored)], TAG)
    said = f"Content-Range: bytes {missing}/10"
    cache.origin(206, FRESH, TAG, said, body=whole[octets(missing)])
    wanted = {"4-": "4-9", "-5": "5-9"}.get(asked, asked)
    for _ in range(2):
        answer = cache.fetch(f"Range: bytes={asked}")
        assert (answer.status, answer.body) == (206, whole[octets(wanted)])
        assert answer.headers.first("content-range") == f"bytes {wanted}/10"
    assert [request.headers.first("range") for request in cache.sent[1:]] == [f"bytes={missing}"]


def octets(span: str) -> slice:
    first, last = map(int, span.split("-"))
    return slice(first, last + 1)


@pytest.mark.parametrize("asked", ["5-7", "1-8", "0-1,6-8", "7-9"])
def test_range_of_which_nothing_would_be_saved_is_forwarded(
    cache: SimulatedCache, asked: str
) -> None:
    part(cache, "2-4", b"234", TAG)
    cache.origin(416)
    cache.fetch(f"Range: bytes={asked}")
    assert cache.sent[-1].headers.first("range") == f"bytes={asked}"


def test_range_under_another_tag_is_asked_for_as_the_caller_did(half: SimulatedCache) -> None:
    half.origin(206, FRESH, 'ETag: "b"', "Content-Range: bytes 5-7/10", body=b"fgh")
    half.origin(206, FRESH, 'ETag: "b"', "Content-Range: bytes 3-7/10", body=b"defgh")
    answer = half.fetch("Range: bytes=3-7")
    assert (answer.status, answer.body) == (206, b"defgh")
    assert [request.headers.first("range") for request in half.sent[1:]] == [
        "bytes=5-7",
        "bytes=3-7",
    ]
