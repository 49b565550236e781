"""Ranges answered from a stored response (RFC 9110, section 14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Fetch, RequestHead, Serve, StoredHead, assemble, decide
from requests_cache.policy.partial import (
    AskedRange,
    ContentRange,
    Span,
    parse_content_range,
    parse_range,
    resolve,
)

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
BODY = b"0123456789"
FRESH = "Cache-Control: max-age=60"
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("bytes=0-4", [AskedRange(0, 4)]),
        ("Bytes=4-", [AskedRange(4, None)]),
        ("bytes=-3", [AskedRange(None, 3)]),
        ("bytes= 0-1 , 3-4", [AskedRange(0, 1), AskedRange(3, 4)]),
    ],
)
def test_range_is_first_to_last_open_or_suffix(value: str, asked: list[AskedRange]) -> None:
    assert parse_range(value) == asked


@pytest.mark.parametrize(
    "value",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b", "bytes=0-1, x", "lines=0-1"),
        *("bytes=1", "bytes=+1-2", "bytes=" + "9" * 30 + "-", "bytes=" + "0-0," * 17),
    ],
)
def test_other_units_and_malformed_ranges_are_not_ours(value: str) -> None:
    assert parse_range(value) is None


def test_spans_stay_inside_the_representation() -> None:
    assert resolve([AskedRange(5, 99), AskedRange(None, 99)], 10) == [Span(5, 9), Span(0, 9)]
    assert resolve([AskedRange(10, None), AskedRange(None, 0)], 10) == []
    assert resolve([AskedRange(0, None), AskedRange(None, 1)], 0) == []


@pytest.mark.parametrize("value", [None, "", "bytes */9", "bytes 0-4/*", "bytes 4-9/9", "x 0-1/2"])
def test_content_range_without_span_and_length_is_none(value: str | None) -> None:
    assert parse_content_range(value) is None


def test_content_range_reads_what_it_writes() -> None:
    assert parse_content_range("bytes 2-4/10") == ContentRange(Span(2, 4), 10)
    assert str(ContentRange(Span(2, 4), 10)) == "bytes 2-4/10"


@pytest.fixture
def filled(cache: SimulatedCache) -> SimulatedCache:
    cache.origin(200, FRESH, 'ETag: "a"', "Content-Type: text/plain", body=BODY)
    cache.fetch()
    return cache


@pytest.mark.parametrize(
    ("asked", "body", "described"),
    [
        ("0-0", b"0", "bytes 0-0/10"),
        ("2-4", b"234", "bytes 2-4/10"),
        ("7-", b"789", "bytes 7-9/10"),
        ("-2", b"89", "bytes 8-9/10"),
        ("8-99", b"89", "bytes 8-9/10"),
        ("99-, 1-1", b"1", "bytes 1-1/10"),
    ],
)
def test_range_is_cut_from_a_complete_response(
    filled: SimulatedCache, asked: str, body: bytes, described: str
) -> None:
    answer = filled.fetch(f"Range: bytes={asked}")
    assert (answer.status, answer.body) == (206, body)
    assert answer.headers.lines("content-range") == [described]
    assert answer.headers.lines("content-length") == [str(len(body))]
    assert answer.cache_status.hit


def test_several_ranges_are_parts_of_one_body(filled: SimulatedCache) -> None:
    answer = filled.fetch("Range: bytes=0-1, -1")
    kind = answer.headers.first("content-type") or ""
    boundary = kind.partition("boundary=")[2]
    assert kind.startswith("multipart/byteranges; ")
    assert "content-range" not in answer.headers
    assert answer.headers.first("content-length") == str(len(answer.body))
    assert answer.body.decode() == (
        f"\r\n--{boundary}\r\nContent-Range: bytes 0-1/10\r\nContent-Type: text/plain\r\n\r\n01"
        f"\r\n--{boundary}\r\nContent-Range: bytes 9-9/10\r\nContent-Type: text/plain\r\n\r\n9"
        f"\r\n--{boundary}--\r\n"
    )


@pytest.mark.parametrize("asked", ["10-", "-0"])
def test_range_outside_is_416_with_the_length(filled: SimulatedCache, asked: str) -> None:
    answer = filled.fetch(f"Range: bytes={asked}")
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers.first("content-range") == "bytes */10"


@pytest.mark.parametrize("asked", ["bytes=0-5,3-8", "bytes=5-6,0-5", "bytes=x", "lines=1-2"])
def test_range_that_is_not_ours_is_forwarded(filled: SimulatedCache, asked: str) -> None:
    filled.origin(206, body=b"theirs")
    assert filled.fetch(f"Range: {asked}").body == b"theirs"
    assert filled.sent[-1].headers.lines("range") == [asked]


def test_if_range_that_fails_gets_the_whole(filled: SimulatedCache) -> None:
    assert filled.fetch("Range: bytes=0-1", 'If-Range: "b"').body == BODY
    assert filled.fetch("Range: bytes=0-1", 'If-Range: "a"').body == b"01"


def test_condition_of_the_caller_comes_before_its_range(filled: SimulatedCache) -> None:
    assert filled.fetch("Range: bytes=0-1", 'If-None-Match: "a"').status == 304


def test_range_means_nothing_for_head_and_for_errors(stored: Build, get: Get) -> None:
    line = "Range: bytes=0-1"
    head = decide(get(line, method="HEAD"), [stored(FRESH, body_length=9)], NOW)
    gone = decide(get(line), [stored(FRESH, status=404, body_length=9)], NOW)
    assert isinstance(head, Serve)
    assert isinstance(gone, Serve)
    assert (head.status, gone.status, gone.pieces) == (200, 404, None)


def test_range_of_a_body_that_cannot_be_cut_is_forwarded(stored: Build, get: Get) -> None:
    fetch = decide(get("Range: bytes=0-1"), [stored(FRESH)], NOW)
    assert isinstance(fetch, Fetch)
    assert fetch.cache_status.fwd == "partial"
    assert fetch.set_fields == ()


def test_range_of_a_stale_response_is_cut_after_validation(filled: SimulatedCache) -> None:
    filled.origin(304, 'ETag: "a"')
    answer = filled.fetch("Range: bytes=2-3", after=99)
    assert (answer.status, answer.body) == (206, b"23")


def test_whole_body_has_one_piece() -> None:
    assert assemble(BODY, None) == BODY
    assert assemble(BODY, ()) == b""
    assert assemble(BODY, (slice(1, 3), b"-", slice(0, 1))) == b"12-0"
