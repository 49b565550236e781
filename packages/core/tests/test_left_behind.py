"""Nothing stays behind: of a session's `stream`, of variants that are gone, of broken redirects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests_cache._exchange.known import StoredSet, read_siblings
from requests_cache.backends.base import Entry
from requests_cache.policy import Headers
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., Any]
FRESH = ("Cache-Control", "max-age=60")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


def by_language(request: Request) -> Answer:
    told = request.headers.get("accept-language", "").encode()
    return Answer(told, (FRESH, ("Vary", "Accept-Language")))


@BOTH_RULES
def test_the_stream_of_a_session_holds_for_each_call_of_a_known_url(
    origin: Origin, make_session: MakeSession, cache_control: bool
) -> None:
    session, url = make_session(cache_control=cache_control), origin.url("/max-age/60")
    body = requests.get(url).content
    for stream in (False, False, True, True, False, True, False):
        session.stream = stream
        response = session.get(url)
        assert response._content_consumed is not stream
        assert not stream or response.raw.read() == body
        assert response.content == (b"" if stream else body)
    assert session.get(url).from_cache


@BOTH_RULES
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_variant_that_is_removed_is_named_no_more(
    origin: Origin, make_session: MakeSession, cache_control: bool, gone: int
) -> None:
    origin.answers["/by-language"] = by_language
    session, url = make_session(cache_control=cache_control), origin.url("/by-language")
    languages = ["de", "fr", "it"]
    responses = [session.get(url, headers={"Accept-Language": name}) for name in languages]
    cache, key = session.cache, responses[0].cache_key
    own = StoredSet(cache, key, lambda response: None)
    own.load(cache.read_response(key), Headers())
    variants = [key, *read_siblings(cache.read_response(key).record.fields)]
    assert len(variants) == 3
    own.remove([variants[gone]])
    named = read_siblings(cache.read_response(key).record.fields)
    assert {key, *named} == set(cache.responses)
    assert len(named) == 1
    hits = [session.get(url, headers={"Accept-Language": name}).from_cache for name in languages]
    assert sorted(hits) == [False, True, True]


@BOTH_RULES
@pytest.mark.parametrize("head", [b"", b"garbage", b"RQC\x01", b"\xff" * 100])
def test_redirects_that_cannot_be_read_are_deleted_with_what_is_invalid(
    origin: Origin, make_session: MakeSession, cache_control: bool, head: bytes
) -> None:
    session = make_session(cache_control=cache_control)
    cache = session.cache
    session.get(origin.url("/redirect/2"))
    good = set(cache.redirects)
    cache.redirects.write("bad", Entry(head, b"", None, None))
    cache.delete(expired=True)
    assert set(cache.redirects) == good | {"bad"}
    cache.delete(invalid=True)
    assert set(cache.redirects) == good
    assert session.get(origin.url("/redirect/2")).status_code == 200
