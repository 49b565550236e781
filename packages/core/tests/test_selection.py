"""The media type is found without parsing a record, and is the one that parsing finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_cache import BaseCache
from requests_cache.backends.base import Entry
from requests_cache.backends.selection import host_of
from requests_cache.backends.views import media_type
from requests_cache.errors import ConfigurationError
from requests_cache.models.fields import Fields
from requests_cache.models.record import Record

Items = list[tuple[str, str]]


def record_of(headers: Items, request_headers: Items, url: str = "http://site.test/") -> Record:
    fields: Fields = {
        "url": url,
        "reason": "OK",
        "headers": headers,
        "encoding": None,
        "elapsed": 0.1,
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
@pytest.mark.parametrize("asked_for", ["of/request", "[;]],", "a/b]],"])
def test_the_media_type_is_that_of_the_response(
    headers: Items, expected: str, asked_for: str
) -> None:
    record = record_of(headers, [("Content-Type", asked_for)], 'http://x/"headers":[["a","b"]]')
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


def listed(cache: BaseCache, **criteria: Any) -> list[str]:
    return [str(head.cache_key) for head in cache.select(criteria=criteria)]  # type: ignore[arg-type]  # a table


def test_what_has_not_the_form_of_a_response_is_no_row_and_is_not_chosen() -> None:
    cache = BaseCache()
    good = record_of([("Content-Type", "a/b")], [])
    bad: Fields = {"url": "http://site.test/"}
    for key, fields in (("good", good.fields), ("bad", bad)):
        record = Record(200, 1.0, None, fields, b"")
        cache.responses.write(key, Entry(*record.dump()))
    assert [row["key"] for row in cache.rows()] == ["good"]
    assert cache.stats.invalid == 1
    assert listed(cache) == ["good"]
    assert len(list(cache.select(check=False))) == 2
    quick: Any = {"method": "GET"}
    assert [each.cache_key for each in cache.select(criteria=quick, check=False)] == ["good"]


def test_a_long_list_is_made_without_parsing_the_text_of_records() -> None:
    cache = BaseCache()
    record = record_of([("Content-Type", "a/b")], [])
    cache.responses.write("key", Entry(*record.dump()))
    criteria: Any = {"host": "site.test", "match": "*", "status": 200, "content_type": "a/*"}
    (head,) = cache.select(criteria=criteria, check=False)
    assert head.record.url == "http://site.test/"
    assert head.record._fields is None


def test_a_criterion_of_no_kind_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match=r"status=4\.5: give a code"):
        listed(BaseCache(), status=4.5)
