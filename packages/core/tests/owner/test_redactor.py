"""What a redactor replaces, and what it notes of it: the places of the request, in order."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote

import pytest
from requests_cache._matching.credentials import Redactor
from requests_cache._matching.texts import mentions

OWN = {"fiv": "url 3", "four": "url 2", "7letter": "field x"}
OWN |= {"tok-5678": "url 1", "abc+d": "cookie sid"}


@pytest.mark.parametrize(
    ("name", "value", "redacted", "sources"),
    [
        # All that a field says.
        ("X-Next", "tok-5678", "REDACTED", ["url 1"]),
        ("X-Next", "four", "REDACTED", ["url 2"]),
        ("X-Next", "fiv", "fiv", []),
        ("ETag", "tok-5678", "tok-5678", []),
        # What it repeats, side by side and in part; a short one may be anything.
        ("X-Next", "see tok-5678!", "see REDACTED!", ["url 1"]),
        ("X-Next", "tok-5678tok-5678", "REDACTEDREDACTED", ["url 1", "url 1"]),
        ("X-Next", "see 7letter", "see 7letter", []),
        # What is not the request's stays, but for the target of a redirect.
        ("Link", "<//u@a.test/?token=tok-5678&b=1>", "<//a.test/?token=REDACTED&b=1>", ["url 1"]),
        (
            "Link",
            "<//a.test/?secret=new>, </?sig=four>",
            "<//a.test/?secret=new>, </?sig=REDACTED>",
            ["url 2"],
        ),
        (
            "Link",
            "</a;jsessionid=new>, </b;jsessionid=four>",
            "</a;jsessionid=new>, </b;jsessionid=REDACTED>",
            ["url 2"],
        ),
        ("Link", "</?own=new&secret=new>", "</?own=REDACTED&secret=new>", [None]),
        ("Location", "/?secret=new,1 2&b=1", "/?secret=REDACTED&b=1", [None]),
        ("Location", "/?own=new&x=four", "/?own=REDACTED&x=four", [None]),
        ("Location", "/?key=new", "/?key=new", []),
        ("Location", "?secret=new&b=1", "?secret=REDACTED&b=1", [None]),
        ("Location", "?own=new&c=a?b#own=new", "?own=REDACTED&c=a?b#own=REDACTED", [None, None]),
        ("Location", "/X&own=new", "/X&own=new", []),
        ("Location", "/state=1/?x=1&code=new", "/state=1/?x=1&code=new", []),
        ("Location", "/?code=four", "/?code=REDACTED", ["url 2"]),
        ("Location", "/secret=new/b?c=1", "/secret=REDACTED/b?c=1", [None]),
        ("Location", "/?code=new&state=1", "/?code=REDACTED&state=1", [None]),
        ("Location", "/?back=/%3Fsecret%3Dnew", "/?back=/%3Fsecret%3Dnew", []),
        # As it is, or decoded; also where two rules see the same.
        ("Location", "/?secret=abc%2Bd", "/?secret=REDACTED", ["cookie sid"]),
        ("Location", "/?b=1&secret=abc+d", "/?b=1&secret=REDACTED", ["cookie sid"]),
        ("Location", "/a;jsessionid=abc%2Bd", "/a;jsessionid=REDACTED", ["cookie sid"]),
        ("Content-Location", "/a;jsessionid=new/b", "/a;jsessionid=REDACTED/b", [None]),
    ],
)
def test_a_field_of_a_response_says_where_the_request_has_it(
    name: str, value: str, redacted: str, sources: list[str | None]
) -> None:
    found: list[str | None] = []
    assert Redactor(["OWN"]).field(name, value, OWN, found) == redacted
    assert found == sources


@pytest.mark.parametrize(
    ("own", "text", "redacted", "sources"),
    [
        ({"12345678": "a", "45678901": "b"}, "12345678901 12345678", "REDACTED901 REDACTED", "aa"),
        ({"12345678": "a"}, "1234567812345678 123456789", "REDACTEDREDACTED REDACTED9", "aaa"),
    ],
)
def test_of_two_that_overlap_the_first_is_replaced(
    own: Mapping[str, str], text: str, redacted: str, sources: str
) -> None:
    found: list[str | None] = []
    assert Redactor().field("X-Text", text, own, found) == redacted
    assert found == list(sources)


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Referer", "//u@a.test/?secret=a,b&c=1", "//a.test/?secret=REDACTED,b&c=1"),
        ("Location", "//u@a.test/?secret=a,b&c=1", "//a.test/?secret=REDACTED&c=1"),
        ("X-Original-URL", "/a?secret=a&c=1", "/a?secret=REDACTED&c=1"),
        ("X-Text", "//u@a.test/?secret=a", "//a.test/?secret=REDACTED"),
        ("X-Text", '{"secret": "a"}', "REDACTED"),
        ("X-Text", "a=b; page_token=c: d@e", "a=b; page_token=c: d@e"),
    ],
)
def test_a_field_of_a_request_loses_all_secrets(name: str, value: str, redacted: str) -> None:
    assert Redactor().field(name, value) == redacted
    assert Redactor().headers([(name, value)]) == [(name, redacted)]


@pytest.mark.parametrize(("times", "is_seen"), [(0, True), (1, True), (3, True), (4, False)])
def test_a_url_in_a_url_is_looked_into_four_times(times: int, is_seen: bool) -> None:
    value = "http://b.test/?secret=new"
    for _ in range(times):
        value = quote(value, safe="")
    assert Redactor().is_secret_within(value) is is_seen
    assert not Redactor().is_secret_within("a%3Db")


def test_a_further_name_is_that_of_a_member_too() -> None:
    redactor = Redactor(["Own"])
    names = ["OWN", "a[b][own]", "password", "a[own]b", "ownb]", "own[a]"]
    assert list(filter(redactor.is_secret, names)) == names[:3]
    assert list(filter(redactor.is_secret_field, ["own", "X-Token", "a[own]"])) == [
        "own",
        "X-Token",
    ]


def test_a_text_loses_what_is_before_a_query_and_in_it() -> None:
    said = "secret=new at /?pwd=new&b=1"
    assert Redactor().text(said) == "secret=REDACTED at /?pwd=REDACTED&b=1"


@pytest.mark.parametrize("key", [b"", b"k"])
def test_a_digest_is_ours(key: bytes) -> None:
    value = "\udc80"
    text = value.encode("utf-8", "surrogatepass")
    digest = hmac.new(b"requests-cache variant" + key, text, sha256).hexdigest()
    assert Redactor(secret_key=key).digest(value) == digest
    assert Redactor().digest(value) == Redactor(secret_key=b"").digest(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (r'{"\u0074oken": "a"}', "application/json"),
        ("<a data='{&quot;token&quot;: &quot;a&quot;}'>", "text/html"),
        ("x%22token%22%3A%20%22a%22", "text/plain"),
    ],
)
def test_a_name_is_found_behind_escapes(text: str, kind: str) -> None:
    assert mentions("token".__eq__, text, kind)
    assert not mentions("other".__eq__, text, kind)
