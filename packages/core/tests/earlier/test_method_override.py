"""A POST that asks to be taken for a GET, as version 1.3 documents it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin

NAMES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]


@pytest.fixture(autouse=True)
def lasting(origin: Origin) -> None:
    origin.answers["/ask"] = lambda request: Answer(
        request.method.encode() + request.body, (("Cache-Control", "max-age=60"),)
    )


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_cached_by_its_body(
    name: str, cache_control: bool, make_session: Callable[..., CachedSession], origin: Origin
) -> None:
    session = make_session(cache_control=cache_control)
    url, headers = origin.url("/ask"), {name: "get"}
    for _ in range(2):
        response = session.post(url, data=b"one", headers=headers)
    assert response.from_cache
    assert response.content == b"POSTone"
    assert not session.post(url, data=b"two", headers=headers).from_cache
    assert session.get(url).content == b"GET"
    assert session.post(url, data=b"one", headers=headers).from_cache


@pytest.mark.parametrize("method", ["DELETE", "PUT", "nothing"])
def test_another_override_is_no_question(
    method: str, make_session: Callable[..., CachedSession], origin: Origin
) -> None:
    session = make_session()
    for _ in range(2):
        response = session.post(
            origin.url("/ask"), data=b"one", headers={"X-HTTP-Method-Override": method}
        )
        assert not response.from_cache
