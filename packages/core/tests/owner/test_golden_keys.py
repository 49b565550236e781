"""Keys of nobody's requests are what they have always been: stores outlive releases."""

from __future__ import annotations

import io
from typing import Any

import pytest
from requests import Request
from requests_cache._matching.keys import Matching

URL = "http://site.test/path"
JSON = {"Content-Type": "application/json"}

GOLDEN: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a URL": (
        "ef938ddfba8d467cc230e24972184020a63a17545973728288bcdef12c0f8ab4",
        {},
        {},
    ),
    "a query": (
        "26419aebd9e4274812c13b138b4926cc0e40ad695907f019799e2de87550dd5c",
        {},
        {"url": URL + "?b=2&a=1&a=0&c"},
    ),
    "pages": (
        "15142acd859f7529807e60411cbc6794d5a62a35df0b8309da8b671766657f9a",
        {},
        {"url": URL + "?page_token=x&nextToken=y&sort_key=z&cursor=1"},
    ),
    "words that name nobody": (
        "01aa454f326634e6742e6d4eaf4ce0a022bc88f9949b95541f13489acbd5c03d",
        {},
        {
            "url": f"{URL}?keyword=a&author=b&token_type=c&user=7&session=8&team=9&ticket=1&pin=2"
            "&sign=3&code=DE"
        },
    ),
    "HEAD over https at a port": (
        "bdd7572dcc427dadf3c0b478ef490bea41915afd11011adcf3045abc6bc23f14",
        {},
        {"method": "HEAD", "url": "https://site.test:8443/a%20b?q=%E9"},
    ),
    "a JSON body": (
        "03cf7663184427456cfe9a404c1170b7e76611e91ede8c3f8c66a997d6c3699d",
        {},
        {"method": "POST", "data": '{"query": [1, 2.50, {"a": null}], "b": "x"}', "headers": JSON},
    ),
    "a form": (
        "a3c14429366a0c7914f0214903fc78271f2030647365fd91ea19b88025d29dd5",
        {},
        {"method": "POST", "data": {"q": "1", "r": ["2", "3"]}},
    ),
    "octets": (
        "c69f469a407c2503272a920a433542b089544cc0d040b66079c299983a5d113d",
        {},
        {"method": "PUT", "data": b"\x00\xff"},
    ),
    "a file": (
        "5c251138d3a7cc600f239e4a8a5d8bfe8487c0d92b6aaa0f1d4a965b77e80b80",
        {},
        {"method": "POST", "data": io.BytesIO(b"abc")},
    ),
    "a method override": (
        "008058d00ed8fac17523108712d269ec58042166f50cd2b4cfa333dbc46b3955",
        {},
        {"method": "POST", "headers": {"X-HTTP-Method-Override": "DELETE"}},
    ),
    "fields that nobody compares": (
        "ef938ddfba8d467cc230e24972184020a63a17545973728288bcdef12c0f8ab4",
        {},
        {"headers": {"Accept": "a/b", "User-Agent": "me", "Idempotency-Key": "7"}},
    ),
    "fields that are compared": (
        "d7c37e2fdee548d4bc70b7ad31b896f9a8c3b3510636435ab32667e67754aa12",
        {"match_headers": ["Accept", "User-Agent"]},
        {"headers": {"Accept": "a/b", "User-Agent": "me"}},
    ),
    "all fields": (
        "80c880095ca40770348011e1d9417d1d927e81920ec751dae34068351526b9c2",
        {"match_headers": True},
        {"headers": {"Accept": "a/b", "X-Trace": "1"}},
    ),
    "ignored parameters": (
        "36c0934f63437f207a5b8acf045bedd3d31070e3b70d0ed4d86d01cf33a88b15",
        {"ignored_parameters": ["b"]},
        {"url": URL + "?b=2&a=1"},
    ),
    "an exact query": (
        "27169a0f1cd1a496d7f0db2a55450315f83c21e211fd3af09506ac2dc7d773b0",
        {"exact_query": True},
        {"url": URL + "?b=2&a=1"},
    ),
}


@pytest.mark.parametrize("case", GOLDEN.values(), ids=GOLDEN)
def test_the_key_of_nobodys_request_stays_what_it_is(
    case: tuple[str, dict[str, Any], dict[str, Any]],
) -> None:
    golden, matching, request = case
    prepared = Request(**{"method": "GET", "url": URL, **request}).prepare()
    assert Matching(**matching).create_key(prepared) == golden


def test_the_key_without_verification_stays_what_it_is() -> None:
    key = Matching().create_key(Request("GET", URL).prepare(), verify=False)
    assert key == "79c9f7475e1f6729f2b2a12149de764307903b0d6d1541fe182df595321879e7"
