"""A cache for session classes of others, with their own constructors and methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from requests import PreparedRequest, Response, Session
from requests_cache import CachedSession, CacheMixin
from requests_cache.errors import UnknownOptionError
from requests_cache.testing.origin import Origin


class BaseUrlSession(Session):
    """A session that prefixes URLs, as that of requests-toolbelt does."""

    def __init__(self, base_url: str, retries: int = 0) -> None:
        super().__init__()
        self.base_url = base_url
        self.retries = retries

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]  # simpler
        return super().request(method, urljoin(self.base_url, url), *args, **kwargs)


class CachedBaseUrlSession(CacheMixin, BaseUrlSession):
    """The same with a cache."""


class CountingSession(Session):
    """A session whose `send` counts what is really sent."""

    sent = 0

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        self.sent += 1
        assert isinstance(kwargs["proxies"], dict)
        return super().send(request, **kwargs)


class CachedCountingSession(CacheMixin, CountingSession):
    """The same with a cache."""


class LoudSession(CachedSession):
    """A cached session that changes requests on their way, and looks at the proxies."""

    seen: dict[str, str]

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # simpler
        return super().request(method, url.lower(), *args, **kwargs)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Any:
        request.headers["X-Loud"] = "yes"
        self.seen = dict(kwargs["proxies"])
        return super().send(request, **kwargs)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def test_options_of_the_session_class_reach_it(origin: Origin) -> None:
    with CachedBaseUrlSession(
        "x", "memory", base_url=origin.url("/"), retries=3, expire_after=60
    ) as session:
        assert session.retries == 3
        assert session.settings.expire_after == 60
        for expected in (False, True):
            response = session.get("json")
            assert response.url == origin.url("/json")
            assert response.from_cache is expected
    assert origin.count() == 1


def test_a_misspelt_option_of_the_session_class_is_an_error() -> None:
    with pytest.raises(UnknownOptionError, match="has no option 'retrys'"):
        CachedBaseUrlSession("x", "memory", base_url="http://site.test/", retrys=3)


def test_a_session_that_overrides_send_sends_only_what_is_not_stored(origin: Origin) -> None:
    with CachedCountingSession("x", "memory") as session:
        for _ in range(3):
            session.get(origin.url("/json"))
        assert session.sent == 1


def test_a_subclass_may_change_requests_and_see_all_of_them(origin: Origin) -> None:
    with LoudSession("x", "memory") as session:
        for expected in (False, True):
            assert session.get(origin.url("/JSON")).from_cache is expected
    assert origin.requests[0].path == "/json"
    assert origin.requests[0].headers["x-loud"] == "yes"


def test_a_subclass_sees_the_proxies_of_the_environment_although_they_are_looked_for_late(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", origin.url(""))
    monkeypatch.setenv("no_proxy", "")
    with LoudSession("x", "memory") as session:
        session.get("http://site.test/json")
        assert session.seen["http"] == origin.url("")


def test_proxies_of_the_environment_are_used_for_what_is_sent(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CachedSession("x", "memory") as session:
        monkeypatch.setenv("http_proxy", origin.url(""))
        monkeypatch.setenv("no_proxy", "")
        for expected in (False, True):
            response = session.get("http://site.test/json")
            assert response.from_cache is expected
    assert origin.count() == 1


class _SessionWithBase(Session):
    def get(self, url: Any, *args: Any, **kwargs: Any) -> Response:
        return super().get(f"{url}/json", *args, **kwargs)


class _CachedSessionWithBase(CacheMixin, _SessionWithBase):
    """Has a session below it whose `get` changes what is asked for."""


def test_the_get_of_a_session_below_is_asked_even_for_a_url_that_is_known(origin: Origin) -> None:
    with _CachedSessionWithBase("x", "memory") as session:
        for _ in range(2):
            session.request("GET", origin.url("/max-age/100"), allow_redirects=True)
        assert session.get(origin.url("/max-age/100")).url.endswith("/json")
