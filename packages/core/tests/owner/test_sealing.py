"""What is written into a record of whose it is, and why an answer is stored for nobody."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any, NamedTuple

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.auth import AuthBase
from requests_cache.models.describe import flags_of
from requests_cache.testing.origin import Answer, Origin, Request
from urllib3 import PoolManager

MakeSession = Callable[..., Any]
PRIVATE = ("Cache-Control", "private, max-age=600")
FORM = '<input type="password">'


class Page(NamedTuple):
    """An answer to somebody who has the cookie `v`, unless he has none."""

    body: str = "a page"
    fields: tuple[tuple[str, str], ...] = ()
    new: str | None = None
    """A cookie that comes with it."""
    has: str | None = "v=visitor-0001; Path=/"
    options: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it


OWN = "hello visitor-0001"
SELECTED = {
    "private": Page(fields=(("Cache-Control", "max-age=9, Private"),)),
    "Vary: Cookie": Page(fields=(("Vary", "Accept, Cookie"),)),
    "a telling body": Page(OWN),
    "match_cookies": Page(options={"match_cookies": ["v"]}),
    "a form of a partition": Page(FORM, options={"partition": "x"}),
    "a form for all": Page(FORM, options={"match_credentials": False}),
    "a cookie set again": Page(OWN, (PRIVATE,), "v=visitor-0001; Path=/"),
    "a new cookie that is ignored": Page(
        "new-0002", (PRIVATE,), "n=new-0002; Path=/", options={"ignored_parameters": ["N"]}
    ),
    "a new cookie that says nothing": Page("visitor-0002", (PRIVATE,), "_ga=visitor-0002; Path=/"),
}
FOR_ALL = {
    "public": Page(),
    "Vary: Accept": Page(fields=(("Vary", "Accept"),)),
    "private without cookies": Page(fields=(PRIVATE,), has=None),
    "private, no cookie selects": Page(OWN, (PRIVATE,), options={"match_cookies": []}),
    "another cookie selects": Page(options={"match_cookies": ["other"]}),
    "private of a partition": Page(OWN, (PRIVATE,), options={"partition": "x"}),
    "private for all": Page(OWN, (PRIVATE,), options={"match_credentials": False}),
    "a new cookie": Page(new="n=visitor-0002; Path=/"),
    "another value": Page(new="v=visitor-0002; Path=/"),
}
# `#` is another number each time.
NOT_STORED = {
    "private and a new cookie": ("not-found-again", Page("", (PRIVATE,), "n=#; Path=/")),
    "private and another value": ("not-found-again", Page("", (PRIVATE,), "v=#; Path=/")),
    "the first cookie": ("not-found-again", Page("", (PRIVATE,), "n=#; Path=/", None)),
    "the new cookie is told": ("cookie-in-body", Page("new-000#", (), "n=new-000#; Path=/")),
    "the first is told": ("cookie-in-body", Page("new-000#", (), "n=new-000#; Path=/", None)),
}


def ask(page: Page, origin: Origin, make_session: MakeSession) -> tuple[Any, Any]:
    """Give a session that may have a cookie, and what it is answered."""
    first = (("Set-Cookie", page.has),) if page.has else ()
    numbers = count()

    def answer(request: Request) -> Answer:
        number = str(next(numbers))
        new = (("Set-Cookie", page.new.replace("#", number)),) if page.new else ()
        fields = (("Content-Type", "text/html"), *page.fields, *new)
        return Answer(page.body.replace("#", number).encode(), fields)

    origin.answers |= {"/enter": lambda request: Answer(b"", first), "/page": answer}
    session = make_session(**page.options)
    session.get(origin.url("/enter"))
    return session, session.get(origin.url("/page"))


@pytest.mark.parametrize("kind", [*SELECTED, *FOR_ALL])
def test_values_of_cookies_select_what_may_be_made_for_one(
    kind: str, origin: Origin, make_session: MakeSession
) -> None:
    page = SELECTED.get(kind) or FOR_ALL[kind]
    session, answer = ask(page, origin, make_session)
    assert (answer.cache_status.stored, answer.cache_status.detail) == (True, None)
    record = session.cache.read_response(answer.cache_key).record
    assert bool(record.fields.get("selected")) == (kind in SELECTED)
    assert "owner" in record.fields
    assert record.flags == flags_of(record.fields)
    assert session.get(origin.url("/page")).from_cache


@pytest.mark.parametrize("kind", NOT_STORED)
def test_what_its_own_cookies_would_hide_is_not_stored_and_the_log_says_why(
    kind: str, origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    why, page = NOT_STORED[kind]
    with caplog.at_level(logging.INFO):
        session, answer = ask(page, origin, make_session)
        answers = [answer, *(session.get(origin.url("/page")) for _ in range(3))]
    for answer in answers:
        assert (answer.cache_status.stored, answer.cache_status.detail) == (False, why)
    (line,) = (record.getMessage() for record in caplog.records)
    name = (page.new or "").partition("=")[0]
    assert f"the values of cookies, such as {name!r}, which select what is private" in line
    assert "match_cookies=[] if answers do not depend on cookies" in line


def test_a_cookie_that_an_answer_takes_away_is_named(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    page = Page("", (PRIVATE,), "v=; Max-Age=0; Path=/", "v=visitor-0001; Path=/")
    with caplog.at_level(logging.INFO):
        session, _ = ask(page, origin, make_session)
        for _ in range(2):
            session.get(origin.url("/enter"))
            assert session.get(origin.url("/page")).cache_status.detail == "not-found-again"
    assert "the values of cookies, such as 'v'" in caplog.text


def test_what_a_login_that_is_renewed_each_time_has_fetched_is_not_stored(
    origin: Origin, make_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = count()

    def renew(request: Request) -> Answer:
        return Answer(b"a page", (("Set-Cookie", f"sid={next(numbers)}; Path=/"),))

    origin.answers |= {"/login": renew, "/page": renew}
    session = make_session()
    with caplog.at_level(logging.INFO):
        session.post(origin.url("/login"), data={"user": "ann"})
        details = [session.get(origin.url("/page")).cache_status.detail for _ in range(4)]
    assert set(details) <= {"not-found-again", "other-credentials"}
    assert len(session.cache.responses) == 0
    assert "because of the cookie 'sid': ignored_parameters=['sid']" in caplog.text
    assert "values of cookies" not in caplog.text


def test_what_a_call_of_its_own_has_fetched_needs_not_be_found_by_the_same_jar(
    origin: Origin, make_session: MakeSession
) -> None:
    fields = (PRIVATE, ("Set-Cookie", "n=1; Path=/"), ("Content-Type", "text/html"))
    origin.answers["/page"] = lambda request: Answer(b"a page", fields)
    session = make_session()
    session.is_for_one_call = True
    assert session.get(origin.url("/page")).cache_status.stored


class Answers(AuthBase):
    """May answer a challenge, and shows nothing of who it speaks for."""

    __slots__ = ()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.register_hook("response", lambda response, **kwargs: None)
        return request


class Plain(BaseAdapter):
    """Answers itself; it has no pool."""

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        response = Response()
        response.status_code, response.url, response.request = 200, request.url or "", request
        response.raw = BytesIO(b"a page")
        return response

    def close(self) -> None:
        pass


class Pooled(Plain):
    """Has a pool with connections of its own kind."""

    def __init__(self, **options: Any) -> None:
        self.poolmanager = PoolManager(**options)


ADAPTERS: dict[str, tuple[Callable[[], BaseAdapter], bool]] = {
    "no pool": (Plain, True),
    "nothing in its pool": (Pooled, True),
    "no context": (lambda: Pooled(ssl_context=None, cert_file=None), True),
    "a context": (lambda: Pooled(ssl_context=ssl.create_default_context()), False),
    "a certificate": (lambda: Pooled(cert_file="me.pem"), False),
    "a key": (lambda: Pooled(key_file="me.key"), False),
}


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "http"])
@pytest.mark.parametrize("kind", ADAPTERS)
def test_nothing_is_stored_of_an_adapter_that_may_show_a_certificate(
    kind: str, scheme: str, make_session: MakeSession
) -> None:
    make, is_stored = ADAPTERS[kind]
    is_stored |= scheme == "http"
    session = make_session()
    session.mount(f"{scheme.lower()}://", make())
    status = session.get(f"{scheme}://a.example/").cache_status
    assert (status.stored, status.detail) == (is_stored, None if is_stored else "ssl-context")
    # A partition says who is asking.
    shared = make_session(partition="ann")
    shared.mount(f"{scheme.lower()}://", make())
    assert shared.get(f"{scheme}://a.example/").cache_status.stored


def test_an_adapter_that_is_gone_when_its_answer_comes_has_shown_none(
    make_session: MakeSession,
) -> None:
    session = make_session()

    class Leaving(Plain):
        def send(self, *args: Any, **kwargs: Any) -> Response:
            session.adapters.clear()
            return super().send(*args, **kwargs)

    session.mount("https://", Leaving())
    assert session.get("https://a.example/").cache_status.stored


def test_what_an_auth_object_fetches_that_shows_nothing_is_not_stored(
    origin: Origin, make_session: MakeSession
) -> None:
    session, url = make_session(), origin.url("/json")
    answers = [session.get(url, auth=Answers()) for _ in range(2)]
    assert [answer.cache_status.detail for answer in answers] == ["auth-shows-nothing"] * 2
    shared = make_session(match_credentials=False)
    assert [shared.get(url, auth=Answers()).from_cache for _ in range(2)] == [False, True]


def test_what_is_answered_after_a_login_is_not_stored_for_who_asked_before_it(
    origin: Origin, make_session: MakeSession
) -> None:
    origin.answers["/login"] = lambda request: Answer(b"", (("Set-Cookie", "sid=ann; Path=/"),))
    session = make_session()

    def page(request: Request) -> Answer:
        if origin.count("/login") == 0:
            session.post(origin.url("/login"), data={"user": "ann"})
        return Answer(b"a page")

    origin.answers["/page"] = page
    status = session.get(origin.url("/page")).cache_status
    assert (status.stored, status.detail) == (False, "owner-changed")
    assert session.get(origin.url("/page")).cache_status.stored
