"""Libraries that people use together with a cache: mocks, rate limits, other sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import requests_mock
import responses
from requests_cache import CachedSession, CacheMixin, install_cache, uninstall_cache
from requests_cache.testing.origin import Origin
from requests_futures.sessions import FuturesSession
from requests_ratelimiter import LimiterAdapter, LimiterMixin
from requests_toolbelt.sessions import BaseUrlSession

URL = "http://companion.test/"


@pytest.fixture(params=["fresh", "used"])
def session(request: pytest.FixtureRequest, origin: Origin) -> Iterator[CachedSession]:
    """A session; one that was used knows by heart how to prepare and send a plain call."""
    with CachedSession(backend="memory") as session:
        for number in range(3 * (request.param == "used")):
            session.get(origin.url(f"/json?{number}"))
        yield session


def test_responses_answers_for_the_origin(session: CachedSession) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}a", json={"n": 1})
        mock.get(f"{URL}failing", status=503)
        assert session.get(f"{URL}a").json() == {"n": 1}
        assert session.get(f"{URL}a").from_cache
        assert session.get(f"{URL}failing").status_code == 503
        assert len(mock.calls) == 2
        with pytest.raises(requests.ConnectionError):
            session.get(f"{URL}unknown")
    assert session.get(f"{URL}a").json() == {"n": 1}


def test_responses_streams(session: CachedSession) -> None:
    with responses.RequestsMock() as mock:
        mock.get(URL, body=b"body", headers={"ETag": '"1"'})
        assert b"".join(session.get(URL, stream=True).iter_content(2)) == b"body"
        assert session.get(URL).from_cache


def test_requests_mock_answers_for_the_origin(session: CachedSession) -> None:
    with requests_mock.Mocker() as mock:
        mock.get(f"{URL}a", text="a")
        mock.get(f"{URL}b", text="b")
        assert [session.get(f"{URL}{name}").text for name in "abab"] == ["a", "b"] * 2
        assert mock.call_count == 2


def test_an_adapter_of_requests_mock_is_an_adapter(session: CachedSession) -> None:
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", "mock://host/a", text="a")
    session.mount("mock://", adapter)
    assert [session.get("mock://host/a").from_cache for _ in range(2)] == [False, True]


def test_requests_mock_in_a_session_goes_past_the_cache(session: CachedSession) -> None:
    """It calls the `send` of requests itself, whatever the session's class has."""
    with requests_mock.Mocker(session=session) as mock:
        mock.get(URL, text="a")
        assert [session.get(URL).text for _ in range(2)] == ["a", "a"]
        assert mock.call_count == 2


def test_mocks_answer_an_installed_cache() -> None:
    install_cache(backend="memory")
    try:
        with responses.RequestsMock() as mock:
            mock.get(URL, body="body")
            assert [requests.get(URL, timeout=10).text for _ in range(2)] == ["body"] * 2
            assert len(mock.calls) == 1
    finally:
        uninstall_cache()


def test_a_limit_is_for_what_is_not_in_the_cache(origin: Origin) -> None:
    class LimitedSession(CacheMixin, LimiterMixin, requests.Session):
        """A session with both, the cache first."""

    with LimitedSession(backend="memory", per_hour=2, max_delay=1) as session:
        for number in (1, 2):
            assert [session.get(origin.url(f"/json?{number}")).ok for _ in range(20)] == [True] * 20


def test_a_limit_may_be_an_adapter(session: CachedSession, origin: Origin) -> None:
    session.mount("http://", LimiterAdapter(per_hour=2, max_delay=1))
    answers = [session.get(origin.url("/json?limited")) for _ in range(20)]
    assert [answer.from_cache for answer in answers] == [False] + [True] * 19


def test_a_session_with_a_base_url(origin: Origin) -> None:
    class BasedSession(CacheMixin, BaseUrlSession):  # type: ignore[misc]  # it has no types
        """A session with both."""

    with BasedSession(backend="memory", base_url=origin.url("/")) as session:
        assert [session.get("json").from_cache for _ in range(2)] == [False, True]
        assert session.get(origin.url("/json")).from_cache


def test_futures_share_a_session(session: CachedSession, origin: Origin) -> None:
    with FuturesSession(session=session, max_workers=4) as futures:
        answers = [futures.get(origin.url("/image")) for _ in range(20)]
        assert {answer.result().status_code for answer in answers} == {200}
    assert origin.count("/image") == 1
