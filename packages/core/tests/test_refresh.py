"""Refreshing in the background."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession, clock
from requests_cache._exchange.refresh import Refresher
from requests_cache.testing.origin import Answer, HangUpError, Origin, Request

PATIENCE = 10.0  # seconds; reached only by a failing test


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    never, end = Event(), monotonic() + PATIENCE
    while not holds():
        assert monotonic() < end
        never.wait(0.001)


def test_there_is_one_refresh_for_each_key_at_a_time() -> None:
    refresher, go, done = Refresher(), Event(), []

    def fetch() -> None:
        go.wait(PATIENCE)
        done.append("one")

    refresher.start("one", fetch)
    refresher.start("one", fetch)
    refresher.start("two", lambda: done.append("two"))
    go.set()
    refresher.wait(PATIENCE)
    assert sorted(done) == ["one", "two"]
    refresher.start("one", lambda: done.append("again"))
    refresher.wait(PATIENCE)
    assert done[-1] == "again"


def test_a_failure_is_logged_and_does_not_block_the_next_refresh(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refresher, done = Refresher(), []

    def fail() -> None:
        raise OSError("no route")

    refresher.start("key", fail, "http://user:secret@host/path")
    assert "secret" not in caplog.text
    refresher.wait(PATIENCE)
    assert "refreshing responses of host in the background fails: no route" in caplog.text
    refresher.start("key", lambda: done.append(1))
    refresher.wait(PATIENCE)
    assert done == [1]


def test_a_refresh_runs_until_its_message_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """So who waits for it finds the message."""
    refresher, running = Refresher(), list[list[str]]()

    def note(*message: object) -> None:
        running.append(list(refresher._jobs))

    monkeypatch.setattr("requests_cache._exchange.refresh.logger.warning", note)
    refresher.start("key", lambda: 1 // 0)
    refresher.wait(PATIENCE)
    assert running == [["key"]]


def test_a_refresh_that_hangs_is_tried_again_with_one_warning(
    set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    refresher, go = Refresher(), Event()
    begun: list[float] = []

    def hang() -> None:
        begun.append(clock.monotonic())
        go.wait(PATIENCE)

    def has_begun(when: float) -> bool:
        return bool(begun) and begun[-1] == when

    for seconds in range(0, 1000, 100):
        set_time(seconds)
        refresher.start("key", hang, "http://host/path")
        wait_until(partial(has_begun, seconds // 300 * 300))
    go.set()
    refresher.wait(PATIENCE)
    assert begun == [0, 300, 600, 900]
    assert [record.getMessage() for record in caplog.records] == [
        "refreshing responses of host in the background fails: no answer within 300 seconds"
    ]


def test_what_hangs_keeps_nobody_else_from_being_refreshed(
    set_time: Callable[[float], None],
) -> None:
    refresher, go, done = Refresher(), Event(), list[str]()
    for number in range(8):
        refresher.start(f"{number}", lambda: go.wait(PATIENCE))
    wait_until(lambda: all(refresher._threads.values()))
    set_time(1299)
    refresher.start("waits", lambda: done.append("waits"))
    assert refresher._waiting
    set_time(1300)
    refresher.start("begins", lambda: done.append("begins"))
    wait_until(lambda: sorted(done) == ["begins", "waits"])
    go.set()
    refresher.wait(PATIENCE)


def test_few_are_refreshed_at_once_and_the_others_in_turn() -> None:
    refresher, go, done = Refresher(), Event(), list[int]()

    def refresh(number: int) -> None:
        go.wait(PATIENCE)
        done.append(number)

    for number in range(1000):
        refresher.start(f"{number}", partial(refresh, number))
    assert len(refresher._threads) == 8
    go.set()
    refresher.wait(PATIENCE)
    assert not refresher._threads
    assert not refresher._jobs
    # What found no place is refreshed when it is asked for again.
    assert 128 <= len(done) <= 8 + 128
    refresher.start("999", partial(refresh, 999))
    refresher.wait(PATIENCE)
    assert done[-1] == 999


def test_what_waits_is_not_begun_once_the_session_is_closed() -> None:
    session, go, done = CachedSession(backend="memory"), Event(), list[int]()

    def refresh(number: int) -> None:
        go.wait(PATIENCE)
        done.append(number)

    for number in range(20):
        session.refresh_in_background(f"{number}", partial(refresh, number), "")
    wait_until(lambda: len(session._refresher._waiting) == 12)
    session.close()
    go.set()
    session._refresher.wait(PATIENCE)
    assert len(done) == 8
    # A session that is used after it was closed goes on.
    session.refresh_in_background("19", lambda: done.append(19), "")
    session._refresher.wait(PATIENCE)
    assert done[8:] == [19]


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("is_down", [False, True])
def test_where_no_thread_can_be_started_the_caller_refreshes(
    cache_control: bool,
    is_down: bool,
    origin: Origin,
    make_session: Callable[..., CachedSession],
    set_time: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = make_session(
        expire_after=10, stale_while_revalidate=True, cache_control=cache_control
    )
    session.get(origin.url("/json"))
    start = Thread.start

    def refuse(thread: Thread) -> None:
        if "requests-cache" in thread.name:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(Thread, "start", refuse)
    set_time(2000)
    origin.failing = is_down
    stale = session.get(origin.url("/json"))
    assert stale.from_cache
    assert stale.is_expired
    assert origin.count() == 2
    assert len(caplog.records) == is_down
    assert session.get(origin.url("/json")).is_expired is is_down


def test_no_thread_for_one_more_is_no_trouble_while_others_are_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refresher, go, done = Refresher(), Event(), list[str]()
    refresher.start("one", lambda: go.wait(PATIENCE))

    def refuse(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", refuse)
        refresher.start("two", lambda: done.append("two"))
    assert not done
    go.set()
    refresher.wait(PATIENCE)
    assert done == ["two"]


@pytest.mark.parametrize("timeout", [None, 7, (3, 5)])
def test_a_refresh_has_a_timeout(
    timeout: Any,
    origin: Origin,
    make_session: Callable[..., CachedSession],
    set_time: Callable[[float], None],
) -> None:
    seen: list[object] = []

    class Noting(HTTPAdapter):
        def send(self, request: Any, **how: Any) -> Any:  # type: ignore[override]
            seen.append(how["timeout"])
            return super().send(request, **how)

    session = make_session(expire_after=10, stale_while_revalidate=True)
    session.mount("http://", Noting())
    session.get(origin.url("/json"), timeout=timeout)
    set_time(2000)
    session.get(origin.url("/json"), timeout=timeout)
    session._refresher.wait(PATIENCE)
    assert seen == [timeout, timeout or 300]


@pytest.mark.parametrize("cache_control", [False, True])
def test_no_secret_is_in_the_warning(
    cache_control: bool,
    make_session: Callable[..., CachedSession],
    set_time: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = make_session(
        expire_after=10,
        stale_while_revalidate=True,
        cache_control=cache_control,
        ignored_parameters=["mine"],
    )
    with Origin() as origin:
        url = origin.url("/json?access_token=s3cret&mine=s3cret&page=2")
        session.get(url, headers={"Connection": "close"})
    session.get_adapter(url).close()
    set_time(2000)
    assert session.get(url).from_cache
    session._refresher.wait(PATIENCE)
    assert "page=2" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_context_of_the_caller_is_that_of_the_refresh() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="")
    seen: list[str] = []
    refresher = Refresher()
    token = variable.set("mine")
    refresher.start("key", lambda: seen.append(variable.get()))
    variable.reset(token)
    refresher.wait(PATIENCE)
    assert seen == ["mine"]


@pytest.mark.parametrize("cache_control", [False, True])
def test_an_incident_is_logged_once_when_it_begins_and_once_when_it_ends(
    cache_control: bool,
    origin: Origin,
    make_session: Callable[..., CachedSession],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many refreshes the origin answers with 500, or does not answer."""
    caplog.set_level("INFO")
    session = make_session(
        expire_after=0.001, stale_while_revalidate=True, cache_control=cache_control
    )

    def refresh_all() -> None:
        for number in range(5):
            assert session.get(origin.url(f"/bytes/{number}")).status_code == 200
        session._refresher.wait(PATIENCE)

    for number in range(5):
        session.get(origin.url(f"/bytes/{number}"))
    origin.failing = True
    refresh_all()
    refresh_all()
    origin.failing = False
    refresh_all()
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    host = origin.url("").removeprefix("http://")
    assert told == [
        (
            "WARNING",
            f"refreshing responses of {host} in the background fails: the origin answers 500",
        ),
        ("INFO", f"refreshing responses of {host} in the background works again"),
    ]


def test_a_response_that_stands_in_for_an_error_is_a_failure(
    origin: Origin,
    make_session: Callable[..., CachedSession],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With `stale-if-error` nothing is raised, and nothing is refreshed either."""
    session = make_session(cache_control=True)
    lifetime = "max-age=0, stale-while-revalidate=1000, stale-if-error=1000"
    origin.answers["/page"] = lambda request: Answer(b"x", (("Cache-Control", lifetime),))
    session.get(origin.url("/page"))

    def hang_up(request: Request) -> Answer:
        raise HangUpError

    origin.answers["/page"] = hang_up
    assert session.get(origin.url("/page")).from_cache
    session._refresher.wait(PATIENCE)
    assert "in the background fails: the origin cannot be reached" in caplog.text


def test_a_forked_child_leaves_what_waits_to_its_parent() -> None:
    refresher, go = Refresher(), Event()
    for key in range(50):
        refresher.start(str(key), partial(go.wait, PATIENCE))
    waiting = len(refresher._waiting)
    refresher._process = 0
    refresher.drop_waiting()
    assert len(refresher._waiting) == waiting > 0
    go.set()
    refresher.wait(PATIENCE)


@pytest.mark.parametrize("cache_control", [False, True])
def test_a_refresh_has_the_cookies_of_the_call(
    cache_control: bool,
    origin: Origin,
    make_session: Callable[..., CachedSession],
    set_time: Callable[[float], None],
) -> None:
    session = make_session(
        expire_after=10, stale_while_revalidate=True, cache_control=cache_control
    )
    session.get(origin.url("/echo"), cookies={"lang": "de"})
    set_time(1020)
    assert session.get(origin.url("/echo"), cookies={"lang": "de"}).from_cache
    session._refresher.wait(PATIENCE)
    assert [request.headers["cookie"] for request in origin.requests] == ["lang=de"] * 2
