"""`request` and `url` of a hit are the caller's, whoever's request the response was stored with."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests_cache.testing.origin import Answer, Origin

MakeSession = Callable[..., Any]
Ask = Callable[[Any, str], Any]
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


def in_session(name: str, value: Any) -> Ask:
    def ask(session: Any, url: str) -> Any:
        session.headers[name] = value
        return session.get(url)

    return ask


def with_nothing(session: Any, url: str) -> Any:
    session.headers = {}
    return session.get(url)


def prepared(session: Any, url: str) -> Any:
    request = requests.Request("GET", url, headers={"X-Trace": "2"})
    return session.send(session.prepare_request(request))


WAYS: dict[str, Ask] = {
    "plain": lambda session, url: session.get(url),
    "field of the call": lambda session, url: session.get(url, headers={"X-Trace": "\u00e9"}),
    "two fields": lambda session, url: session.get(url, headers={"X-A": "1", "x-b": b"\xe9"}),
    "field of the session": in_session("User-Agent", "mine/1"),
    "field in bytes": in_session("X-Trace", b"bytes"),
    "no fields": with_nothing,
    "field taken away": lambda session, url: session.get(url, headers={"Accept": None}),
    "order of names": lambda session, url: session.get(url.replace("?a=1&b=2", "?b=2&a=1")),
    "params": lambda session, url: session.get(url.partition("?")[0], params={"b": 2, "a": 1}),
    "fragment": lambda session, url: session.get(f"{url}#there"),
    "prepared": prepared,
    "streamed": lambda session, url: session.get(url, headers={"X-Trace": "3"}, stream=True),
    "with a timeout": lambda session, url: session.get(url, headers={"X-Trace": "4"}, timeout=5),
}


def look(response: Any) -> tuple[Any, ...]:
    request = response.request
    return response.url, request.method, request.url, dict(request.headers), request.body


@BOTH_RULES
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", ["plain", "field of the call", "fragment"])
def test_a_hit_has_the_request_of_its_caller(
    origin: Origin, make_session: MakeSession, cache_control: bool, first: str, way: str
) -> None:
    page = Answer(b"page", (("Cache-Control", "max-age=60"),))
    origin.answers["/page"] = lambda request: page
    url = origin.url("/page?a=1&b=2")
    session = make_session(cache_control=cache_control)
    fields = session.headers.copy()
    WAYS[first](session, url)
    for _ in range(3):
        session.headers, other = fields.copy(), requests.Session()
        found = WAYS[way](session, url)
        assert found.content == b"page"
        copy = pickle.loads(pickle.dumps(found))
        assert look(found) == look(copy) == look(WAYS[way](other, url))
