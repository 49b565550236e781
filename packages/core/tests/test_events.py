"""What a cache tells of each request, to the log and to who listens."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from requests import Request, RequestException, Response
from requests_cache import BaseCache, CachedSession, DictStorage
from requests_cache._exchange.whose import CredentialsSeen
from requests_cache.errors import NotInstalledError, StorageError
from requests_cache.events import Event
from requests_cache.testing.origin import Origin

MakeSession = Callable[..., CachedSession]
REQUESTS = ("hit", "stale", "revalidated", "miss", "bypassed", "failed")


@pytest.fixture(params=[False, True], ids=["simple", "http"])
def http(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def session(make_session: MakeSession, http: bool, told: list[Event]) -> CachedSession:
    return make_session(expire_after=100, cache_control=http, on_event=told.append)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "requests_cache")
    return caplog


def outcomes(told: list[Event]) -> list[tuple[str, str]]:
    return [(event.outcome, event.reason) for event in told if event.outcome in REQUESTS]


def test_each_request_is_told_once_whatever_way_it_takes(
    session: CachedSession, told: list[Event], origin: Origin
) -> None:
    url = origin.url("/json")
    for _ in range(3):
        session.get(url)
        session.get(url, headers={"X-Other": "1"})
        session.get(url, params={})
        session.request("GET", url)
    assert [event.outcome for event in told if event.outcome in REQUESTS] == ["miss"] + ["hit"] * 11
    assert [event.outcome for event in told if event.outcome not in REQUESTS] == ["stored"]
    assert {event.url for event in told} == {url}
    assert len({event.key for event in told}) == 1


def test_an_event_says_what_was_asked_and_how_long_it_took(
    session: CachedSession, told: list[Event], origin: Origin, set_time: Callable[[float], None]
) -> None:
    session.get(origin.url("/json"))
    set_time(1030)
    session.get(origin.url("/json"))
    stored, miss, hit = told
    assert (miss.method, miss.status, miss.age, miss.ttl) == ("GET", 200, None, None)
    assert miss.origin_time is not None
    assert miss.origin_time > 0
    assert miss.store_time is not None
    assert miss.store_time > 0
    assert (hit.age, hit.ttl, hit.size, hit.origin_time) == (30, 70, 30, None)
    assert (stored.outcome, stored.size, stored.ttl) == ("stored", 30, 100)


@pytest.mark.parametrize("takes_long_way", [False, True])
def test_what_is_fresh_by_the_lifetime_of_its_call_is_not_stale(
    make_session: Callable[..., CachedSession], origin: Origin, takes_long_way: bool
) -> None:
    """It was stored with another one, by which it expired at once."""
    told: list[Event] = []
    session = make_session(cache_control=True, on_event=told.append)
    if takes_long_way:
        session._fast_path.look_at = lambda session: None  # type: ignore[method-assign]  # its purpose
    url = origin.url("/max-age/100")
    session.get(url, expire_after=0)
    for _ in range(2):
        assert session.get(url, expire_after=10).cache_status.hit
    assert [outcome for outcome, _ in outcomes(told)] == ["miss", "hit", "hit"]
    assert session.cache.stats.stale == 0


def test_a_validation_and_what_is_served_stale_are_told(
    session: CachedSession, told: list[Event], origin: Origin, set_time: Callable[[float], None]
) -> None:
    session.settings.stale_if_error = True
    session.get(origin.url("/etag"))
    set_time(2000)
    session.get(origin.url("/etag"))
    set_time(4000)
    origin.failing = True
    session.get(origin.url("/etag"))
    found = outcomes(told)
    assert [outcome for outcome, _ in found] == ["miss", "revalidated", "stale"]
    assert found[1][1].startswith("stale")
    assert "stale-if-error" in found[2][1]


def test_what_goes_past_the_cache_or_fails_is_told(
    session: CachedSession, told: list[Event], origin: Origin
) -> None:
    session.post(origin.url("/echo"), data="x")
    session.get(origin.url("/json"), only_if_cached=True)
    with session.cache_disabled():
        session.get(origin.url("/json"))
    with pytest.raises(RequestException):
        session.get("http://127.0.0.1:9/")
    found = outcomes(told)
    assert [outcome for outcome, _ in found] == ["bypassed", "failed", "bypassed", "failed"]
    assert [reason for _, reason in found[1:]] == [
        "only-if-cached",
        "bypass, cache_disabled",
        "ConnectionError",
    ]


def test_a_refresh_in_the_background_is_told(
    make_session: MakeSession,
    told: list[Event],
    origin: Origin,
    set_time: Callable[[float], None],
) -> None:
    from threading import Event as Flag

    done = Flag()

    def listen(event: Event) -> None:
        told.append(event)
        if event.outcome == "refreshed":
            done.set()

    session = make_session(expire_after=10, stale_while_revalidate=True, on_event=listen)
    session.get(origin.url("/json"))
    set_time(1100)
    session.get(origin.url("/json"))
    assert done.wait(10)
    assert [outcome for outcome, _ in outcomes(told)] == ["miss", "stale"]
    assert [event.outcome for event in told].count("refreshed") == 1


def test_a_store_that_fails_is_told(told: list[Event], origin: Origin) -> None:
    class Failing(DictStorage):
        def read(self, key: str) -> Any:
            raise StorageError("no")

    cache = BaseCache()
    cache.responses = Failing()
    with CachedSession(backend=cache, on_event=told.append) as session:
        session.get(origin.url("/json"))
        session.get(origin.url("/json"))
    assert outcomes(told) == [("bypassed", "store-failed")] * 2


def test_an_eviction_is_told(make_session: MakeSession, told: list[Event], origin: Origin) -> None:
    session = make_session(max_entries=1, on_event=told.append)
    first = session.get(origin.url("/json")).cache_key
    session.get(origin.url("/image"))
    assert [event.key for event in told if event.outcome == "evicted"] == [first]


def test_a_streamed_body_is_told_when_it_is_stored(
    session: CachedSession, told: list[Event], origin: Origin
) -> None:
    response = session.get(origin.url("/bytes/5000"), stream=True)
    assert [event.outcome for event in told] == ["miss"]
    assert len(response.content) == 5000
    assert [event.outcome for event in told] == ["miss", "stored"]


def test_no_event_and_no_line_has_a_secret(
    session: CachedSession,
    told: list[Event],
    log: pytest.LogCaptureFixture,
    origin: Origin,
) -> None:
    secret = "hush"
    host = origin.url("").removeprefix("http://")
    for url in (
        origin.url(f"/json?api_key={secret}"),
        f"http://user:{secret}@{host}/json",
        origin.url(f"/echo?token={secret}#access_token={secret}"),
        f"http://user:{secret}@127.0.0.1:9/",
    ):
        for options in ({}, {"only_if_cached": True}, {"headers": {"Authorization": secret}}):
            try:
                session.get(url, **options)
            except RequestException:
                continue
    assert told
    assert log.records
    assert secret not in repr(told)
    for line in log.records:
        assert secret not in repr(vars(line)) + line.getMessage()


def test_a_line_has_the_fields_of_the_event(
    make_session: MakeSession, http: bool, log: pytest.LogCaptureFixture, origin: Origin
) -> None:
    session = make_session(cache_control=http, expire_after=60)
    for _ in range(3):
        session.get(origin.url("/json"))
    found: list[Any] = [line for line in log.records if hasattr(line, "outcome")]
    assert [line.outcome for line in found] == ["stored", "miss", "hit", "hit"]
    for line in found:
        assert set(Event._fields) <= set(vars(line))
        assert (line.method, line.url, line.levelname) == ("GET", origin.url("/json"), "DEBUG")
        assert line.getMessage().startswith(f"{line.outcome} GET {origin.url('/json')}")
    assert "(uri-miss, stored) status=200" in found[1].getMessage()


def test_a_level_that_is_set_later_is_heeded_at_once(
    make_session: MakeSession, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    session = make_session()
    for _ in range(3):
        session.get(origin.url("/json"))
    assert caplog.records == []
    caplog.set_level(logging.DEBUG, "requests_cache")
    session.get(origin.url("/json"))
    caplog.set_level(logging.INFO, "requests_cache")
    session.get(origin.url("/json"))
    assert [record.getMessage().split()[0] for record in caplog.records] == ["hit"]


def test_a_listener_can_end_and_what_it_raises_goes_no_further(
    make_session: MakeSession, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise ValueError("mine")

    session = make_session()
    session.events.listen(broken)
    end = session.events.listen(heard.append)
    assert session.get(origin.url("/json")).ok
    assert [event.outcome for event in heard] == ["stored", "miss"]
    assert "a listener to the events" in caplog.text
    end()
    session.get(origin.url("/json"))
    assert len(heard) == 2


def test_a_listener_may_use_the_session_and_does_not_hear_itself(
    make_session: MakeSession, origin: Origin
) -> None:
    heard: list[Event] = []
    asked: list[str] = []
    session = make_session(max_entries=3)

    def asks(event: Event) -> None:
        asked.append(event.outcome)
        session.get(origin.url(f"/json?n={len(asked)}"))

    session.events.listen(asks)
    session.events.listen(heard.append)
    for _ in range(2):
        session.get(origin.url("/image"))
    assert asked == ["stored", "miss", "hit"]
    found = [event.outcome for event in heard if event.outcome in REQUESTS]
    assert sorted(found) == ["hit", "miss", "miss", "miss", "miss"]


def test_while_nobody_listens_nothing_of_it_is_imported() -> None:
    program = (
        "import sys\n"
        "from requests_cache import CachedSession\n"
        "from requests_cache.testing.origin import Origin\n"
        "with Origin() as origin:\n"
        "    session = CachedSession(backend='memory')\n"
        "    assert [session.get(origin.url('/json')).from_cache for _ in '123'] == [0, 1, 1]\n"
        "print([name for name in sys.modules if name.endswith(('.events', '.told'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_response_that_a_hook_put_in_the_place_of_ours_is_told_too(
    session: CachedSession, told: list[Event], origin: Origin
) -> None:
    def another(response: Response, *args: object, **kwargs: object) -> Response:
        made = Response()
        made.status_code, made.request, made.raw = 299, response.request, BytesIO()
        return made

    for _ in range(2):
        session.get(origin.url("/json"), hooks={"response": [another]})
        session.get(origin.url("/json"))
    found = [(event.outcome, event.status) for event in told if event.outcome in REQUESTS]
    assert found == [("miss", 299), ("miss", 200), ("hit", 299), ("hit", 200)]


# Reasons


def test_the_status_tells_why_nothing_was_used(
    make_session: MakeSession,
    http: bool,
    origin: Origin,
    set_time: Callable[[float], None],
) -> None:
    session = make_session(expire_after=100, cache_control=http)

    def why(path: str, **options: Any) -> str:
        status: Any = session.get(origin.url(path), **options).cache_status
        return f"{status.fwd} {status.detail or ''}".strip()

    def by(name: str) -> dict[str, Any]:
        return {"headers": {"Authorization": name}}

    assert why("/json") == "uri-miss"
    assert why("/json", **by("ann")) == "uri-miss other-credentials"
    assert why("/json", **by("ben")) == "uri-miss other-credentials"
    assert why("/json", **by("ann")) == "None"
    assert why("/image?api_key=1") == "uri-miss"
    assert why("/image?api_key=2") == "uri-miss other-credentials"
    assert why("/image?page=2") == "uri-miss"
    assert why("/vary", headers={"Accept-Language": "en"}) == "uri-miss"
    assert why("/vary", headers={"Accept-Language": "de"}) == "vary-miss"
    set_time(5000)
    assert why("/json") == "stale"
    assert why("/status/500").split()[0] == "uri-miss"
    assert why("/status/500") != why("/never")[:8]


def test_matched_header_fields_are_no_credentials(
    make_session: MakeSession, origin: Origin
) -> None:
    session = make_session(match_headers=["Accept-Language"])
    for language in ("en", "de"):
        headers = {"Accept-Language": language}
        status: Any = session.get(origin.url("/json"), headers=headers).cache_status
        assert (status.fwd, status.detail) == ("uri-miss", None)


def test_what_is_remembered_of_credentials_is_bounded_and_leaves_bodies_out() -> None:
    seen, matching = CredentialsSeen(), BaseCache().matching
    requests = [Request("GET", f"http://site.test/{number}").prepare() for number in range(3000)]
    for request in requests:
        assert seen.other_place(matching, request, "first", {}, note=True) is None
    said = {"cookie sid": "1"}
    assert seen.other_place(matching, requests[-1], "second", said, note=True) == "cookie sid"
    assert seen.other_place(matching, requests[0], "second", said, note=True) is None
    assert len(seen._keys) <= 1024
    body = Request("POST", "http://site.test/", data="x").prepare()
    found = [seen.other_place(matching, body, key, {}, note=True) for key in ("a", "b")]
    assert found == [None, None]


def test_where_no_backend_is_installed_a_line_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from requests_cache.backends import registry

    def missing(name: str) -> Any:
        raise NotInstalledError(name)

    monkeypatch.setattr(registry, "find_cache", missing)
    with caplog.at_level(logging.INFO, "requests_cache"):
        CachedSession().close()
    assert 'pip install "requests-cache-core[sqlite]"' in caplog.text


def test_a_url_is_looked_through_once_and_again_when_more_is_secret(
    make_session: MakeSession, origin: Origin
) -> None:
    told: list[Event] = []
    session = make_session(on_event=told.append, key_fn=lambda request, **kwargs: "key")
    url = origin.url("/json?page=7")
    for _ in range(3):
        session.get(url)
    assert [event.outcome for event in told][-2:] == ["hit", "hit"]
    assert told[-2].url is told[-1].url == url
    session.cache.match(ignored_parameters=["page"])
    session.get(url)
    assert told[-1].url.endswith("page=REDACTED")
