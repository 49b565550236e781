"""Keys of nobody's requests are what they have always been: stores outlive releases."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import Request
from requests_cache._matching.keys import Matching
from requests_cache._matching.owner import NOBODY, Asker, SentCookie

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
    "a multipart body": (
        "0acdd92a93f2c6a1ff9c90320d8d606a23466b7112c0b998a545a3e93a834da4",
        {},
        {
            "method": "POST",
            "data": b'--b\r\nContent-Disposition: form-data; name="q"\r\n\r\n1\r\n--b--\r\n',
            "headers": {"Content-Type": "multipart/form-data; boundary=b"},
        },
    ),
    "a file of text": (
        "5c251138d3a7cc600f239e4a8a5d8bfe8487c0d92b6aaa0f1d4a965b77e80b80",
        {},
        {"method": "POST", "data": io.StringIO("abc")},
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
    "an ignored field among all": (
        "1d3b222da00b0c149cee2742e3b802a57b17f6536d70b4df149d5fcc49f4f41f",
        {"match_headers": True, "ignored_parameters": ["Accept"]},
        {"headers": {"Accept": "a/b", "X-Trace": "1"}},
    ),
    "octets that are no text": (
        "49a4ad2c564cb1a357391b9940440347b14365f859db4138b72469a06abc424b",
        {},
        {"url": URL + "?b=%FF&a=1"},
    ),
    "empty parameters": (
        "feb4f6ccb314f1f872927a8e3246bfdfe0e2e044ec43e2ff630207f972a84658",
        {},
        {"url": URL + "?a=1&&b=2&"},
    ),
    "an address at the usual port": (
        "c0a7c934fcade32e03ed1ae92b02990730b8a1bc7bd73a1a0a5c215a68f9269d",
        {},
        {"url": "http://[::1]:80/"},
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


PLAIN = {
    name: case
    for name, case in GOLDEN.items()
    if not {"method", "data"} & set(case[2]) and "http://s" in case[2].get("url", URL)
}


@pytest.mark.parametrize("case", PLAIN.values(), ids=PLAIN)
def test_the_key_of_a_plain_call_is_that_of_its_request(
    case: tuple[str, dict[str, Any], dict[str, Any]],
) -> None:
    golden, options, request = case
    matching, parts = Matching(**options), urlsplit(request.get("url", URL))
    end = matching.end_of_keys(request.get("headers", {})) or ""
    assert matching.plain_key(parts.scheme, parts.netloc, parts.path, parts.query, end) == golden


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "x"}, {"X-Api-Key": b"x", "Accept": "a/b"}, {"X-HTTP-Method": "PUT"}],
)
@pytest.mark.parametrize("shared", [False, True])
def test_header_fields_are_in_the_end_of_all_plain_keys(
    headers: dict[str, Any], shared: bool
) -> None:
    matching = Matching(match_headers=["Accept"], match_credentials=not shared)
    end = matching.end_of_keys(headers) or ""
    for query in ("", "a=1", "X-Amz-Date=1&a=1", *(["X-Amz-Signature=1"] if shared else [])):
        url = f"{URL}?{query}" if query else URL
        prepared = Request("GET", url, headers=headers).prepare()
        key = matching.plain_key("http", "site.test", "/path", query, end)
        assert key == matching.create_key(prepared)
    assert matching.plain_key("http", "site.test", "/path", "api_key=1&a=1", end) is None
    assert matching.end_of_keys({**headers, "Host": "other.test"}) is None


# Key, lock, how requests are compared, and the request.
OWNED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "a field": (
        "dcaae1e52129df98",
        "9731fac7016eeb09",
        {},
        {"headers": {"Authorization": "Bearer x", "X-Api-Key": b"k"}},
    ),
    "user and password of the URL": (
        "358102a1e1a569e9",
        "bc4f292c8fd1c82b",
        {},
        {"url": "http://ann:pw@Site.test:80/path"},
    ),
    "a user that is ignored": (
        "ef938ddfba8d467c",
        "",
        {"ignored_parameters": ["Authorization"]},
        {"url": "http://ann:pw@site.test/path", "headers": {"Authorization": "x"}},
    ),
    "a session in the path": (
        "ef5cfaf9f75f6588",
        "ec6149c42480ebc3",
        {},
        {"url": "http://site.test/a;JSESSIONID=7;v=1/b;jsessionid=8?q=1"},
    ),
    "parameters": (
        "69b18def7266f9e2",
        "61c0d9973de96f19",
        {},
        {"url": URL + "?b=1&access_token=x&Access_Token=y&a=2&c"},
    ),
    "the code of a login": (
        "ff429cc5117f5e9d",
        "237021352ebca9e3",
        {},
        {"url": URL + "?code=DE&State=xyz"},
    ),
    "the ticket of a login": (
        "ae8d33c38b6d507c",
        "89d78e4f63f85922",
        {},
        {"url": URL + "?ticket=ST-1&q=1"},
    ),
    "an exact query": (
        "5bf9a29d2b928eb3",
        "a7d98ac3ab348666",
        {"exact_query": True},
        {"url": URL + "?b=1&access_token=x&a=2"},
    ),
    "a form": (
        "eba6c6e5a11b9b47",
        "fab86412a70c1aff",
        {},
        {"method": "POST", "data": {"user": "ann", "password": "x", "q": ["2", "1"]}},
    ),
    "JSON": (
        "0e66777749eeb8cb",
        "c26011c497c7f0e7",
        {},
        {
            "method": "post",
            "data": '{"q": [1, {"token": {"b": 1.50, "password": "x"}}], "a": true}',
            "headers": JSON,
        },
    ),
    "cookies": (
        "0f9a6c6d0a9a19dd",
        "4578f004bc48c179",
        {},
        {"headers": {"Cookie": "sid=1; theme=dark"}},
    ),
    "a secret key": (
        "25fa62e13d71aa02",
        "618adbe8fc848f9f",
        {"secret_key": b"own"},
        {"headers": {"Authorization": "Bearer x"}},
    ),
    "a parameter, shared": (
        "8926b1fe018b102f",
        "5be2f861fd9c4fc5",
        {"match_credentials": False},
        {"url": URL + "?api_key=x&q=1"},
    ),
    "what is renewed, shared": (
        "736f1f951580254a",
        "",
        {"match_credentials": False},
        {"url": URL + "?X-Amz-Signature=1&X-Amz-Date=2&q=1"},
    ),
    "a field, shared": (
        "ef938ddfba8d467c",
        "",
        {"match_credentials": False},
        {"headers": {"Authorization": "x"}},
    ),
    "another host": ("f45e3bf4b2e131d8", "", {}, {"headers": {"Host": "Other.test"}}),
    "its own host": (
        "f6a8ba4bda92e292",
        "",
        {},
        {"url": "HTTPS://Site.test:443", "headers": {"Host": "SITE.test"}},
    ),
}
ASKERS: dict[str, tuple[str, str, Asker, dict[str, Any]]] = {
    "a partition": (
        "259eb3061ecf211f",
        "f22eae7940298084",
        Asker(partition="p"),
        {"url": URL + "?api_key=x&X-Amz-Date=2&q=1", "headers": {"Authorization": "x"}},
    ),
    "what an object signs": (
        "fecaf206efb33c0f",
        "8aa6e8faca143c8e",
        Asker(frozenset({("auth me", "1")}), signed=frozenset({"authorization", "nonce"})),
        {"url": URL + "?nonce=3&q=1", "headers": {"Authorization": "x"}},
    ),
    "cookies that are known": (
        "9e98f6291ffa224e",
        "bf0a41ef2894d52f",
        Asker(cookies=(SentCookie("sid", "1"),), knows_cookies=True),
        {"headers": {"Cookie": "sid=2"}},
    ),
}


@pytest.mark.parametrize("case", OWNED.values(), ids=OWNED)
def test_the_key_and_the_lock_of_somebodys_request_stay_what_they_are(
    case: tuple[str, str, dict[str, Any], dict[str, Any]],
) -> None:
    key, lock, options, request = case
    prepared = Request(**{"method": "GET", "url": URL, **request}).prepare()
    matching = Matching(**options)
    assert matching.create_key(prepared)[:16] == key
    assert matching.lock_of(prepared, NOBODY)[:16] == lock


@pytest.mark.parametrize("case", ASKERS.values(), ids=ASKERS)
def test_what_is_known_of_who_asks_is_in_key_and_lock(
    case: tuple[str, str, Asker, dict[str, Any]],
) -> None:
    key, lock, asker, request = case
    prepared = Request(**{"method": "GET", "url": URL, **request}).prepare()
    matching = Matching()
    assert matching.create_key(prepared, asker=asker)[:16] == key
    assert matching.lock_of(prepared, asker)[:16] == lock
    assert matching.create_key(prepared)[:16] != key
