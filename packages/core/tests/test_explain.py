"""What a request would do, and why, without sending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., CachedSession]
Time = Callable[[float], None]


@pytest.fixture(params=[False, True], ids=["simple", "http"])
def session(request: pytest.FixtureRequest, make_session: MakeSession) -> CachedSession:
    return make_session(expire_after=100, cache_control=request.param)


def said(session: CachedSession, url: str, **kwargs: Any) -> tuple[str, str]:
    found = session.explain(url, **kwargs)
    return found.action, f"{found.reason} / {found.rule}"


def test_it_follows_a_response_through_its_life(
    session: CachedSession, origin: Origin, set_time: Time
) -> None:
    url = origin.url("/etag")
    action, why = said(session, url)
    assert (action, "nothing is stored" in why) == ("fetch", True)
    session.get(url)
    set_time(1040)
    found = session.explain(url)
    assert (found.action, found.stored, found.status) == ("serve", 1, 200)
    assert (found.age, found.ttl) == (40, 60)
    assert "fresh for another 60 s" in found.reason
    assert "expire_after" in found.rule
    set_time(1150)
    action, why = said(session, url)
    assert action == "validate"
    assert "expired 50 s ago" in why
    session.settings.stale_while_revalidate = True
    action, why = said(session, url)
    assert (action, "RFC 5861, section 3" in why) == ("serve stale", True)


def test_it_says_what_the_request_itself_would_do(
    session: CachedSession, origin: Origin, set_time: Time
) -> None:
    """The answer of `explain` is what happens then."""
    url = origin.url("/etag")
    cases: list[dict[str, Any]] = [
        {},
        {},
        {"refresh": True},
        {"force_refresh": True},
        {"headers": {"Authorization": "Bearer b"}},
        {"headers": {"Cache-Control": "no-cache"}},
        {"headers": {"Cache-Control": "max-age=0"}},
        {"headers": {"Range": "bytes=0-1"}},
        {"params": {"a": 1}},
        {"only_if_cached": True},
        {"only_if_cached": True, "params": {"b": 1}},
    ]
    for number, options in enumerate(cases):
        set_time(1000 + number)
        found = session.explain(url, **options)
        before = origin.count()
        response: Any = session.get(url, **options)
        asked = origin.count() - before
        if found.action == "refuse":
            assert (response.status_code, asked) == (504, 0), options
        else:
            assert asked == (found.action in {"validate", "fetch"}), (options, found)
            assert response.from_cache == (found.action in {"serve", "validate"}), options


def test_nothing_is_sent_stored_or_counted(session: CachedSession, origin: Origin) -> None:
    session.get(origin.url("/json"))
    before = session.cache.stats.as_dict(), origin.count(), sorted(session.cache.keys())
    for path in ("/json", "/image", "/json?a=1"):
        session.explain(origin.url(path))
    assert before == (
        session.cache.stats.as_dict(),
        origin.count(),
        sorted(session.cache.keys()),
    )


def test_it_finds_what_is_stored_for_others(session: CachedSession, origin: Origin) -> None:
    url = origin.url("/json")
    for name in ("ann", "ben"):
        session.get(url, headers={"Authorization": name})
    found = session.explain(url)
    assert (found.action, found.stored, found.elsewhere) == ("fetch", 0, 2)
    assert "2 of this URL under other keys" in str(found)


def test_the_wishes_of_a_caller_are_rules(session: CachedSession, origin: Origin) -> None:
    url = origin.url("/etag")
    session.get(url)
    for options, rule in (
        ({"refresh": True}, "refresh"),
        ({"force_refresh": True}, "force_refresh"),
        ({"headers": {"Cache-Control": "no-cache"}}, "5.2.1.4"),
        ({"method": "DELETE"}, "allowable_methods"),
    ):
        assert rule in said(session, url, **options)[1], options


def test_the_rule_of_a_lifetime_is_named(
    make_session: MakeSession, origin: Origin, set_time: Time
) -> None:
    http = make_session(cache_control=True)
    http.get(origin.url("/max-age/60"))
    assert "max-age" in http.explain(origin.url("/max-age/60")).rule
    by_url = make_session(urls_expire_after={"*/json": 10})
    by_url.get(origin.url("/json"))
    assert by_url.explain(origin.url("/json")).rule == "urls_expire_after, when it was stored"


@pytest.mark.parametrize(
    ("headers", "settings", "rule"),
    [
        ({"Cache-Control": "max-age=60"}, {}, "5.2.2.1"),
        ({"Expires": "Thu, 01 Jan 1970 01:00:00 GMT"}, {}, "5.3"),
        ({"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}, {}, "Last-Modified"),
        ({}, {"expire_after": 60}, "expire_after of the session, for no lifetime is said"),
        ({}, {"urls_expire_after": {"*": 60}}, "expire_after for this request or URL"),
    ],
)
def test_the_rules_of_http_are_named(
    make_session: MakeSession,
    set_time: Time,
    headers: dict[str, str],
    settings: dict[str, Any],
    rule: str,
) -> None:
    def answer(request: Request) -> Answer:
        date = ("Date", "Thu, 01 Jan 1970 00:16:40 GMT")
        return Answer(b"body", (date, ("ETag", '"a"'), *headers.items()))

    with Origin({"/page": answer}) as origin:
        session = make_session(cache_control=True, **settings)
        session.get(origin.url("/page"))
        found = session.explain(origin.url("/page"))
        assert rule in found.rule
        assert found.action == "serve"
        if settings:
            plain = make_session(backend=session.cache, cache_control=True)
            assert "expire_after" in plain.explain(origin.url("/page")).rule


def test_what_is_served_stale_has_its_rules_too(
    session: CachedSession, origin: Origin, set_time: Time
) -> None:
    url = origin.url("/etag")
    session.get(url)
    set_time(1150)
    wish = {"Cache-Control": "max-stale=100"}
    assert session.explain(url, headers=wish).rule.endswith("max-stale of the request")
    session.settings.stale_if_error = True
    found = session.explain(url, only_if_cached=True)
    assert (found.action, found.rule) == ("serve stale", "stale_if_error; RFC 5861, section 4")


def test_what_never_expires_says_so(make_session: MakeSession, origin: Origin) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    found = session.explain(origin.url("/json"))
    assert (found.reason, found.ttl) == ("what is stored never expires", None)
    assert "1; the one in question has status 200 and is 0 s old" in str(found)


def test_it_prints_without_secrets(session: CachedSession, origin: Origin) -> None:
    shown = str(session.explain(origin.url("/json?api_key=hush"), auth=("ann", "hush")))
    assert "hush" not in shown
    assert "would      ask the server" in shown
    html = session.explain(origin.url("/json?<b>"))._repr_html_()
    assert "<b>" not in html


def test_it_tells_other_credentials_from_what_was_never_seen(
    session: CachedSession, origin: Origin
) -> None:
    url = origin.url("/json")
    ann, ben = ({"Authorization": f"Bearer {name}"} for name in ("ann", "ben"))
    assert "nothing is stored" in said(session, url, headers=ann)[1]
    session.get(url, headers=ann)
    for _ in range(2):
        assert "with other credentials" in said(session, url, headers=ben)[1]
    # What is only explained does not count.
    status: Any = session.get(url, headers=ben).cache_status
    assert status.detail == "other-credentials"
    assert said(session, url, headers=ben)[0] == "serve"
