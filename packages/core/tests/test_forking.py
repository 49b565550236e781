"""Processes that fork while a body is on its way into a store or out of it."""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
import requests
from requests_cache import CachedSession, clock
from requests_cache._store import threads
from requests_cache._store.threads import Background
from requests_cache.backends.base import Entry
from requests_cache.testing.origin import Answer, Origin, Request

MEGABYTE = 1024 * 1024
BLOCK = random.Random(1).randbytes(MEGABYTE)
COUNT = 12

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def succeeds(work: Callable[[], object]) -> bool:
    """Do something in a child, which has ten seconds; say whether it came to its end."""
    child = os.fork()
    if not child:
        try:
            signal.alarm(10)
            work()
        except BaseException:  # noqa: BLE001  # only this child must not go on with the tests
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
@pytest.mark.parametrize("is_stored", [False, True])
@pytest.mark.parametrize("closes", [False, True])
def test_a_child_uses_the_cache_while_its_parent_reads_a_body(
    tmp_path: Path, origin: Origin, backend: str, is_stored: bool, closes: bool
) -> None:
    origin.answers["/large"] = lambda request: Answer(BLOCK for _ in range(COUNT))
    session = CachedSession(str(tmp_path / "cache"), backend)
    session.get(origin.url("/json"))
    if is_stored:
        session.get(origin.url("/large"))

    def use(response: requests.Response) -> None:
        if closes:
            response.close()
        del response
        gc.collect()
        assert session.get(origin.url("/json")).from_cache
        session.close()

    response = session.get(origin.url("/large"), stream=True)
    size = forks = 0
    for number, piece in enumerate(response.iter_content(100_000)):
        size += len(piece)
        if number % 15 == 10:
            forks += 1
            assert succeeds(lambda: use(response))
    assert size == COUNT * MEGABYTE
    assert forks >= 8
    assert session.get(origin.url("/large"), stream=True).from_cache
    session.close()


@pytest.fixture(params=[False, True])
def stale(
    request: pytest.FixtureRequest, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CachedSession]:
    """Give a session that has a stale response, which the next request refreshes."""
    fresh = (("Cache-Control", "max-age=1, stale-while-revalidate=1000"),)
    origin.answers["/stale"] = lambda request: Answer(b"body", fresh)
    with CachedSession(
        backend="memory", expire_after=1, cache_control=request.param, stale_while_revalidate=True
    ) as session:
        session.get(origin.url("/stale"))
        monkeypatch.setattr(clock, "now", lambda: time.time() + 100)
        yield session


def begin_refresh(session: CachedSession, origin: Origin) -> Callable[[], object]:
    """Have a response refreshed; give what waits until it is."""
    assert session.get(origin.url("/stale")).is_expired
    return lambda: vars(session)["_refresher"].wait(10)


def test_a_fork_waits_for_a_refresh_that_is_in_the_store(
    stale: CachedSession, origin: Origin
) -> None:
    entered, written = Event(), list[int]()
    write = stale.cache.responses.write

    def write_slowly(key: str, entry: Entry) -> None:
        entered.set()
        time.sleep(0.1)
        write(key, entry)
        written.append(os.getpid())

    stale.cache.responses.write = write_slowly  # type: ignore[method-assign]
    refreshed = begin_refresh(stale, origin)
    assert entered.wait(10)
    parent = os.getpid()
    assert succeeds(lambda: [parent].index(*written))
    refreshed()


def test_a_child_refreshes_what_its_parent_was_refreshing(
    stale: CachedSession, origin: Origin
) -> None:
    gate, entered, answer = Event(), Event(), origin.answers["/stale"]

    def answer_later(request: Request) -> Answer:
        if not entered.is_set():
            entered.set()
            assert gate.wait(10)
        return answer(request)

    origin.answers["/stale"] = answer_later
    refreshed = begin_refresh(stale, origin)
    assert entered.wait(10)
    before = origin.count("/stale")
    assert succeeds(lambda: begin_refresh(stale, origin)())
    assert origin.count("/stale") == before + 1
    gate.set()
    refreshed()


def test_a_fork_waits_for_a_thread_that_is_in_a_store() -> None:
    gate, entered = Event(), Event()
    done: list[bool] = []

    def work() -> None:
        entered.set()
        gate.wait(0.1)
        done.append(True)

    asked = Background(work)
    assert entered.wait(10)
    assert succeeds(lambda: done[0] and asked._turn.acquire(blocking=False))
    assert Background(lambda: asked._turn.acquire(blocking=False)).result()


def test_a_fork_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread may wait for the very caller who forks."""
    monkeypatch.setattr(threads, "_LONGEST_WAIT", 0.01)
    gate, entered = Event(), Event()

    def work() -> bool:
        entered.set()
        return gate.wait(10)

    asked = [Background(work) for _ in range(3)]
    assert entered.wait(10)
    assert succeeds(lambda: None)
    gate.set()
    assert all(work.result() for work in asked)
