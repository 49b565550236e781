"""Keys and normalising as functions, as version 1 had them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests import Request
from requests_cache import CachedSession, create_key
from requests_cache.cache_keys import (
    normalize_body,
    normalize_headers,
    normalize_params,
    normalize_request,
    normalize_url,
)
from requests_cache.testing.origin import Origin

URL = "https://example.org/?b=2&a=1"


@pytest.mark.parametrize(
    "matching",
    [{}, {"ignored_parameters": ["a"]}, {"match_headers": ["Accept"]}, {"match_headers": True}],
)
def test_a_key_is_the_one_that_a_cache_makes(
    matching: dict[str, Any], make_session: Callable[..., CachedSession]
) -> None:
    request = Request("GET", URL, headers={"Accept": "a/b", "Authorization": "Bearer t"})
    assert create_key(request, **matching) == make_session(**matching).cache.create_key(request)


def test_a_request_may_be_prepared_or_not() -> None:
    assert create_key(Request("GET", URL)) == create_key(Request("GET", URL).prepare())


def test_a_key_function_may_go_on_as_usual(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    def key_fn(request: requests.PreparedRequest, **options: Any) -> str:
        return "one" if "one" in (request.url or "") else create_key(request, **options)

    session = make_session(key_fn=key_fn)
    for path in ("/json?one=1", "/json?one=2", "/gzip", "/gzip"):
        session.get(origin.url(path))
    assert sorted(session.cache.responses) == sorted(
        ["one", create_key(Request("GET", origin.url("/gzip")))]
    )


def test_a_url_is_written_in_one_way() -> None:
    one = normalize_url("HTTPS://Example.org:443?b=2&t=secret&a=1&flag", ["t"])
    assert one == "https://example.org/?a=1&b=2&flag&t=REDACTED"


def test_parameters_of_one_name_keep_their_order() -> None:
    assert normalize_params(b"b=2&a=2&a=1&c") == "a=2&a=1&b=2&c"


def test_a_list_in_a_header_field_is_put_in_order() -> None:
    found = normalize_headers({"Accept": "Text/b, text/A", "X-Key": "k"}, ["x-key"])
    assert dict(found) == {"Accept": "text/a, text/b", "X-Key": "REDACTED"}


@pytest.mark.parametrize(
    ("body", "normal"),
    [
        ({"json": {"b": [2, 1], "a": {"t": 1}}}, b'{"a": {"t": "REDACTED"}, "b": [2, 1]}'),
        ({"data": {"b": "2", "t": "1"}}, b"b=2&t=REDACTED"),
        ({"data": b"t=1"}, b"t=1"),
        ({"data": iter([b"t"])}, b""),
        ({}, b""),
    ],
)
def test_a_body_is_normal_by_its_type(body: dict[str, Any], normal: bytes) -> None:
    assert normalize_body(Request("POST", URL, **body).prepare(), ["t"]) == normal


def test_a_normal_request_is_a_copy() -> None:
    request = Request("get", URL).prepare()
    assert normalize_request(request).url == "https://example.org/?a=1&b=2"
    assert request.url == URL
