"""What comes back from below a session may itself be a hit, of this cache or of another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import requests_cache
from requests_cache import DO_NOT_CACHE, CachedSession
from requests_cache.testing.origin import Answer, Origin

MODES = pytest.mark.parametrize("cache_control", [False, True])
STREAM = pytest.mark.parametrize("stream", [False, True])


@pytest.fixture
def paged(origin: Origin) -> Origin:
    """An origin with a page, and redirects that lead to it."""
    fresh = ("Cache-Control", "max-age=60")
    origin.answers["/home"] = lambda request: Answer(b"page", (fresh,))
    for path, status in (("/see-other", 303), ("/found", 302), ("/repeat", 307)):
        answer = Answer(b"", (("Location", "/home"),), status)
        origin.answers[path] = lambda request, answer=answer: answer  # type: ignore[misc]  # bound now
    return origin


def look_at(response: requests.Response) -> None:
    """Read what a program reads of a response of a cached session."""
    for name in ("from_cache", "cache_status", "created_at", "expires", "is_expired", "ttl"):
        getattr(response, name)
    assert repr(response)
    assert response.content is not None


@MODES
@STREAM
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"])
@pytest.mark.parametrize("path", ["/see-other", "/found", "/repeat"])
def test_a_redirect_to_a_page_in_the_cache_gives_that_page(
    cache_control: bool, stream: bool, method: str, path: str, paged: Origin
) -> None:
    session = CachedSession(backend="memory", cache_control=cache_control)
    session.get(paged.url("/home"))
    response = session.request(method, paged.url(path), stream=stream)
    look_at(response)
    assert response.url == paged.url("/home")
    assert [hop.status_code for hop in response.history] == [paged.answers[path](None).status]  # type: ignore[arg-type]  # it looks at no request


@MODES
def test_a_url_that_is_not_cached_may_lead_to_one_that_is(
    cache_control: bool, paged: Origin
) -> None:
    rules: Any = {"*/found": DO_NOT_CACHE}
    session = CachedSession("x", "memory", urls_expire_after=rules, cache_control=cache_control)
    session.get(paged.url("/home"))
    look_at(session.get(paged.url("/found")))


@MODES
def test_an_installed_cache_follows_a_post_to_a_page_in_it(
    cache_control: bool, paged: Origin
) -> None:
    with requests_cache.enabled(backend="memory", cache_control=cache_control):
        requests.get(paged.url("/home"))
        response = requests.post(paged.url("/see-other"), data={"a": 1})
    look_at(response)
    assert response.content == b"page"


@MODES
@STREAM
def test_a_hook_may_answer_with_a_hit(cache_control: bool, stream: bool, paged: Origin) -> None:
    session = CachedSession(backend="memory", cache_control=cache_control)
    session.get(paged.url("/home"))

    def instead(response: requests.Response, **kwargs: Any) -> requests.Response | None:
        return session.get(paged.url("/home")) if "/json" in response.url else None

    response = session.get(paged.url("/json"), hooks={"response": instead}, stream=stream)
    look_at(response)
    assert response.content == b"page"
    assert session.get(paged.url("/json")).content != b"page"


@MODES
@STREAM
@pytest.mark.parametrize("levels", [1, 2])
def test_an_adapter_may_ask_another_session(
    cache_control: bool, stream: bool, levels: int, paged: Origin
) -> None:
    def make() -> CachedSession:
        return CachedSession(backend="memory", cache_control=cache_control)

    class Asking(requests.adapters.BaseAdapter):
        def __init__(self, send: Callable[..., Any]) -> None:
            super().__init__()
            self.ask = send

        def send(self, request: requests.PreparedRequest, **kwargs: Any) -> Any:  # type: ignore[override]  # all by keyword
            return self.ask(request.copy(), stream=kwargs["stream"])

        def close(self) -> None:
            pass

    session = make()
    for _ in range(levels):
        outer = make()
        outer.mount("http://", Asking(session.send))
        session = outer
    for _ in range(3):
        response = session.get(paged.url("/home"), stream=stream)
        look_at(response)
        assert response.content == b"page"
    assert paged.count("/home") == 1
