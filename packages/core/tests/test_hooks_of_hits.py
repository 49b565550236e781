"""Hooks are called with a hit as requests calls them with an answer of the origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPDigestAuth
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., Any]
FRESH = ("Cache-Control", "max-age=60")
DIGEST = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])
STREAMED = pytest.mark.parametrize("stream", [False, True])


class TokenAuth(AuthBase):
    """Gets a token when a request is refused, and sends it again through the adapter."""

    def __call__(self, request: Any) -> Any:
        request.register_hook("response", self.answer)
        return request

    def answer(self, response: Any, **kwargs: Any) -> Any:
        if response.status_code != 401:
            return response
        response.content  # noqa: B018  # so that the connection can be used again
        response.close()
        again = response.request.copy()
        again.headers["Authorization"] = "Bearer good"
        answered = response.connection.send(again, **kwargs)
        answered.request = again
        return answered


def guard(request: Request) -> Answer:
    if "authorization" in request.headers:
        return Answer(b"secret", (FRESH,))
    return Answer(b"no", (FRESH, DIGEST), 401)


def guard_redirect(request: Request) -> Answer:
    if "authorization" in request.headers:
        return Answer(b"", (FRESH, ("Location", "/end")), 302)
    return Answer(b"no", (FRESH, DIGEST), 401)


@pytest.fixture
def session(origin: Origin, make_session: MakeSession, cache_control: bool) -> Any:
    end = Answer(b"end", (FRESH,))
    origin.answers |= {"/a": guard, "/b": guard_redirect, "/end": lambda request: end}
    return make_session(cache_control=cache_control, allowable_codes=(200, 401))


def of_session(session: Any, url: str, auth: Any, stream: bool) -> Any:
    """Have the hook of an auth object as one of the session, which the fast path calls."""
    session.hooks["response"] = [TokenAuth().answer]
    return session.get(url, stream=stream)


def of_call(session: Any, url: str, auth: Any, stream: bool) -> Any:
    return session.get(url, auth=auth, stream=stream)


WAYS: dict[str, tuple[Callable[..., Any], Any]] = {
    "token hook": (of_call, TokenAuth()),
    "digest": (of_call, HTTPDigestAuth("ann", "pw")),
    "hook of the session": (of_session, None),
}


@BOTH_RULES
@STREAMED
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/a", "/b"])
def test_a_stored_challenge_can_be_answered(
    session: Any, origin: Origin, path: str, way: str, stream: bool
) -> None:
    call, auth = WAYS[way]
    for _ in range(2):
        assert session.get(origin.url(path)).status_code == 401
    expected = call(requests.Session(), origin.url(path), auth, stream)
    for _ in range(3):
        answered = call(session, origin.url(path), auth, stream)
        assert answered.status_code == expected.status_code == 200
        assert answered.content == expected.content
        assert [hop.status_code for hop in answered.history if hop.is_redirect] == (
            [302] if path == "/b" else []
        )
        assert answered.from_cache in (True, False)
        assert answered.cache_status is not None


@BOTH_RULES
@STREAMED
def test_a_hook_gets_what_it_needs_to_ask_again(session: Any, origin: Origin, stream: bool) -> None:
    seen: list[Any] = []

    def note(response: Any, **kwargs: Any) -> None:
        seen.append((type(response.connection), set(kwargs), dict(kwargs["proxies"].copy())))
        seen.append(response.connection.send(response.request, **kwargs).content)

    for asking in (requests.Session(), session, session, session):
        asking.hooks["response"] = [note]
        asking.get(origin.url("/end"), stream=stream, timeout=5)
        prepared = asking.prepare_request(requests.Request("GET", origin.url("/end")))
        asking.send(prepared, timeout=5)
    expected: Any = (HTTPAdapter, {"stream", "timeout", "verify", "cert", "proxies"}, {})
    assert seen[::2] == [expected] * 8
    assert seen[1::2] == [b"end"] * 8


@BOTH_RULES
def test_a_response_that_a_hook_puts_in_the_place_of_a_hit_says_that_it_is_none(
    session: Any, origin: Origin
) -> None:
    session.get(origin.url("/end"))
    other: Any = requests.Response()
    response = session.get(origin.url("/end"), hooks={"response": lambda *args, **kwargs: other})
    assert response is other
    assert not response.from_cache
    assert response.cache_status.detail == "sent-as-another-request"


def test_a_request_that_is_not_prepared_is_refused_as_requests_refuses_it(origin: Origin) -> None:
    with CachedSession(backend="memory") as session:
        for asking in (requests.Session(), session):
            with pytest.raises(ValueError, match="only send PreparedRequests"):
                asking.send(requests.Request("GET", origin.url("/end")))  # type: ignore[arg-type]
