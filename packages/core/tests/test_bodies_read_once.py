"""A body that can be read once is sent, whoever asks and whatever the answer sets."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., Any]
FRESH = ("Cache-Control", "max-age=60")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


class Once:
    """Something that can be read, but not twice."""

    def __init__(self) -> None:
        self._file = io.BytesIO(b"body")

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.read()])


def generate() -> Iterator[bytes]:
    yield b"body"


BODIES: dict[str, Callable[[], Any]] = {
    "generator": generate,
    "iterator": lambda: iter([b"body"]),
    "file that cannot go back": Once,
}


def with_jar(session: Any, url: str, body: Any) -> Any:
    session.cookies.set("visit", "1")
    return session.post(url, data=body)


def after_a_page(session: Any, url: str, body: Any) -> Any:
    session.get(url)
    return session.post(url, data=body)


WAYS: dict[str, Callable[[Any, str, Any], Any]] = {
    "plain": lambda session, url, body: session.post(url, data=body),
    "get": lambda session, url, body: session.get(url, data=body),
    "put": lambda session, url, body: session.put(url, data=body),
    "cookies of the call": lambda s, url, body: s.post(url, data=body, cookies={"a": "b"}),
    "cookies of the jar": with_jar,
    "after a page": after_a_page,
    "pair": lambda session, url, body: session.post(url, data=body, auth=("ann", "pw")),
    "digest": lambda s, url, body: s.post(url, data=body, auth=HTTPDigestAuth("ann", "pw")),
    "streamed": lambda session, url, body: session.post(url, data=body, stream=True),
    "refreshed": lambda s, url, body: s.post(url, data=body, headers={"Cache-Control": "no-cache"}),
}


@BOTH_RULES
@pytest.mark.parametrize("options", [{}, {"allowable_methods": ("GET", "POST", "PUT")}])
@pytest.mark.parametrize("path", ["/here", "/elsewhere"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("body", BODIES)
def test_the_request_is_sent_once_and_answered(
    origin: Origin,
    make_session: MakeSession,
    cache_control: bool,
    options: dict[str, Any],
    path: str,
    way: str,
    body: str,
) -> None:
    cookie = ("Set-Cookie", "sid=0123456789abcdef; Path=/")
    got: list[bytes] = []

    def answer(request: Request) -> Answer:
        got.append(request.body)
        return Answer(b"done", (FRESH, cookie))

    origin.answers["/here"] = answer
    origin.answers["/elsewhere"] = lambda request: Answer(
        b"", (("Location", "/here"), ("Set-Cookie", "hop=1; Path=/")), 303
    )
    url = origin.url(path)
    expected = WAYS[way](requests.Session(), url, BODIES[body]())
    plain, got[:] = list(got), []
    session = make_session(cache_control=cache_control, **options)
    found = WAYS[way](session, url, BODIES[body]())
    assert (found.status_code, found.content) == (expected.status_code, expected.content)
    assert [body for body in got if body] == [body for body in plain if body]
    assert session.cookies.get_dict() == {
        **session.cookies.get_dict(),
        "sid": "0123456789abcdef",
    }
