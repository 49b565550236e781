"""What is stored is what the origin said, whatever is done to the response while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., Any]
FRESH = ("Cache-Control", "max-age=60")
TEXT = ("Content-Type", "text/html; charset=utf-8")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])
FORM = b'<form><input type="password" name="p"></form>'


def lead(request: Request) -> Answer:
    steps = int(request.query["steps"])
    to = f"/lead?steps={steps - 1}" if steps else "/page"
    return Answer(b"", (FRESH, ("Location", to)), 302)


def answer_page(request: Request) -> Answer:
    return Answer("\u00e4".encode() * 30, (FRESH, TEXT))


def answer_form(request: Request) -> Answer:
    kind = ("Content-Type", f"text/html; charset={request.query['charset']}")
    return Answer(FORM, (FRESH, kind, ("Set-Cookie", "sid=0123456789abcdef; Path=/")))


@pytest.fixture
def session(origin: Origin, make_session: MakeSession, cache_control: bool) -> Any:
    origin.answers |= {"/lead": lead, "/page": answer_page, "/form": answer_form}
    return make_session(cache_control=cache_control)


def rename(response: Any) -> None:
    response.url, response.reason, response.encoding = "http://a.example/", "Mine", "latin-1"


def mark(response: Any) -> None:
    response.headers["X-Mine"] = "1"
    response.headers.pop("Cache-Control")


def count_anew(response: Any) -> None:
    response.status_code, response.history = 299, [requests.Response()]


CHANGES: list[Callable[[Any], None]] = [rename, mark, count_anew]


def look(response: Any) -> tuple[Any, ...]:
    ours = ("Age", "Date")
    headers = [(name, value) for name, value in response.headers.items() if name not in ours]
    hops = [hop.status_code for hop in response.history]
    return response.status_code, response.reason, response.url, response.text, headers, hops


@BOTH_RULES
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_page_that_a_streamed_redirect_led_to_has_no_redirects_of_its_own(
    session: Any, origin: Origin, steps: int
) -> None:
    led = session.get(origin.url(f"/lead?steps={steps}"), stream=True)
    assert led.text == "\u00e4" * 30
    assert len(led.history) == steps + 1
    for stream in (False, True):
        response = session.get(origin.url("/page"), stream=stream)
        assert response.from_cache
        assert look(response) == look(requests.get(origin.url("/page")))


@BOTH_RULES
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_caller_does_to_a_response_before_he_reads_it_is_his_own(
    session: Any, origin: Origin, change: Callable[[Any], None]
) -> None:
    url = origin.url("/page")
    response = session.get(url, stream=True)
    change(response)
    assert response.content
    again = session.get(url)
    assert again.from_cache
    assert look(again) == look(requests.get(url))


@BOTH_RULES
@pytest.mark.parametrize("read", [lambda response: response.content, lambda response: response.raw])
@pytest.mark.parametrize("charset", ["utf-8", "idna", "rot13", "undefined", "x-none"])
def test_a_page_for_one_visitor_is_seen_however_it_is_read_and_coded(
    session: Any, origin: Origin, charset: str, read: Callable[[Any], Any]
) -> None:
    body = read(session.get(origin.url(f"/form?charset={charset}"), stream=True))
    assert (body if isinstance(body, bytes) else body.read()) == FORM
    assert session.cache.response_count() == 0


@BOTH_RULES
@pytest.mark.parametrize("charset", ["idna", "undefined", "x-none", "punycode", "hex"])
def test_an_encoding_that_python_cannot_use_is_no_reason_to_fail(
    session: Any, origin: Origin, charset: str
) -> None:
    origin.answers["/odd"] = lambda request: Answer(
        b"\xff\xfe" * 40, (FRESH, ("Content-Type", f"text/plain; charset={charset}"))
    )
    for stream in (False, True):
        assert session.get(origin.url("/odd"), stream=stream).content == b"\xff\xfe" * 40
    assert session.get(origin.url("/odd")).from_cache
