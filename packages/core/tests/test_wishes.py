"""What a caller asks of the cache by `Cache-Control` and `Pragma`, with the simple rules too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests import Request
from requests_cache import DO_NOT_CACHE, CachedSession
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]
Ask = Callable[[CachedSession, str, dict[str, str]], Any]


def by_headers(session: CachedSession, url: str, fields: dict[str, str]) -> Any:
    return session.get(url, headers=fields)


def by_session(session: CachedSession, url: str, fields: dict[str, str]) -> Any:
    session.headers.update(fields)
    try:
        return session.get(url)
    finally:
        for name in fields:
            del session.headers[name]


def by_prepared(session: CachedSession, url: str, fields: dict[str, str]) -> Any:
    return session.send(session.prepare_request(Request("GET", url, headers=fields)))


@pytest.fixture(params=[by_headers, by_session, by_prepared])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Give a way to send header fields with a request."""
    way: Ask = request.param
    return way


@pytest.fixture(params=[False, True])
def session(request: pytest.FixtureRequest, make_session: Sessions) -> CachedSession:
    return make_session(cache_control=request.param, expire_after=1000)


@pytest.fixture
def url(origin: Origin) -> str:
    """Give a URL that answers with the number of the request."""
    origin.answers["/count"] = lambda request: Answer(b"%d" % origin.count("/count"))
    return origin.url("/count")


NO_STORE = [{"Cache-Control": "no-store"}, {"cache-control": "max-age=60, No-Store"}]
NO_CACHE = [
    {"Cache-Control": "no-cache"},
    {"Pragma": "no-cache"},
    {"Cache-Control": "max-age=0"},
]


@pytest.mark.parametrize("fields", NO_STORE)
def test_a_request_with_no_store_is_not_stored(
    fields: dict[str, str], url: str, session: CachedSession, ask: Ask
) -> None:
    assert [ask(session, url, fields).text for _ in range(2)] == ["1", "2"]
    assert session.cache.response_count() == 0
    assert session.get(url).text == "3"
    assert ask(session, url, fields).text == "4"
    assert session.get(url).text == "3"


@pytest.mark.parametrize("fields", NO_CACHE)
def test_a_request_with_no_cache_asks_the_origin_and_is_stored(
    fields: dict[str, str], url: str, session: CachedSession, ask: Ask
) -> None:
    assert session.get(url).text == "1"
    assert [ask(session, url, fields).text for _ in range(2)] == ["2", "3"]
    assert session.get(url).text == "3"
    assert session.cache.response_count() == 1


@pytest.mark.parametrize("fields", NO_CACHE)
def test_a_request_with_no_cache_validates(
    fields: dict[str, str], origin: Origin, session: CachedSession, ask: Ask
) -> None:
    url = origin.url("/etag")
    session.get(url)
    assert ask(session, url, fields).revalidated
    assert origin.count() == 2


def test_a_request_with_max_age_takes_nothing_older(
    url: str, session: CachedSession, ask: Ask, set_time: Time
) -> None:
    set_time(1000)
    assert session.get(url).text == "1"
    set_time(1010)
    assert ask(session, url, {"Cache-Control": "max-age=10"}).text == "1"
    assert ask(session, url, {"Cache-Control": "max-age=9"}).text == "2"


def test_a_request_with_only_if_cached_is_not_sent(
    url: str, session: CachedSession, ask: Ask
) -> None:
    fields = {"Cache-Control": "only-if-cached"}
    assert ask(session, url, fields).status_code == 504
    session.get(url)
    assert ask(session, url, fields).text == "1"


def test_other_fields_of_the_caller_change_nothing(
    url: str, session: CachedSession, ask: Ask
) -> None:
    for fields in ({"Cache-Control": "no-transform"}, {"Pragma": "x"}, {"Cache-Control": ""}):
        assert ask(session, url, fields).text == "1"


def test_a_url_that_is_not_cached_is_asked_though_it_leads_to_one_that_is(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/go"] = lambda request: Answer(b"", (("Location", "/json"),), 302)
    session = make_session(urls_expire_after={"*/go": DO_NOT_CACHE})
    for _ in range(3):
        assert len(session.get(origin.url("/go")).history) == 1
    assert [origin.count("/go"), origin.count("/json")] == [3, 1]
