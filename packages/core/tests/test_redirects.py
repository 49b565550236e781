"""Redirects: remembered with their history, followed from the cache, and left alone on request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import PreparedRequest, Request, Response, TooManyRedirects
from requests.adapters import HTTPAdapter
from requests_cache import CachedResponse, CachedSession
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]


def trail(response: Response) -> list[tuple[int, str]]:
    """Give status and path of a response and of all on the way to it."""
    return [
        (r.status_code, r.url.partition(":")[2][2:].partition("/")[2])
        for r in (*response.history, response)
    ]


def redirect(to: str) -> Answer:
    return Answer(b"over there", (("Location", to),), 302)


def test_a_redirected_request_is_answered_with_its_history(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    first, second = (session.get(origin.url("/redirect/3")) for _ in range(2))
    assert second.from_cache
    assert origin.count() == 4
    assert trail(first) == trail(second)
    assert trail(second) == [
        (302, "redirect/3"),
        (302, "redirect/2"),
        (302, "redirect/1"),
        (200, "json"),
    ]
    for one, other in zip(first.history, second.history, strict=True):
        assert one.headers == other.headers
        assert one.content == other.content == b"on to the next"
        assert one.request.method == other.request.method
        assert other.is_redirect


def test_each_redirect_on_the_way_is_remembered_with_the_rest_of_its_way(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/redirect/3"))
    response = session.get(origin.url("/redirect/2"))
    assert response.from_cache
    assert trail(response) == [(302, "redirect/2"), (302, "redirect/1"), (200, "json")]
    response = session.get(origin.url("/json"))
    assert response.from_cache
    assert trail(response) == [(200, "json")]


def test_two_ways_to_one_response_keep_their_own_history(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/one"] = lambda request: redirect("/json")
    origin.answers["/two"] = lambda request: redirect("/one")
    session = make_session()
    for _ in range(2):
        assert trail(session.get(origin.url("/one"))) == [(302, "one"), (200, "json")]
        assert trail(session.get(origin.url("/two"))) == [(302, "two"), (302, "one"), (200, "json")]
    assert origin.count("/json") == 1
    assert origin.count("/two") == 1


def test_a_redirect_that_is_not_to_be_followed_is_not_followed(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/redirect/1"))
    response = session.get(origin.url("/redirect/1"), allow_redirects=False)
    assert response.status_code == 302
    assert not response.history
    assert session.get(origin.url("/redirect/1")).from_cache


class Direct(HTTPAdapter):
    """Goes past each proxy."""

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        return super().send(request, **{**kwargs, "proxies": {}})


def test_a_stored_redirect_is_given_with_the_request_that_comes_next(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(allowable_codes=[200, 302])
    session.mount("http://", Direct())
    proxies = {"http": "http://ann:secret@proxy.test"}
    first, second = (
        session.get(origin.url("/redirect/1"), allow_redirects=False, proxies=proxies)
        for _ in range(2)
    )
    assert second.from_cache
    assert second.status_code == 302
    assert first.next is not None
    assert second.next is not None
    assert first.next.url == second.next.url == origin.url("/json")
    said = first.next.headers["Proxy-Authorization"]
    assert second.next.headers["Proxy-Authorization"] == said


def test_a_stored_redirect_is_followed_on_request(origin: Origin, make_session: Sessions) -> None:
    session = make_session(allowable_codes=[200, 302])
    session.get(origin.url("/redirect/2"), allow_redirects=False)
    for expected in (False, True):
        response = session.get(origin.url("/redirect/2"))
        assert trail(response) == [(302, "redirect/2"), (302, "redirect/1"), (200, "json")]
        assert response.from_cache is expected
        assert isinstance(response.history[0], CachedResponse)
    assert origin.count("/redirect/2") == 1


class Watched(HTTPAdapter):
    """Notes with which arguments it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        self.asked.append(kwargs)
        return super().send(request, **kwargs)


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_each_hop_is_sent_as_the_call_says(
    rules: bool, origin: Origin, make_session: Sessions, tmp_path: Path
) -> None:
    cert = tmp_path / "me.pem"
    cert.write_bytes(b"a certificate")
    session: Any = make_session(cache_control=rules)
    adapter = Watched()
    session.mount("http://", adapter)
    said: dict[str, Any] = {
        "timeout": 7,
        "verify": False,
        "cert": str(cert),
        "proxies": {"ftp": "http://p.test"},
    }
    answer = session.get(origin.url("/redirect/2"), stream=True, **said)
    assert [hop.status_code for hop in answer.history] == [302, 302]
    assert len(adapter.asked) == 3
    for asked in adapter.asked:
        assert asked["proxies"].items() >= said["proxies"].items()
        assert {**asked, "proxies": said["proxies"]} == {**said, "stream": True}
    # Nobody has read it yet.
    assert answer.raw.read().startswith(b"{")


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_a_prepared_request_is_followed_unless_it_is_not_to_be(
    rules: bool, origin: Origin, make_session: Sessions
) -> None:
    session: Any = make_session(cache_control=rules)
    request = session.prepare_request(Request("GET", origin.url("/redirect/1")))
    for _ in range(2):
        assert session.send(request).url == origin.url("/json")
        assert session.send(request, allow_redirects=False).status_code == 302
        assert session.send(request, allow_redirects=True).url == origin.url("/json")


def test_a_redirect_is_not_stored_without_the_secret_that_it_leads_to(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/login"] = lambda request: redirect("/echo?token=secret")
    session = make_session(allowable_codes=[200, 302])
    session.get(origin.url("/login"), allow_redirects=False)
    assert session.cache.response_count() == 0
    assert session.get(origin.url("/login")).json()["query"] == {"token": "secret"}


def test_a_url_that_begins_to_redirect_is_answered_from_the_cache_again(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10)
    origin.answers["/moving"] = lambda request: Answer(b"still here")
    session.get(origin.url("/moving"))
    origin.answers["/moving"] = lambda request: redirect("/json")
    set_time(2000)
    for expected in (False, True):
        response = session.get(origin.url("/moving"))
        assert trail(response) == [(302, "moving"), (200, "json")]
        assert response.from_cache is expected
    assert origin.count("/moving") == 2


def test_a_url_that_ends_to_redirect_does_not_overwrite_what_it_led_to(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    origin.answers["/target"] = lambda request: Answer(b"target", (("Vary", "Accept"),))
    origin.answers["/moving"] = lambda request: redirect("/target")
    session = make_session(expire_after=10)
    session.get(origin.url("/moving"))
    origin.answers["/moving"] = lambda request: Answer(b"here now", (("Vary", "Cookie"),))
    set_time(2000)
    assert session.get(origin.url("/moving")).content == b"here now"
    set_time(2001)
    assert session.get(origin.url("/target")).content == b"target"
    response = session.get(origin.url("/moving"))
    assert response.from_cache
    assert response.content == b"here now"


def test_a_redirect_is_asked_again_when_what_it_led_to_has_expired(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    """The validator belongs to where it led, and must not be sent to where it began."""
    origin.answers["/old"] = lambda request: redirect("/etag")
    session = make_session(expire_after=10)
    session.get(origin.url("/old"))
    set_time(2000)
    response = session.get(origin.url("/old"))
    assert response.revalidated
    asked = [(request.path, "if-none-match" in request.headers) for request in origin.requests]
    assert asked == [("/old", False), ("/etag", False), ("/old", False), ("/etag", True)]
    assert session.get(origin.url("/old")).from_cache


def test_what_a_redirect_led_to_may_be_used_when_the_origin_fails(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True)
    session.get(origin.url("/redirect/1"))
    set_time(2000)
    origin.failing = True
    response = session.get(origin.url("/redirect/1"))
    assert trail(response) == [(302, "redirect/1"), (200, "json")]
    assert response.is_expired


def test_a_redirect_to_what_is_not_stored_is_not_remembered(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/gone"] = lambda request: redirect("/status/404")
    session = make_session()
    for _ in range(2):
        assert not session.get(origin.url("/gone")).from_cache
    assert not list(session.cache.redirects)


def test_nothing_of_a_redirect_is_stored_by_a_session_that_only_reads(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(read_only=True)
    session.get(origin.url("/redirect/1"))
    assert not list(session.cache.keys())


def test_redirects_without_end_are_an_error_with_a_warm_cache_too(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/loop"] = lambda request: redirect("/loop")
    session = make_session(allowable_codes=[302])
    session.get(origin.url("/loop"), allow_redirects=False)
    with pytest.raises(TooManyRedirects):
        session.get(origin.url("/loop"))


def test_the_redirect_is_deleted_with_what_it_led_to(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/redirect/2"))
    assert len(list(session.cache.redirects)) == 2
    session.cache.delete_url(origin.url("/json"))
    assert not list(session.cache.keys())


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("place", ["/end#there", "/end", "/between#way"])
@pytest.mark.parametrize("own", ["", "#mine"])
def test_a_fragment_goes_where_redirects_lead(
    origin: Origin, make_session: Sessions, cache_control: bool, place: str, own: str, stream: bool
) -> None:
    fresh = ("Cache-Control", "max-age=60")
    origin.answers["/start"] = lambda request: Answer(b"", (fresh, ("Location", place)), 302)
    origin.answers["/between"] = lambda request: Answer(b"", (fresh, ("Location", "/end")), 301)
    origin.answers["/end"] = lambda request: Answer(b"end", (fresh,))
    session, url = make_session(cache_control=cache_control), origin.url("/start")
    for first in (url, f"{url}#another"):
        assert session.get(first).content == b"end"
    for _ in range(2):
        expected, found = requests.get(url + own), session.get(url + own, stream=stream)
        assert found.from_cache
        assert found.url == expected.url == found.request.url
        assert [hop.url for hop in found.history] == [hop.url for hop in expected.history]


def test_a_session_that_follows_no_redirect_any_more_gets_the_redirect(origin: Origin) -> None:
    class Halting(CachedSession):
        is_halted = False

        def get_redirect_target(self, resp: Response) -> str | None:
            return None if self.is_halted else super().get_redirect_target(resp)

    with Halting(backend="memory", expire_after=60) as session:
        session.cookies.update({"lang": "de"})
        session.get(origin.url("/redirect/1"))
        session.is_halted = True
        assert session.get(origin.url("/redirect/1")).status_code == 302


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("query", ["session=of-ann-77", "pin=of-ann-7777", "to=%2Fb%3Ftoken%3D77"])
def test_a_redirect_that_keeps_what_is_hidden_gives_each_caller_his_own_url(
    origin: Origin, make_session: Sessions, cache_control: bool, query: str
) -> None:
    fresh, path = ("Cache-Control", "max-age=60"), f"/between?{query}"
    origin.answers["/start"] = lambda request: Answer(b"", (fresh, ("Location", path)), 302)
    origin.answers["/between"] = lambda request: Answer(
        b"", (fresh, ("Location", f"/end?{query}")), 301
    )
    origin.answers["/end"] = lambda request: Answer(b"end", (fresh, ("X-Self", f"/end?{query}")))
    session = make_session(cache_control=cache_control)
    for _ in range(2):
        found = session.get(origin.url(f"/start?{query}"))
        expected = requests.get(origin.url(f"/start?{query}"))
        assert found.url == expected.url == found.request.url
        assert [hop.url for hop in found.history] == [hop.url for hop in expected.history]
        assert found.headers["X-Self"] == expected.headers["X-Self"]
    assert found.from_cache
