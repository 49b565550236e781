"""Whether what is stored is the caller's: records that say so, and those that say nothing of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

import pytest
from requests.cookies import RequestsCookieJar
from requests_cache import BaseCache, CachedSession
from requests_cache.models.describe import flags_of
from requests_cache.models.record import Record
from requests_cache.models.response import CachedResponse
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., CachedSession]
HOST = "127.0.0.1"
REDACTED = "REDACTED"


KEPT = ("Cache-Control", "max-age=600")
SEEN = ("Set-Cookie", "Seen=1; Path=/")


def page(*headers: tuple[str, str], status: int = 200) -> Callable[[Request], Answer]:
    return lambda request: Answer(b"a page", headers, status)


@pytest.fixture
def site(origin: Origin) -> Origin:
    """Serve a page that sets a cookie, and a redirect that sets it and leads to one without."""
    origin.answers["/page"] = page(SEEN, KEPT)
    origin.answers["/go"] = page(SEEN, KEPT, ("Location", "/end"), status=302)
    origin.answers["/end"] = page(KEPT)
    return origin


def change(cache: BaseCache, key: str | None, **fields: Any) -> None:
    """Change what a stored record says; None takes a field out."""
    response = cache.read_response(key or "")
    assert response is not None
    old = response.record
    known: Any = {**old.fields, **fields}
    for name in [name for name in fields if known[name] is None]:
        del known[name]
    record = Record(old.status, old.created, old.expires, known, old.body, flags_of(known))
    cache.write_response(key or "", CachedResponse.from_record(record))


# What version 0.1 wrote has no owner.
SAYS: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": ({}, True),
    "a field": ({"said": ["Authorization", REDACTED]}, False),
    "a part of a field": ({"said": ["Cookie", f"a=1; sid={REDACTED}"]}, False),
    "the URL that was asked for": ({"asked": f"?token={REDACTED}"}, False),
    "the URL of the answer": ({"url": f"?token={REDACTED}"}, False),
    "private": ({"headers": ["Cache-Control", "max-age=9, Private"]}, False),
    "public": ({"headers": ["Cache-Control", "max-age=9, public"]}, True),
    "Vary: Authorization": ({"headers": ["Vary", "Accept, Authorization"]}, False),
    "Vary: Cookie": ({"headers": ["Vary", "Accept, Cookie"]}, False),
    "a cookie": ({"headers": ["Set-Cookie", f"sid={REDACTED}"]}, False),
    "a challenge": ({"hop": 401}, False),
    "a redirect": ({"hop": 302}, True),
}


@pytest.mark.parametrize("said", SAYS)
def test_a_record_that_does_not_say_whose_it_is_is_used_if_nothing_in_it_is_anybodys(
    said: str, origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session()
    url = origin.url("/json")
    key = session.get(url).cache_key
    changes, is_used = SAYS[said]
    fields = session.cache.read_response(key).record.fields
    request = fields["request"]
    if "said" in changes:
        request = {**request, "headers": [*request["headers"], changes["said"]]}
    if "asked" in changes:
        request = {**request, "url": request["url"] + changes["asked"]}
    hop = {name: fields[name] for name in ("url", "reason", "headers", "encoding", "elapsed")}
    hop |= {"request": fields["request"], "status": changes.get("hop"), "body": ""}
    change(
        session.cache,
        key,
        owner=None,
        request=request,
        url=fields["url"] + changes.get("url", ""),
        headers=[*fields["headers"], *([changes["headers"]] if "headers" in changes else [])],
        history=[hop] if "hop" in changes else None,
    )
    found = session.explain(url)
    assert found.action == ("serve" if is_used else "fetch")
    assert is_used or "another caller's" in found.reason
    assert session.get(url).from_cache == is_used


@pytest.mark.parametrize(
    ("name", "value"), [("owner", "0" * 64), ("selected", "0" * 64), ("owner", "")]
)
def test_a_record_that_says_somebody_elses_is_not_used(
    name: str, value: str, origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session()
    url = origin.url("/json")
    ann = {"Authorization": "Bearer ann"} if not value else {}
    key = session.get(url, headers=ann).cache_key
    assert session.get(url, headers=ann).from_cache
    change(session.cache, key, **{name: value})
    said = session.explain(url, headers=ann)
    assert said.action == "fetch"
    assert ("another caller's" if name == "owner" else "selected by") in said.reason


class Forgetful(RequestsCookieJar):
    """Keeps no cookie."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        pass


class Picky(DefaultCookiePolicy):
    """Refuses cookies, and keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Cookie] = []

    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        self.shown.append(cookie)
        return False


def test_who_lacks_a_cookie_that_came_with_a_page_fetches_it_once(
    site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session()
    url = site.url("/page")
    assert [first.get(url).from_cache for _ in range(3)] == [False, True, True]
    other: Any = make_session(backend=first.cache)
    assert "cookies that the session lacks" in other.explain(url).reason
    assert [other.get(url).from_cache for _ in range(3)] == [False, True, True]
    assert first.cache.response_count() == 1


def test_a_call_of_its_own_and_a_cookie_that_is_replayed_need_no_jar(
    site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session()
    url = site.url("/page")
    first.get(url)
    single: Any = make_session(backend=first.cache)
    single.is_for_one_call = True
    assert single.get(url).from_cache
    replaying: Any = make_session(backend=first.cache, replay_cookies=True)
    # It was stored without the value.
    assert not replaying.get(url).from_cache
    again: Any = make_session(backend=first.cache, replay_cookies=True)
    hit = again.get(url)
    assert hit.from_cache
    assert again.cookies["Seen"] == "1"
    change(first.cache, hit.cache_key, cookies=None)
    assert make_session(backend=first.cache, replay_cookies=True).get(url).from_cache


def test_a_dictionary_in_place_of_a_jar_holds_nothing(
    site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session()
    first.get(site.url("/page"))
    first.get(site.url("/end"))
    other: Any = make_session(backend=first.cache)
    other.cookies = {}
    assert other.get(site.url("/page"), only_if_cached=True).status_code == 504
    assert other.get(site.url("/end"), only_if_cached=True).from_cache


def test_a_cookie_that_is_taken_out_of_a_jar_is_lacking(
    site: Origin, make_session: MakeSession
) -> None:
    site.answers["/other"] = page(("Set-Cookie", "Theme=dark; Path=/"), KEPT)
    session: Any = make_session()
    url = site.url("/page")
    session.get(site.url("/other"))
    assert [session.get(url).from_cache for _ in range(4)] == [False, True, True, True]
    session.cookies.clear(HOST, "/", "Seen")
    assert [session.get(url).from_cache for _ in range(4)] == [False, True, True, True]


@pytest.mark.parametrize(
    ("needs", "is_used"),
    [
        (["Seen", HOST, "/"], True),
        (["seen", HOST, "/"], False),
        (["Seen", HOST, "/page"], False),
        (["Seen", "example.org", "/"], False),
        (["Theme", HOST, "/"], True),
        (["Other", HOST, "/"], False),
    ],
)
def test_the_jar_has_a_cookie_by_its_place_unless_it_is_ignored(
    needs: list[str], is_used: bool, site: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session(ignored_parameters=["theme"])
    url = site.url("/page")
    key = session.get(url).cache_key
    for listed in ([needs], [["Seen", HOST, "/"], ["Theme", HOST, "/"], needs]):
        change(session.cache, key, needs=listed)
        assert (session.explain(url).action == "serve") == is_used


def test_a_cookie_that_has_expired_is_lacking(
    site: Origin, make_session: MakeSession, set_time: Callable[[float], None]
) -> None:
    site.answers["/page"] = page(("Set-Cookie", "Seen=1; Path=/; Max-Age=50"))
    session: Any = make_session()
    now = time.time()
    set_time(now)
    assert [session.get(site.url("/page")).from_cache for _ in range(2)] == [False, True]
    set_time(now + 1000)
    assert not session.get(site.url("/page")).from_cache


def test_a_cookie_that_the_jar_would_not_keep_is_not_lacking(
    site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session()
    url = site.url("/page")
    first.get(url)
    session: Any = make_session(backend=first.cache)
    policy = Picky()
    session.cookies.set_policy(policy)
    assert session.get(url).from_cache
    (shown, *_) = policy.shown
    assert (shown.name, shown.value, shown.domain, shown.path) == ("Seen", "x", HOST, "/")
    assert (shown.version, shown.port, shown.port_specified, shown.secure) == (
        0,
        None,
        False,
        False,
    )
    assert (shown.domain_specified, shown.domain_initial_dot) == (False, False)
    assert (shown.path_specified, shown.discard, shown.rfc2109) == (True, False, False)
    assert (shown.comment, shown.comment_url, shown.is_expired()) == (None, None, False)
    assert shown.expires is not None
    assert not shown.has_nonstandard_attr("HttpOnly")
    change(first.cache, first.get(url).cache_key, needs=[["Seen", ".example.org", "/"]])
    policy.shown.clear()
    session.explain(url)
    assert policy.shown[0].domain_specified is policy.shown[0].domain_initial_dot is True


def test_what_a_jar_has_refused_once_is_not_waited_for(
    site: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session()
    session.cookies = Forgetful()
    url = site.url("/page")
    assert [session.get(url).from_cache for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_after_half_a_redirect_all_is_asked_for(
    rules: bool, site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session(cache_control=rules)
    for path in ("/go", "/end", "/end"):
        first.get(site.url(path))
    before = site.count("/end")
    assert site.count("/go") == 1
    other: Any = make_session(backend=first.cache, cache_control=rules)
    found = other.get(site.url("/go"))
    assert not found.from_cache
    assert (site.count("/go"), site.count("/end")) == (2, before + 1)
    assert other.get(site.url("/go")).from_cache
    # What is asked for beside it is as good as before.
    assert make_session(backend=first.cache, cache_control=rules).get(site.url("/end")).from_cache


def test_a_redirect_that_is_replayed_brings_its_own_cookie(
    site: Origin, make_session: MakeSession
) -> None:
    first: Any = make_session(cache_control=True)
    first.get(site.url("/go"))
    replaying: Any = make_session(backend=first.cache, cache_control=True, replay_cookies=True)
    assert replaying.get(site.url("/go")).from_cache
    assert (site.count("/go"), site.count("/end")) == (2, 1)
