"""Auth objects of any make: what they add to a request says who is asking, and so do they."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest
from requests.auth import AuthBase
from requests_cache import BaseCache, CachedSession
from requests_cache.testing.origin import Origin

SECRET = "s3cret-of-"


def adding(field: str) -> Callable[[str], Any]:
    """Give what makes functions that set a header field."""

    def make(name: str) -> Any:
        def sign(request: PreparedRequest) -> PreparedRequest:
            request.headers[field] = SECRET + name
            return request

        return sign

    return make


class ActsFor(AuthBase):
    """A service that acts for somebody: user and password are always the same."""

    def __init__(self, name: str) -> None:
        self.username, self.password = "service", "x"
        self.act_as = name

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {SECRET}{self.name}"
        return request

    @property
    def name(self) -> str:
        return self.act_as


class ActsForNested(ActsFor):
    def __init__(self, name: str) -> None:
        super().__init__("")
        self.options = {"on_behalf": {"name": name}}

    @property
    def name(self) -> str:
        return self.options["on_behalf"]["name"]


class ActsForSlot(AuthBase):
    __slots__ = ("name", "password", "username")

    def __init__(self, name: str) -> None:
        self.username, self.password, self.name = "service", "x", name

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Runs"] = SECRET + self.name
        return request


def in_url(name: str) -> Any:
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.prepare_url(request.url or "", {"access_token": SECRET + name})
        return request

    return sign


def in_cookie(name: str) -> Any:
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["Cookie"] = f"who={SECRET}{name}"
        return request

    return sign


OBJECTS: dict[str, Callable[[str], Any]] = {
    "a function that sets Authorization": adding("Authorization"),
    "a function that sets a field that says nothing": adding("X-Plain"),
    "a function that sets another such field": adding("Custom"),
    "a function that changes the URL": in_url,
    "a function that sets a cookie": in_cookie,
    "an attribute names whom it acts for": ActsFor,
    "a nested attribute names whom it acts for": ActsForNested,
    "a slot names whom it acts for": ActsForSlot,
}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("of_session", [False, True], ids=["call", "session"])
def test_each_is_found_again_and_only_by_his_own(
    kind: str, of_session: bool, rules: bool, origin: Origin
) -> None:
    cache, make, url = BaseCache(), OBJECTS[kind], origin.url("/echo")
    for name in ("ann", "bob"):
        session = CachedSession(backend=cache, cache_control=rules, expire_after=60)
        if of_session:
            session.auth = make(name)
        answers = [
            session.get(url) if of_session else session.get(url, auth=make(name)) for _ in range(2)
        ]
        assert [answer.from_cache for answer in answers] == [False, True]
        assert session.cache.create_key(answers[1].request) == answers[1].cache_key
    assert not CachedSession(backend=cache, cache_control=rules).get(url).from_cache
    stored = b"".join(entry.head for _, entry in cache.entries(bodies=True))
    assert SECRET.encode() not in stored


def test_what_a_signer_makes_anew_for_each_request_says_nothing(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    class Signer(AuthBase):
        def __init__(self) -> None:
            self.username, self.password, self.last_nonce = "ann", "x", ""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            self.last_nonce += "n"
            request.headers["Authorization"] = f"Signed {self.last_nonce}"
            request.headers["X-Timestamp"] = self.last_nonce
            return request

    session, auth = make_session(expire_after=60), Signer()
    session.get(origin.url("/json"), auth=auth)
    assert session.get(origin.url("/json"), auth=auth).from_cache
