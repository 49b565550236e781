"""Which requests have the same key: pure."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest, Request
from requests.structures import CaseInsensitiveDict
from requests_cache._matching.keys import Matching
from requests_cache._matching.owner import lines, names_in, value_in
from requests_cache._memos import Memo
from requests_cache.errors import UncacheableBodyError

URL = "http://site.test/path"
FORM = "application/x-www-form-urlencoded"


def prepare(method: str = "GET", url: str = URL, **options: Any) -> PreparedRequest:
    return Request(method, url, **options).prepare()


def key(method: str = "GET", url: str = URL, *, matching: Matching | None = None, **o: Any) -> str:
    return (matching or Matching()).create_key(prepare(method, url, **o))


# What makes a difference

DIFFERENT = {
    "method": (prepare("GET"), prepare("HEAD")),
    "scheme": (prepare(), prepare(url="https://site.test/path")),
    "host": (prepare(), prepare(url="http://site2.test/path")),
    "port": (prepare(), prepare(url="http://site.test:8080/path")),
    "case of the path": (prepare(), prepare(url="http://site.test/PATH")),
    "slash at the end": (prepare(), prepare(url=URL + "/")),
    "blank value": (prepare(url=URL + "?a="), prepare(url=URL)),
    "blank value and no value": (prepare(url=URL + "?a="), prepare(url=URL + "?b=")),
    "order of one name's values": (prepare(url=URL + "?a=1&a=2"), prepare(url=URL + "?a=2&a=1")),
    "repeated parameter": (prepare(url=URL + "?a=1"), prepare(url=URL + "?a=1&a=1")),
    "empty parameter": (prepare(url=URL + "?a=1&&b=2"), prepare(url=URL + "?a=1&b=2")),
    "octets that are not UTF-8": (prepare(url=URL + "?q=%E9"), prepare(url=URL + "?q=%E8")),
    "octets and U+FFFD": (prepare(url=URL + "?q=%E9"), prepare(url=URL + "?q=%EF%BF%BD")),
    "ampersand in a value": (prepare(url=URL + "?a=1%26b=2"), prepare(url=URL + "?a=1&b=2")),
    "path and body (e)": (
        prepare("POST", "http://site.test/a", data=b"b"),
        prepare("POST", "http://site.test/ab"),
    ),
    "order of a JSON array (f)": (prepare("POST", json=[1, 2]), prepare("POST", json=[2, 1])),
    "JSON number and text": (prepare("POST", json={"a": 1}), prepare("POST", json={"a": "1"})),
    "JSON integer and float": (prepare("POST", json={"a": 1}), prepare("POST", json={"a": 1.0})),
    "JSON null and absent": (prepare("POST", json={"a": None}), prepare("POST", json={"b": None})),
    "JSON number and its description": (
        prepare("POST", json=[1]),
        prepare("POST", json=[{"number": "1"}]),
    ),
    "JSON and the same octets": (
        prepare("POST", json={"a": 1}),
        prepare("POST", data=b'{"a": 1}'),
    ),
    "blank form value (f)": (prepare("POST", data={"a": ""}), prepare("POST", data={"b": ""})),
    "form's octets": (
        prepare("POST", data="q=%E9", headers={"Content-Type": FORM}),
        prepare("POST", data="q=%E8", headers={"Content-Type": FORM}),
    ),
    "form and query": (prepare("POST", data={"a": "1"}), prepare("POST", params={"a": "1"})),
    "body": (prepare("POST", data=b"1"), prepare("POST", data=b"2")),
    "file": (
        prepare("POST", files={"f": ("n", b"1")}),
        prepare("POST", files={"f": ("n", b"2")}),
    ),
    "name of a file": (
        prepare("POST", files={"f": ("n", b"1")}),
        prepare("POST", files={"f": ("m", b"1")}),
    ),
    "method override": (
        prepare("POST"),
        prepare("POST", headers={"X-HTTP-Method-Override": "DELETE"}),
    ),
    "user": (prepare(auth=("ann", "x")), prepare(auth=("bob", "x"))),
    "token in a header": (
        prepare(headers={"Authorization": "Bearer 1"}),
        prepare(headers={"Authorization": "Bearer 2"}),
    ),
    "header that holds the token": (
        prepare(headers={"X-Api-Key": "1"}),
        prepare(headers={"X-Auth-Token": "1"}),
    ),
    "cookie": (prepare(cookies={"id": "1"}), prepare(cookies={"id": "2"})),
    "token in the query": (prepare(url=URL + "?token=1"), prepare(url=URL + "?token=2")),
    "order of tokens": (
        prepare(url=URL + "?token=1&token=2"),
        prepare(url=URL + "?token=2&token=1"),
    ),
    "token in the query or the form": (
        prepare("POST", params={"token": "1"}),
        prepare("POST", data={"token": "1"}),
    ),
    "place of a token in JSON": (
        prepare("POST", json=[{"token": 1}, {}]),
        prepare("POST", json=[{}, {"token": 1}]),
    ),
    "tokens exchanged in JSON": (
        prepare("POST", json={"a": {"token": 1}, "b": {"token": 2}}),
        prepare("POST", json={"a": {"token": 2}, "b": {"token": 1}}),
    ),
    "type of a token in JSON": (
        prepare("POST", json={"token": 1}),
        prepare("POST", json={"token": "1"}),
    ),
    "shape of a secret in JSON": (
        prepare("POST", json={"secret": {"a": 1}}),
        prepare("POST", json={"secret": [["a", 1]]}),
    ),
    "secret within a secret": (
        prepare("POST", json={"secret": {"token": 1}}),
        prepare("POST", json={"secret": {"token": 2}}),
    ),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_requests_that_differ_have_different_keys(
    pair: tuple[PreparedRequest, PreparedRequest],
) -> None:
    one, other = (Matching().create_key(request) for request in pair)
    assert one != other


SAME = {
    "fragment": (prepare(url=URL + "#a"), prepare(url=URL + "#b")),
    "case of the host": (prepare(url="http://SITE.test/path"), prepare()),
    "default port": (prepare(url="http://site.test:80/path"), prepare()),
    "default port of IPv6": (prepare(url="http://[::1]:80/"), prepare(url="http://[::1]/")),
    "empty path": (prepare(url="http://site.test"), prepare(url="http://site.test/")),
    "order of parameters": (prepare(url=URL + "?a=1&b=2"), prepare(url=URL + "?b=2&a=1")),
    "params": (prepare(params={"a": "x y"}), prepare(url=URL + "?a=x%20y")),
    "order of JSON members": (
        prepare("POST", data=b'{"a": 1, "b": 2}', headers={"Content-Type": "application/json"}),
        prepare("POST", data=b'{"b":2,"a":1}', headers={"Content-Type": "application/json"}),
    ),
    "order of secret JSON members": (
        prepare("POST", data=b'{"token":1,"secret":2}', headers={"Content-Type": "a/b+json"}),
        prepare("POST", data=b'{"secret":2,"token":1}', headers={"Content-Type": "a/b+json"}),
    ),
    "order of form fields": (
        prepare("POST", data=[("a", "1"), ("b", "2")]),
        prepare("POST", data=[("b", "2"), ("a", "1")]),
    ),
    "boundary": (
        prepare("POST", files={"f": ("n", b"data")}),
        prepare("POST", files={"f": ("n", b"data")}),
    ),
    "header that is not matched": (prepare(headers={"Accept": "a"}), prepare()),
    "order of secret headers": (
        prepare(headers={"Authorization": "a", "X-Api-Key": "b"}),
        prepare(headers={"X-Api-Key": "b", "Authorization": "a"}),
    ),
    "text and bytes": (prepare("POST", data="é"), prepare("POST", data="é".encode())),
    "empty body": (prepare("POST", data=b""), prepare("POST")),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_requests_that_mean_the_same_have_the_same_key(
    pair: tuple[PreparedRequest, PreparedRequest],
) -> None:
    one, other = (Matching().create_key(request) for request in pair)
    assert one == other


def test_whether_certificates_are_verified_makes_a_difference_but_not_by_which_bundle() -> None:
    matching = Matching()
    plain = matching.create_key(prepare())
    assert matching.create_key(prepare(), verify=False) != plain
    assert matching.create_key(prepare(), verify="/some/bundle.pem") == plain


def test_keys_that_are_remembered_are_those_that_would_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More requests than are remembered, each twice, and each as a new object."""
    monkeypatch.setattr("requests_cache._matching.keys._MOST_REMEMBERED", 3)
    matching = Matching(match_headers=["Accept"])
    urls = [f"{URL}?{number}" for number in range(5)]
    for headers in ({"Accept": "a"}, {"Accept": "b"}, {"accept": b"b"}):
        for _ in range(2):
            for url in urls:
                request = prepare(url=url, headers=headers)
                made = Matching(match_headers=["Accept"]).create_key(request)
                assert matching.create_key(request) == made


# Options


@pytest.mark.parametrize("where", ["params", "data", "json"])
def test_an_ignored_parameter_makes_no_difference_wherever_it_is(where: str) -> None:
    matching = Matching(["Nonce"])
    sent: list[dict[str, Any]] = [{where: {"a": "1", "nonce": nonce}} for nonce in "12"]
    without: dict[str, Any] = {where: {"a": "1"}}
    one, other = (key("POST", matching=matching, **options) for options in sent)
    assert one == other == key("POST", matching=matching, **without)


def test_only_ignored_parameters_are_as_good_as_none() -> None:
    matching = Matching("nonce")
    assert key(url=URL + "?nonce=1", matching=matching) == key(matching=matching)


def test_an_ignored_header_makes_no_difference_even_if_it_is_a_credential() -> None:
    matching = Matching(["authorization"])
    assert key(auth=("ann", "x"), matching=matching) == key(auth=("bob", "x"), matching=matching)
    one, other = (
        matching.create_key(prepare(url=f"http://{user}@site.test/")) for user in ("ann", "bob")
    )
    assert one == other


def test_user_information_in_the_url_makes_a_difference() -> None:
    request = prepare()
    other = prepare()
    request.url, other.url = "http://ann:1@site.test/", "http://bob:1@site.test/"
    assert Matching().create_key(request) != Matching().create_key(other)


def test_without_match_credentials_users_share_responses() -> None:
    shared = Matching(match_credentials=False)
    assert key(auth=("ann", "x"), matching=shared) == key(matching=shared)
    assert key(url=URL + "?access_token=1", matching=shared) == key(matching=shared)
    assert key(cookies={"a": "1"}, matching=shared) == key(matching=shared)


def test_the_secret_key_makes_the_digests_of_credentials_ours() -> None:
    one, other = (
        key(auth=("ann", "x"), matching=Matching(secret_key=secret)) for secret in (b"1", b"2")
    )
    assert one != other
    assert key(matching=Matching(secret_key=b"1")) == key(matching=Matching(secret_key=b"2"))


def test_matched_headers_make_a_difference_whether_named_or_all() -> None:
    french = {"Accept-Language": "fr", "X-Trace": "1"}
    english = {"accept-language": "en", "X-Trace": "2"}
    for wanted in (["Accept-Language"], True):
        matching = Matching(match_headers=wanted)
        assert key(headers=french, matching=matching) != key(headers=english, matching=matching)
    named = Matching(match_headers=["Accept-Language"])
    again = {**french, "X-Trace": "9"}
    assert key(headers=french, matching=named) == key(headers=again, matching=named)


def test_a_header_of_bytes_is_the_same_as_its_text() -> None:
    matching = Matching(match_headers=["Accept"])
    one, other = (key(headers={"Accept": value}, matching=matching) for value in ("é", b"\xe9"))
    assert one == other


@pytest.mark.parametrize("kind", [dict, CaseInsensitiveDict])
def test_names_and_lines_of_fields_are_those_of_any_mapping(kind: type[Any]) -> None:
    headers = kind({"A-b": "1", "C": b"2"})
    assert set(names_in(headers)) == {"a-b", "c"}
    assert list(lines(headers)) == [("A-b", "1"), ("C", b"2")]
    assert (value_in(headers, "A-b"), value_in(headers, "none")) == ("1", None)


def test_exact_query_keeps_the_order_of_parameters_unless_one_is_secret() -> None:
    exact = Matching(exact_query=True)
    assert key(url=URL + "?a=1&b=2", matching=exact) != key(url=URL + "?b=2&a=1", matching=exact)
    secret = key(url=URL + "?b=1&token=2", matching=exact)
    assert secret not in (
        key(url=URL + "?b=1&token=3", matching=exact),
        key(url=URL + "?token=2&b=1", matching=exact),
    )


# Bodies that are read while they are sent


def test_a_file_has_the_key_of_its_bytes_and_is_left_where_it_was() -> None:
    file = io.BytesIO(b"..the data")
    file.seek(2)
    request = prepare("POST", data=file)
    assert Matching().create_key(request) == key("POST", data=b"the data")
    assert file.tell() == 2


def test_a_file_of_text_has_the_key_of_its_bytes() -> None:
    assert key("POST", data=io.StringIO("é")) == key("POST", data="é".encode())


class _Pipe(io.BytesIO):
    def tell(self) -> int:
        raise io.UnsupportedOperation("a pipe has no position")


@pytest.mark.parametrize("body", [iter([b"once"]), _Pipe(b"once")], ids=["generator", "pipe"])
def test_a_body_that_can_be_read_once_has_no_key(body: object) -> None:
    request = prepare("POST")
    request.body = body  # type: ignore[assignment]  # as requests does for streams
    with pytest.raises(UncacheableBodyError, match="once: hand it over as bytes"):
        Matching().create_key(request)


# Properties

text = st.text(max_size=8)
octets = st.binary(max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def same_json(one: Any, other: Any) -> bool:
    """Compare as JSON does: True is not 1, and the order of members means nothing."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    return bool(one == other)


@given(json_values, json_values)
def test_json_bodies_have_one_key_exactly_if_they_are_the_same_value(one: Any, other: Any) -> None:
    keys = [key("POST", json={"value": value}) for value in (one, other)]
    assert (keys[0] == keys[1]) == same_json(one, other)


pairs = st.lists(st.tuples(octets, octets), max_size=4)


def grouped(items: list[tuple[bytes, bytes]]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in items:
        found.setdefault(name, []).append(value)
    return found


@given(pairs, pairs)
def test_queries_have_one_key_exactly_if_each_name_has_the_same_values_in_order(
    one: list[tuple[bytes, bytes]], other: list[tuple[bytes, bytes]]
) -> None:
    keys = []
    for items in (one, other):
        request = prepare()
        query = "&".join(f"{quote_from_bytes(n)}={quote_from_bytes(v)}" for n, v in items)
        request.url = f"{URL}?{query}"
        keys.append(Matching().create_key(request))
    assert (keys[0] == keys[1]) == (grouped(one) == grouped(other))


fields = st.tuples(
    st.sampled_from(["GET", "POST"]),
    st.text("ab/", max_size=4),
    st.text("ab", max_size=3),
    st.booleans(),
)


@given(fields, fields)
def test_no_field_runs_into_another(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    keys = []
    for method, path, body, verify in (one, other):
        request = prepare(method, data=body or None)
        request.url = f"http://site.test/{path}"
        keys.append(Matching(match_headers=["a"]).create_key(request, verify=verify))
    assert (keys[0] == keys[1]) == (one == other)


# Stability

GOLDEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "get": ("GET", "http://site.test/a?b=2&a=1", {}),
    "secret": ("GET", "http://site.test/a?token=s", {"auth": ("ann", "pw")}),
    "form": ("POST", "http://site.test/a", {"data": {"a": "1", "b": ""}}),
    "json": ("POST", "http://site.test/a", {"json": {"a": [1, 2.5, None, "é"]}}),
    "bytes": ("PUT", "http://site.test/a", {"data": b"\x00\xff"}),
}
RELEASED = [
    "39bf0a9d2236274a76e99cb1d4a925486745179f6bee5c51e201d7210a00cdaf",
    "a1838c8e918111d5f9dc8d6e281d3e86f6a8be8b8482800f3735343d5f002f9d",
    "8ddfd8b1a70cb23f8ad6be489143807da544ec95fd0aff44ba2ac24845302d8a",
    "228b0e69a4e47870cde08bb67acf8aade71b6b897f4c3b267a7d5c1c4ad58c13",
    "21319b031b2cb1877fd726378932eb913bacf3a218e876583db9f047acd660cc",
]
PROGRAM = f"""
from requests import Request
from requests_cache._matching.keys import Matching
for method, url, options in {list(GOLDEN.values())!r}:
    print(Matching(match_headers=["b", "a"]).create_key(Request(method, url, **options).prepare()))
"""


def golden_keys() -> Iterator[str]:
    for method, url, options in GOLDEN.values():
        yield key(method, url, matching=Matching(match_headers=["b", "a"]), **options)


def test_keys_are_those_that_were_released() -> None:
    """A change of these keys makes every stored response of every user unreachable."""
    assert list(golden_keys()) == RELEASED


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_keys_are_the_same_in_every_process(seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONHASHSEED": seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == list(golden_keys())


def test_an_empty_body_is_none() -> None:
    empty = prepare("POST")
    empty.body = b""
    assert Matching().create_key(empty) == key("POST")


def test_a_memo_begins_anew_when_it_is_full() -> None:
    memo: Memo[str, int] = Memo(3)
    for number, name in enumerate("abcd"):
        memo[name] = number
    assert memo == {"d": 3}
