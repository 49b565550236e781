"""A store that hangs costs a request one timeout, wherever and on whatever road it begins to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from requests import Request, Response
from requests.adapters import HTTPAdapter
from requests_cache import BaseCache, CachedSession, DictStorage, clock
from requests_cache.backends.base import Capabilities
from requests_cache.errors import StorageTimeoutError
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]
Road = Callable[[CachedSession, str], object]

_HANGS = 20.0
_VERBS = (
    "read",
    "write",
    "discard",
    "read_many",
    "rewrite_head",
    "create_body",
    "open_body",
    "bulk_delete",
    "scan",
    "sweep",
    "lease",
    "release",
)


class HangingStore(DictStorage):
    """Hangs from a call on until its timeout, and counts who had to wait for it."""

    capabilities = Capabilities(streaming=True, leases=True)
    asked: list[int]
    """Calls that went well before it hangs, and those that hung."""

    def __getattribute__(self, name: str) -> Any:
        if name in _VERBS:
            self._wait()
        return super().__getattribute__(name)

    def _wait(self) -> None:
        asked = self.asked
        if asked[0] > 0:
            asked[0] -= 1
            return
        asked[1] += 1
        wait = clock.now() + _HANGS
        clock.now = clock.monotonic = lambda: wait
        raise StorageTimeoutError("the store does not answer")

    def lease(self, key: str, seconds: float) -> str | None:
        return "mine"

    def release(self, key: str, token: str) -> None:
        return None


class SlowAdapter(HTTPAdapter):
    """Reaches an origin that takes longer than a failing store is left alone."""

    def send(self, request: Any, **how: Any) -> Response:  # type: ignore[override]
        later = clock.now() + _HANGS
        clock.now = clock.monotonic = lambda: later
        return super().send(request, **how)


def _read(session: CachedSession, url: str, **options: Any) -> None:
    with session.get(url, stream=True, **options) as response:
        while response.raw.read(100_000):
            pass


ROADS: dict[str, tuple[str, Road, dict[str, Any]]] = {
    "plain": ("/json", lambda s, u: s.get(u), {}),
    "params": ("/json", lambda s, u: s.get(u, params={"a": "1"}), {}),
    "prepared": ("/json", lambda s, u: s.send(s.prepare_request(Request("GET", u))), {}),
    "head": ("/json", lambda s, u: s.head(u), {}),
    "post": ("/echo", lambda s, u: s.post(u, data={"a": "1"}), {"allowable_methods": ["POST"]}),
    "validated": ("/etag", lambda s, u: s.get(u), {"expire_after": 1}),
    "kept for errors": (
        "/etag",
        lambda s, u: s.get(u),
        {"expire_after": 1, "stale_if_error": True},
    ),
    "variant": ("/vary", lambda s, u: s.get(u, headers={"Accept-Language": "de"}), {}),
    "redirect": ("/redirect/3", lambda s, u: s.get(u), {}),
    "filter": ("/json", lambda s, u: s.get(u), {"filter_fn": lambda r: bool(r.content)}),
    "stream": ("/bytes/1000", _read, {}),
    "large stream": ("/bytes/5000000", _read, {}),
    "leases": ("/json", lambda s, u: s.get(u), {"collapse": "processes"}),
    "note": ("/search?a=1", lambda s, u: s.get(u), {}),
    "unsafe": ("/json", lambda s, u: (s.get(u), s.post(u)), {}),
    "refresh": (
        "/etag",
        lambda s, u: s.get(u),
        {"expire_after": 1, "stale_while_revalidate": True},
    ),
}


def _search(request: object) -> Answer:
    return Answer(b"found", (("No-Vary-Search", "params"), ("Cache-Control", "max-age=60")))


@pytest.fixture
def slow_session(make_session: Sessions, set_time: Time) -> Sessions:
    """Give a maker of sessions with a store that hangs, and with a slow origin."""

    def make(**options: Any) -> CachedSession:
        cache = BaseCache("hanging")
        cache.responses, cache.redirects = HangingStore(), HangingStore()
        cache.redirects.asked = cache.responses.asked = [1_000_000, 0]
        session = make_session(backend=cache, **options)
        session.mount("http://", SlowAdapter())
        return session

    return make


@pytest.mark.parametrize("cache_control", [False, True], ids=["simple", "http"])
@pytest.mark.parametrize("visits", [0, 1, 3])
@pytest.mark.parametrize("road", ROADS)
def test_a_request_asks_a_store_that_hangs_once(
    road: str, visits: int, cache_control: bool, origin: Origin, slow_session: Sessions
) -> None:
    path, call, options = ROADS[road]
    origin.answers["/search"] = _search
    for before in count():
        session = slow_session(cache_control=cache_control, **options)
        for _ in range(visits):
            call(session, origin.url(path))
            _wait_for_refresh(session)
        asked: list[int] = session.cache.responses.asked  # type: ignore[attr-defined]
        asked[:] = [before, 0]
        call(session, origin.url(path))
        _wait_for_refresh(session)
        assert asked[1] <= (2 if road == "unsafe" else 1), f"after {before} calls"
        if asked[1] == 0:
            assert before > 0, "the store was not asked at all"
            break


def _wait_for_refresh(session: CachedSession) -> None:
    refresher = vars(session).get("_refresher")
    if refresher is not None:
        refresher.wait()


def test_what_is_read_meanwhile_comes_from_the_origin(
    origin: Origin, slow_session: Sessions
) -> None:
    session = slow_session()
    session.get(origin.url("/json"))
    asked: list[int] = session.cache.responses.asked  # type: ignore[attr-defined]
    asked[:] = [0, 0]
    assert session.get(origin.url("/json")).json()["path"] == "/json"
    asked[:] = [1_000_000, 0]
    assert session.get(origin.url("/json")).from_cache
