"""A POST that is answered from the cache is a query only if it shows that it changes nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from requests import Request
from requests_cache._exchange.chain import Chain
from requests_cache._matching.queries import is_query

XML, TEXT = {"Content-Type": "text/xml"}, {"Content-Type": "text/plain"}
GRAPHQL = {"Content-Type": "application/graphql"}


def part(name: str, content: str, content_type: str = "application/json") -> dict[str, Any]:
    return {"files": {name: (None, content, content_type)}}


QUERIES: dict[str, dict[str, Any]] = {
    "form": {"data": {"q": "shoes", "page": "2", "sort_key": "price"}},
    "JSON": {"json": {"filter": {"colour": ["red", "blue"]}, "pageToken": "x"}},
    "GraphQL": {"json": {"query": "query Q { items(first: 5) { name } }", "variables": {"n": 1}}},
    "GraphQL about mutations": {"json": {"query": "{ mutation_rates(first: 5) { gene } }"}},
    "JSON-RPC": {"json": {"jsonrpc": "2.0", "method": "getBlock", "params": ["0x1", True]}},
    "SQL": {"data": "SELECT name FROM items WHERE price < 5", "headers": TEXT},
    "XML": {"data": "<search><colour>red</colour></search>", "headers": XML},
    "multipart": part("filter", json.dumps({"colour": "red"})),
    "GraphQL without JSON": {"data": "{ items { name } }", "headers": GRAPHQL},
    "a path about authors": {"json": {"q": 1}, "url": "http://a.test/authors/catalogue/search"},
    "a query about a login": {"json": {"q": 1}, "url": "http://a.test/search?q=login&user=ann"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "form with a password": {"data": {"name": "ann", "password": "x"}},
    "form with a CSRF token": {"data": {"q": "1", "csrfmiddlewaretoken": "x"}},
    "form that names its action": {"data": {"action": "logout"}},
    "nested JSON": {"json": {"who": {"name": "ann", "pin": "1"}}},
    "JSON in a form": {"data": {"payload": json.dumps({"password": "x"})}},
    "GraphQL that says it": {"json": {"query": '{ enter(name: "ann", pin: "1") { ok } }'}},
    "GraphQL mutation": {"json": {"query": "mutation M($a: X) { enter(a: $a) }", "variables": {}}},
    "GraphQL mutation beside a query": {"json": {"query": "query A { a }\nmutation B { b }"}},
    "GraphQL mutation without JSON": {"data": "mutation { leave }", "headers": GRAPHQL},
    "GraphQL mutations in a batch": {"json": [{"query": "{ a }"}, {"query": "mutation { b }"}]},
    "GraphQL operation that is stored": {"json": {"operationName": "SignIn", "id": "6f2a"}},
    "JSON-RPC login": {"json": {"method": "user.login", "params": ["ann", "x"]}},
    "JSON-RPC logout": {"json": {"method": "logout"}},
    "XML": {"data": "<enter><user>ann</user><word>x</word></enter>", "headers": XML},
    "SOAP": {"data": "<s:Body><Login><a>ann</a></Login></s:Body>", "headers": XML},
    "text": {"data": "user: ann\npassword: x", "headers": TEXT},
    "text without a type": {"data": b'{"password": "x"}'},
    "multipart": part("login", json.dumps({"who": "ann", "password": "x"})),
    "multipart with octets": part("q", "\x00\x01", "application/octet-stream"),
    "octets": {"data": b"\x0a\x05ann\x12\x01x", "headers": {"Content-Type": "application/x-b"}},
    "coded": {"data": b"\x1f\x8b\x08\x00", "headers": {"Content-Encoding": "gzip"}},
    "path of a login": {"json": {"phone": "1"}, "url": "http://a.test/api/UserLogin"},
    "path of a logout": {"data": {"ok": "1"}, "url": "http://a.test/account/log-out.php?x=1"},
    "path of an authorisation": {"data": {"ok": "1"}, "url": "http://a.test/oauth2/approve"},
    "action in the URL": {"data": {"ok": "1"}, "url": "http://a.test/index.php?do=SignOut"},
    "form that names its action in two words": {"data": {"action": "LogOut"}},
    "stream": {"data": io.BytesIO(b'{"password": "x"}')},
}


@pytest.mark.parametrize("kind", QUERIES)
def test_what_only_asks_is_a_query(kind: str) -> None:
    assert is_query(Request("POST", **{"url": "http://a.test/", **QUERIES[kind]}).prepare())


@pytest.mark.parametrize("kind", OTHERS)
def test_what_may_change_who_is_asking_is_none(kind: str) -> None:
    assert not is_query(Request("POST", **{"url": "http://a.test/", **OTHERS[kind]}).prepare())


@pytest.mark.parametrize(
    ("method", "override", "cached", "is_unsafe"),
    [
        ("GET", None, (), False),
        ("GET", "POST", (), True),
        ("GET", "DELETE", ("GET", "POST"), True),
        ("POST", None, (), True),
        ("POST", None, ("POST",), False),
        ("POST", "GET", (), False),
        ("POST", "DELETE", ("POST",), True),
        ("PUT", "GET", (), True),
        ("QUERY", None, ("QUERY",), False),
    ],
)
def test_a_request_is_as_unsafe_as_any_method_it_names(
    method: str, override: str | None, cached: tuple[str, ...], is_unsafe: bool
) -> None:
    headers = {"X-HTTP-Method-Override": override} if override else {}
    request = Request(method, "http://a.test/", json={"q": 1}, headers=headers).prepare()
    chain = Chain()
    chain.begin(request, cached)
    assert (chain.event is not None) is is_unsafe
