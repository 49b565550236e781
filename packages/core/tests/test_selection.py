"""The media type is found without parsing a record, and is the one that parsing finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_cache.backends.selection import host_of, media_type
from requests_cache.models.record import Record

Items = list[tuple[str, str]]


def record_of(headers: Items, request_headers: Items, url: str = "http://site.test/") -> Record:
    fields: dict[str, Any] = {
        "url": url,
        "reason": "OK",
        "headers": headers,
        "encoding": None,
        "request": {"method": "GET", "url": url, "headers": request_headers},
    }
    return Record(200, 1.0, None, fields, b"")


def both_ways(record: Record) -> tuple[str, str]:
    head, body = record.dump()
    stored, parsed = Record.load(head, body), Record.load(head, body)
    assert parsed.fields
    parsed.source = b""
    return media_type(stored), media_type(parsed)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("Content-Type", "Text/HTML; charset=utf-8")], "text/html"),
        ([("content-type", "image/png")], "image/png"),
        ([], ""),
        ([("X", 'y]],"'), ("Content-Type", "a/b")], "a/b"),
        ([("X", '["content-type","wrong/type"]')], ""),
        ([("Content-Type", 'a/"b"')], 'a/"b"'),
        ([("Content-Type", "a/\\")], "a/\\"),
        ([("Content-Type", "é/ü")], "é/ü"),
        ([("Content-Type", "")], ""),
    ],
)
def test_the_media_type_is_that_of_the_response(headers: Items, expected: str) -> None:
    record = record_of(headers, [("Content-Type", "of/request")], 'http://x/"headers":[["a","b"]]')
    assert both_ways(record) == (expected, expected)


fields = st.tuples(
    st.sampled_from(["Content-Type", "content-type", "X-Other", '"headers":[']),
    st.text(st.sampled_from('ab/;"\\],[é'), max_size=8),
)


@given(st.lists(fields, max_size=3, unique_by=lambda item: item[0].lower()), st.lists(fields))
def test_both_ways_find_the_same(headers: Items, request_headers: Items) -> None:
    stored, parsed = both_ways(record_of(headers, request_headers))
    assert stored == parsed


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Example.org/a", "example.org"),
        ("https://user:pw@example.org:8080?x", "example.org"),
        ("http://[::1]:80/", "::1"),
        ("http://one.example@two.example/", "two.example"),
        ("mailto:somebody", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_url_has_no_port_and_no_user(url: str, host: str) -> None:
    assert host_of(url) == host
