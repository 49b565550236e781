"""What the log says, the third time, of answers that are another's, and what helps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from requests import PreparedRequest
from requests.auth import AuthBase
from requests_cache import CachedSession
from requests_cache._exchange.whose import OwnerReasons
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., CachedSession]
Get = Callable[[Any, str, int], Any]


class Signs(AuthBase):
    """Makes another credential for each request."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Signed {self.number}"
        return request


def by_field(session: Any, url: str, number: int) -> Any:
    return session.get(url, headers={"Authorization": f"Bearer {number}"})


def by_two_fields(session: Any, url: str, number: int) -> Any:
    return session.get(url, headers={"X-Api-Key": f"{number}", "Authorization": "Bearer x"})


def by_parameter(session: Any, url: str, number: int) -> Any:
    return session.get(url, params={"access_token": f"{number}"})


def by_cookie(session: Any, url: str, number: int) -> Any:
    return session.get(url, cookies={"sid": f"{number}"})


def by_auth(session: Any, url: str, number: int) -> Any:
    return session.get(url, auth=Signs(number))


def by_partition(session: Any, url: str, number: int) -> Any:
    return session.for_partition(f"user {number}").get(url)


SAID: dict[str, tuple[Get, int, str, str]] = {
    "field": (by_field, logging.INFO, "the field or parameter 'authorization'", "leaves it out"),
    "fields": (by_two_fields, logging.INFO, "the field or parameter 'x-api-key'", "partition="),
    "parameter": (by_parameter, logging.INFO, "parameter 'access_token'", "ignored_parameters="),
    "cookie": (by_cookie, logging.INFO, "the cookie 'sid'", "ignored_parameters=['sid']"),
    "auth": (by_auth, logging.WARNING, "auth object, which changes 'authorization'", "whose they"),
}


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if "fetched again" in record.getMessage()]


@pytest.mark.parametrize("kind", SAID)
def test_what_differs_is_named_once_with_what_helps(
    kind: str, origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    get, level, cause, remedy = SAID[kind]
    session, url = make_session(), origin.url("/json")
    with caplog.at_level(logging.INFO):
        for number in range(4):
            assert not lines(caplog)
            status = get(session, url, number).cache_status
            assert status.detail == ("other-credentials" if number else None)
        (line,) = lines(caplog)
        for number in range(4, 8):
            get(session, url, number)
    assert len(lines(caplog)) == 1
    assert line.levelno == level
    assert "responses of 127.0.0.1 are" in line.getMessage()
    assert cause in line.getMessage()
    assert remedy in line.getMessage()


def test_what_has_a_partition_each_is_told_to_the_caller_alone(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    session, url = make_session(), origin.url("/json")
    with caplog.at_level(logging.INFO):
        found = [by_partition(session, url, number).cache_status.detail for number in range(6)]
    assert found == [None] + ["other-credentials"] * 5
    assert not lines(caplog)


def test_who_lacks_the_cookie_of_a_page_is_told_of_it_the_third_time(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    fields = (("Set-Cookie", "Seen=1; Path=/"), ("Content-Type", "image/png"))
    origin.answers["/page"] = lambda request: Answer(b"a page", fields)
    first = make_session()
    with caplog.at_level(logging.INFO):
        for _ in range(4):
            assert not lines(caplog)
            other: Any = make_session(backend=first.cache)
            # Nobody is sent anything, so nothing is counted.
            assert [other.explain(origin.url("/page")).action for _ in range(3)] == ["fetch"] * 3
            assert not other.get(origin.url("/page")).from_cache
    (line,) = lines(caplog)
    assert line.getMessage() == (
        "responses of 127.0.0.1 are fetched again because of the cookie 'Seen', which came with"
        " them and a new session does not hold: ignored_parameters=['Seen'] if answers do not"
        " depend on it, one session for all calls, or replay_cookies=True"
    )


def test_unsafe_requests_between_are_named(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = count()

    def login(request: Request) -> Answer:
        return Answer(b"", (("Set-Cookie", f"sid={next(numbers)}; Path=/"),))

    origin.answers["/login"] = login
    session: Any = make_session()
    with caplog.at_level(logging.INFO):
        session.get(origin.url("/json"))
        for _ in range(4):
            session.post(origin.url("/login"), data={"user": "ann"})
            assert session.get(origin.url("/json")).cache_status.detail == "other-credentials"
    # The cookie is another as well, because of them.
    (line,) = lines(caplog)
    assert "unsafe requests (POST and the like) between them" in line.getMessage()


def test_what_is_asked_without_being_sent_counts_for_nothing(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    session: Any = make_session()
    url = origin.url("/json")
    with caplog.at_level(logging.INFO):
        by_field(session, url, 0)
        for number in range(1, 6):
            headers = {"Authorization": f"Bearer {number}"}
            assert session.explain(url, headers=headers).action == "fetch"
            assert session.explain(url, headers=headers).rule == "match_credentials, partition"
    assert not lines(caplog)


@pytest.mark.parametrize("matched", [["Accept-Language"], True])
def test_other_methods_urls_and_fields_are_other_requests(
    matched: Any, origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session(match_headers=matched, allowable_methods=["GET", "POST"])

    def detail(number: int, path: str = "/json", verb: str = "GET", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {number}", "Accept-Language": more.pop("speaks", "en")}
        return session.request(verb, origin.url(path), headers=headers, **more).cache_status.detail

    assert [detail(1), detail(1, "/image"), detail(1, speaks="de")] == [None] * 3
    assert [detail(2, "/echo"), detail(3, speaks="fr"), detail(1, "/json?a=1")] == [None] * 3
    assert [detail(2, speaks="de"), detail(3, "/image")] == ["other-credentials"] * 2
    assert detail(3, "/image", verify=False) is None
    # It is there, and asked for in any case.
    assert detail(1, "/image", force_refresh=True) is None
    assert [detail(4, "/echo", "POST", data="a"), detail(5, "/echo", "POST", data="a")] == [
        None
    ] * 2
    # What is asked for again has been lost.
    session.cache.clear()
    assert detail(2, speaks="de") is None


def test_so_many_reasons_are_counted_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    reasons = OwnerReasons()
    with caplog.at_level(logging.INFO):
        for number in range(300):
            reasons.note("cookie", f"sid{number}", "a.example")
        for _ in range(2):
            for number in (0, 255, 256, 299):
                reasons.note("cookie", f"sid{number}", "a.example")
    assert [
        name for name in ("'sid0'", "'sid255'", "'sid256'", "'sid299'") if name in caplog.text
    ] == [
        "'sid0'",
        "'sid255'",
    ]


def test_a_field_that_nobody_compares_makes_no_other_request(
    origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session(match_headers=["Accept-Language"])
    for number in range(2):
        headers = {"Authorization": f"Bearer {number}", "X-Trace": f"{number}"}
        status = session.get(origin.url("/json"), headers=headers).cache_status
    assert status.detail == "other-credentials"
