"""What stands for a call on the fast path: all that has a part in its key, kinds of values too."""

from __future__ import annotations

from typing import Any

import pytest
from requests import PreparedRequest, Request
from requests.auth import HTTPBasicAuth
from requests_cache._fast_path.identities import (
    freeze,
    has_wishes,
    identify,
    identify_prepared,
    identify_with_body,
    is_basic,
)

URL = "http://a.test/"
GET = {"allow_redirects": True}
# URL, params, headers, auth, verify, stream; of the last two None is what the session says.
PLAIN = (URL, (), (), None, None, None)


@pytest.mark.parametrize(
    ("kwargs", "identity"),
    [
        (GET, URL),
        (GET | {"params": None}, URL),
        (GET | {"timeout": 5}, URL),
        (GET | {"params": None, "timeout": 5}, URL),
        ({}, PLAIN),
        ({"timeout": 5}, PLAIN),
        (dict.fromkeys(["auth", "headers", "params", "stream", "timeout", "verify"]) | GET, PLAIN),
        ({"allow_redirects": False}, None),
        ({"allow_redirects": 1}, None),
        (GET | {"data": "x"}, None),
        (GET | {"params": {"a": 1}}, (URL, (("a", 1),), *PLAIN[2:])),
        (GET | {"headers": {"a": "1"}}, (URL, (), (("a", "1"),), *PLAIN[3:])),
        (GET | {"params": "a=1"}, None),
        (GET | {"headers": [("a", "1")]}, None),
        (GET | {"auth": ("ann", "b")}, (*PLAIN[:3], ("ann", "b"), *PLAIN[4:])),
        (GET | {"auth": HTTPBasicAuth("ann", "b")}, (*PLAIN[:3], ("ann", "b"), *PLAIN[4:])),
        (GET | {"auth": ["ann", "b"]}, None),
        (GET | {"verify": None}, PLAIN),
        (GET | {"verify": True}, (*PLAIN[:4], True, None)),
        (GET | {"verify": False}, (*PLAIN[:4], False, None)),
        (GET | {"verify": "a.pem"}, None),
        (GET | {"stream": 1}, (*PLAIN[:5], True)),
        (GET | {"stream": 0}, (*PLAIN[:5], False)),
        (GET | {"stream": None}, PLAIN),
    ],
)
def test_a_call_is_its_arguments_unless_one_is_not_ordinary(
    kwargs: dict[str, Any], identity: Any
) -> None:
    found = identify(URL, kwargs)
    assert found == identity
    assert list(map(type, found or ())) == list(map(type, identity or ()))
    assert identify(type("Text", (str,), {})(URL), kwargs) is None


@pytest.mark.parametrize(
    ("kwargs", "body"),
    [
        ({}, ()),
        ({"data": None, "json": None}, ()),
        ({"data": {}}, ()),
        ({"data": {}, "json": {"a": 1}}, (None, '{"a": 1}')),
        ({"json": {"a": 1}}, (None, '{"a": 1}')),
        ({"json": {"a": True}}, (None, '{"a": true}')),
        ({"json": []}, (None, "[]")),
        ({"json": float("nan")}, None),
        ({"json": {1, 2}}, None),
        ({"json": "x" * 20_000}, None),
        ({"data": "a=1", "json": {"a": 1}}, (str, "a=1")),
        ({"data": b"a=1"}, (bytes, b"a=1")),
        ({"data": ""}, None),
        ({"data": b"x" * 20_000}, None),
        ({"data": {"a": 1}}, (dict, ("a", 1))),
        ({"data": {"a": [1, True]}}, (dict, ("a", (list, (int, 1), (bool, True))))),
        ({"data": {"a": object()}}, None),
        ({"data": [("a", "1")]}, None),
        ({"data": iter([b"a"])}, None),
        ({"files": {"a": b"1"}}, None),
    ],
)
def test_a_body_is_what_requests_makes_bytes_of(kwargs: dict[str, Any], body: Any) -> None:
    """What takes part in nothing else; None goes the long way."""
    identity = identify_with_body("POST", URL, kwargs)
    assert identity == (None if body is None else ("POST", body, *PLAIN))


@pytest.mark.parametrize(
    ("auth", "is_one"),
    [
        (None, True),
        (("a", "b"), True),
        (("a", b"b"), False),
        (("a",), False),
        (("a", "b", "c"), False),
        ("ab", False),
    ],
)
def test_a_name_and_a_password_are_two_texts(auth: object, is_one: bool) -> None:
    assert is_basic(auth) is is_one


@pytest.mark.parametrize(
    ("items", "frozen"),
    [
        (None, ()),
        ({}, ()),
        ({"a": "1", "b": 1}, (("a", "1"), ("b", 1))),
        ({"a": True}, (("a", (bool, True)),)),
        ({"a": 1.0, "b": None}, (("a", (float, 1.0)), ("b", (type(None), None)))),
        ({"a": b"1"}, (("a", (bytes, b"1")),)),
        ({"a": ["1", 1, True]}, (("a", (list, (str, "1"), (int, 1), (bool, True))),)),
        ({"a": ()}, (("a", (tuple,)),)),
        ({"a": ["1", ["2"]]}, None),
        ({"a": {"1"}}, None),
        ({b"a": "1"}, None),
        ([("a", "1")], None),
    ],
)
def test_plain_values_are_kept_with_their_kind(items: object, frozen: Any) -> None:
    assert freeze(items) == frozen


def prepared(**changes: Any) -> PreparedRequest:
    request = Request("GET", URL, headers={"A": "1"}).prepare()
    for name, value in changes.items():
        setattr(request, name, value)
    return request


@pytest.mark.parametrize(
    ("changes", "is_ordinary"),
    [
        ({}, True),
        ({"hooks": None}, True),
        ({"hooks": {"response": []}}, True),
        ({"hooks": {"response": [print]}}, False),
        ({"method": "HEAD"}, False),
        ({"body": b""}, False),
        ({"headers": {"A": "1"}}, False),
    ],
)
def test_a_prepared_get_is_its_url_and_its_fields(
    changes: dict[str, Any], is_ordinary: bool
) -> None:
    identity = (None, URL, ("A", "1")) if is_ordinary else None
    assert identify_prepared(prepared(**changes)) == identity


def test_a_request_of_another_class_is_not_ordinary() -> None:
    other = prepared()
    other.__class__ = type("Other", (PreparedRequest,), {})
    assert identify_prepared(other) is None


def test_a_wish_takes_the_long_way_however_it_is_spelt() -> None:
    assert has_wishes({"Accept": "*/*", "IF-None-Match": '"a"'})
    assert has_wishes({"Cookie": "a=1"})
    assert not has_wishes({"Accept": "*/*", "X-Range": "1"})
