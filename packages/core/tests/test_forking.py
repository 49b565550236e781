"""Processes that fork while a body is on its way into a store or out of it."""

from __future__ import annotations

import gc
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
import requests
from requests_cache import CachedSession, forking
from requests_cache.backends.meanwhile import Meanwhile
from requests_cache.testing.origin import Answer, Origin

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


def test_a_fork_waits_for_a_thread_that_is_in_a_store() -> None:
    gate, entered = Event(), Event()
    done: list[bool] = []

    def work() -> None:
        entered.set()
        gate.wait(0.1)
        done.append(True)

    asked = Meanwhile(work)
    assert entered.wait(10)
    assert succeeds(lambda: done[0] and asked._turn.acquire(blocking=False))
    assert not asked._turn.locked()


def test_a_fork_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread may wait for the very caller who forks."""
    monkeypatch.setattr(forking, "_LONGEST_WAIT", 0.01)
    gate, entered = Event(), Event()

    def work() -> bool:
        entered.set()
        return gate.wait(10)

    asked = [Meanwhile(work) for _ in range(3)]
    assert entered.wait(10)
    assert succeeds(lambda: None)
    gate.set()
    assert all(work.result() for work in asked)
