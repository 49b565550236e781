"""Refreshing in the background."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Event

import pytest
from requests_cache import CachedSession
from requests_cache._exchange.refresh import Refresher
from requests_cache.testing.origin import Answer, HangUpError, Origin, Request

PATIENCE = 10.0  # seconds; reached only by a failing test


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
        running.append(list(refresher._running))

    monkeypatch.setattr("requests_cache._exchange.refresh.logger.warning", note)
    refresher.start("key", lambda: 1 // 0)
    refresher.wait(PATIENCE)
    assert running == [["key"]]


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
