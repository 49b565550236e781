"""What an auth object or a hook gets by sending the request again is not what was asked for."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.auth import AuthBase
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin, Request

USERS = {"token-of-ann": b"ann", "token-of-bob": b"bob"}


def account(request: Request) -> Answer:
    given = (request.headers.get(name, "") for name in ("authorization", "x-custom"))
    user = next((USERS[token] for token in given if token in USERS), None)
    if user is None:
        return Answer(b"who?", (("WWW-Authenticate", "Custom"),), 401)
    return Answer(user, (("Cache-Control", "private, max-age=60"),))


class TokenOnChallenge(AuthBase):
    """Sends the request again with a token, as hooks for OAuth, NTLM and Kerberos do."""

    def __init__(self, token: str, *, field: str, in_place: bool, history: bool) -> None:
        self.token, self.field, self.in_place, self.history = token, field, in_place, history

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.register_hook("response", self.answer)
        return request

    def answer(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        if response.status_code != 401:
            return response
        response.content  # noqa: B018  # reads it, so that the connection can be used again
        request = response.request if self.in_place else response.request.copy()
        request.headers[self.field] = self.token
        again: requests.Response = response.connection.send(request, **kwargs)
        again.request = request
        if self.history:
            again.history.append(response)
        return again


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["Authorization", "X-Custom"])
@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("of_session", [False, True])
def test_the_answer_to_a_challenge_belongs_to_who_answered_it(
    cache_control: bool,
    stream: bool,
    field: str,
    in_place: bool,
    history: bool,
    of_session: bool,
    origin: Origin,
) -> None:
    origin.answers["/account"] = account
    session = CachedSession(backend="memory", cache_control=cache_control)

    def ask(user: str | None) -> bytes | None:
        how = {"field": field, "in_place": in_place, "history": history}
        auth = TokenOnChallenge(f"token-of-{user}", **how) if user else None  # type: ignore[arg-type]  # flags
        if of_session:
            session.auth = auth
            auth = None
        response = session.get(origin.url("/account"), auth=auth, stream=stream)
        assert not response.from_cache
        return response.content

    asked = ["ann", "bob", None, "ann", None]
    assert [ask(user) for user in asked] == [b"ann", b"bob", b"who?", b"ann", b"who?"]


def test_what_an_adapter_adds_to_each_request_does_not_keep_it_from_being_stored(
    origin: Origin,
) -> None:
    class Tracing(requests.adapters.HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
            request.headers["X-Trace"] = "1"
            return super().send(request, *args, **kwargs)

    session = CachedSession(backend="memory")
    session.mount("http://", Tracing())
    session.get(origin.url("/json"))
    assert session.get(origin.url("/json")).from_cache


def test_what_an_adapter_signs_is_not_stored_for_everybody(origin: Origin) -> None:
    class Signing(requests.adapters.HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
            request.headers["Authorization"] = "token-of-ann"
            return super().send(request, *args, **kwargs)

    origin.answers["/account"] = account
    session = CachedSession(backend="memory")
    session.mount("http://", Signing())
    assert session.get(origin.url("/account")).content == b"ann"
    other = CachedSession(backend=session.cache)
    assert other.get(origin.url("/account")).status_code == 401


def test_a_hook_that_answers_with_another_page_does_not_store_it_under_this_one(
    origin: Origin,
) -> None:
    session = CachedSession(backend="memory")
    plain = requests.Session()

    def other(response: requests.Response, **kwargs: Any) -> requests.Response:
        return plain.get(origin.url("/text"))

    session.get(origin.url("/json"), hooks={"response": other})
    assert session.get(origin.url("/json")).url == origin.url("/json")
