"""What a hit on SQLite may cost, in statements and calls: numbers that no busy machine changes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from requests import PreparedRequest, Request
from requests import Session as PlainSession
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

# What a hit takes now, and a few more for other versions of Python. To prepare a request, requests
# makes more than 250 calls; to look for proxies, several for each environment variable.
MOST_CALLS = 12
MOST_CALLS_OF_SEND = 13
"""The same with a request that the caller has prepared."""


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def session(tmp_path: Path) -> Iterator[CachedSession]:
    with CachedSession(str(tmp_path / "cache"), "sqlite") as session:
        yield session


def names_of_calls(action: Callable[[], object]) -> list[str]:
    """Give the Python functions that an action calls, without itself.

    Left out is what time decides: a look for a netrc file, and what the garbage collector calls.
    """
    names: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            names.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    gc.collect()
    gc.disable()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
        gc.enable()
    return [name for name in names[1:] if name != "_looks_like_one"]


def statements_of(session: CachedSession, action: Callable[[], object]) -> list[str]:
    """Give the SQL statements that an action runs on this thread's connection."""
    statements: list[str] = []
    with session.cache.responses.connection() as connection:  # type: ignore[attr-defined]  # a DbDict
        connection.set_trace_callback(statements.append)
        action()
        connection.set_trace_callback(None)
    return statements


@pytest.mark.parametrize("reading", ["second", "third"])
def test_a_hit_runs_one_select_and_nothing_else(
    session: CachedSession, origin: Origin, reading: str
) -> None:
    url = origin.url("/json")
    session.get(url)
    if reading == "third":
        session.get(url)
    statements = statements_of(session, lambda: session.get(url).content)
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_a_hit_builds_no_prepared_request(
    session: CachedSession, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = origin.url("/json")
    expected = session.get(url).content
    session.get(url)

    def forbidden(self: PreparedRequest) -> None:
        raise AssertionError("a hit prepared a request")

    monkeypatch.setattr(PreparedRequest, "__init__", forbidden)
    assert session.get(url).content == expected


def test_a_hit_takes_few_calls(session: CachedSession, origin: Origin) -> None:
    url = origin.url("/json")
    session.get(url)
    session.get(url)
    names = names_of_calls(lambda: session.get(url).content)
    assert len(names) <= MOST_CALLS, names


def test_a_hit_of_a_prepared_request_takes_few_calls(
    session: CachedSession, origin: Origin
) -> None:
    request = session.prepare_request(Request("GET", origin.url("/json")))
    session.send(request)
    session.send(request)
    names = names_of_calls(lambda: session.send(request).content)
    assert len(names) <= MOST_CALLS_OF_SEND, names


def test_a_miss_takes_fewer_calls_than_a_request_without_a_cache(
    session: CachedSession, origin: Origin
) -> None:
    """What requests does anew for each request, preparing it and looking for proxies, is spared."""
    with PlainSession() as plain:
        for each in (plain, session):
            each.get(origin.url("/json"))
        without = names_of_calls(lambda: plain.get(origin.url("/html")))
        with_one = names_of_calls(lambda: session.get(origin.url("/html")))
    assert len(with_one) < len(without)
