"""What a response says of its own, such as the token of the next page, can be sent from a hit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., Any]
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])
NAMES = [
    "page_token",
    "next_token",
    "key",
    "token",
    "starting_token",
    "continuationToken",
    "session",
    "searchSessionId",
    "code",
    "ticket",
    "pass",
    "sig",
    "signature",
    "access_key",
    "lastEvaluatedKey",
]
PAGES = 5


def make_pages(name: str, secret: str) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        assert request.query.get("api_key", "") == secret
        number = int(request.query.get(name, "cursor-000000000")[-3:])
        own = f"api_key={secret}&" if secret else ""
        place = f"/list?{own}{name}=cursor-{number + 1:09d}"
        return Answer(
            f"page {number}".encode(),
            (
                ("Cache-Control", "max-age=60"),
                ("Link", f'<{place}>; rel="next"'),
                ("Refresh", f"5; url={place}"),
            ),
        )

    return answer


def walk(session: Any, origin: Origin, secret: str) -> list[tuple[Any, ...]]:
    url, seen = origin.url("/list" + (f"?api_key={secret}" if secret else "")), []
    for _ in range(PAGES):
        response = session.get(url)
        refresh = response.headers["Refresh"]
        seen.append((response.text, response.url, response.links["next"]["url"], refresh))
        url = origin.url(response.links["next"]["url"])
    return seen


@BOTH_RULES
@pytest.mark.parametrize("secret", ["", "s3cr3t-of-ann"])
@pytest.mark.parametrize("name", NAMES)
def test_pages_are_walked_from_the_cache_whatever_names_the_next_one(
    origin: Origin, make_session: MakeSession, cache_control: bool, name: str, secret: str
) -> None:
    origin.answers["/list"] = make_pages(name, secret)
    session = make_session(cache_control=cache_control)
    walk(session, origin, secret)
    asked = origin.count()
    again = walk(session, origin, secret)
    assert origin.count() == asked
    assert again == walk(requests.Session(), origin, secret)
    assert not secret or secret.encode() not in stored_by(session)


def stored_by(session: Any) -> bytes:
    store = session.cache.responses
    entries = [store.read(key) for key in store]
    return b"".join(entry.head + entry.body for entry in entries)


CANARY = "c4n4ry-of-ann-77"
NESTED = {
    "coded": f"to=http%3A%2F%2Fa.example%2F%3Faccess_token%3D{CANARY}%26b%3D1",
    "coded twice": f"to=http%253A%252F%252Fa.example%252F%253Fpassword%253D{CANARY}",
    "as it is": f"to=http://a.example/?client_secret={CANARY}",
    "a query alone": f"filter=api_key%3D{CANARY}",
    "a user": f"to=postgres%3A%2F%2Fann%3A{CANARY}%40a.example%2Fb",
    "JSON": f"filter=%7B%22a%22%3A1%2C%22token%22%3A%22{CANARY}%22%7D",
    "deeper": f"to=/b%3Fto%3D/c%253Fto%253D/d%25253Ftoken%25253D{CANARY}",
}


@BOTH_RULES
@pytest.mark.parametrize("query", NESTED.values(), ids=NESTED)
def test_a_secret_in_a_url_that_is_a_parameter_is_kept_out_of_store_and_log(
    origin: Origin,
    make_session: MakeSession,
    caplog: pytest.LogCaptureFixture,
    cache_control: bool,
    query: str,
) -> None:
    place = f"/nested?{query}"
    fields = (("Cache-Control", "max-age=60"), ("Link", f"<{place}&page=2>; rel=next"))
    origin.answers["/nested"] = lambda request: Answer(b"page", fields)
    session = make_session(cache_control=cache_control)
    with caplog.at_level("DEBUG"):
        answers = [session.get(origin.url(place)) for _ in range(2)]
    assert answers[1].from_cache
    for response in answers:
        assert response.url == origin.url(place)
        assert response.links["next"]["url"] == f"{place}&page=2"
        assert CANARY not in repr(response)
    assert CANARY.encode() not in stored_by(session)
    assert CANARY not in caplog.text
