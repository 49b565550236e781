"""Refreshing in the background."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Event

import pytest
from requests_cache.refresh import Refresher

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

    refresher.start("key", fail)
    refresher.wait(PATIENCE)
    assert "refreshing the response under key key failed: no route" in caplog.text
    refresher.start("key", lambda: done.append(1))
    refresher.wait(PATIENCE)
    assert done == [1]


def test_the_context_of_the_caller_is_that_of_the_refresh() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="")
    seen: list[str] = []
    refresher = Refresher()
    token = variable.set("mine")
    refresher.start("key", lambda: seen.append(variable.get()))
    variable.reset(token)
    refresher.wait(PATIENCE)
    assert seen == ["mine"]
