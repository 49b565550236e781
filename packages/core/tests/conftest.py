"""An origin, a clock that tests set, and sessions that are closed after the test."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from requests_cache import BaseCache, CachedSession, clock
from requests_cache._matching.credentials import Redactor
from requests_cache.backends import init_backend
from requests_cache.logs import _filter
from requests_cache.testing.origin import Origin

# Tests are imported by file, not through a path; these have helpers beside them.
sys.path.insert(0, str(Path(__file__).parent / "owner"))

# How long an example takes says more of the machine than of what is tested. The same examples at
# each run: what a new one would find is no fault of the change that is tested. The verb
# `differential` looks for new ones.
hypothesis.settings.register_profile("requests-cache", deadline=None, derandomize=True)
hypothesis.settings.register_profile("differential", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("requests-cache")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Have the collector pass over what was collected: thousands of tests, in each child, too."""
    gc.freeze()


@pytest.fixture(autouse=True)
def no_names_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what one test calls secret out of what the next one reads in the log."""
    monkeypatch.setattr(_filter, "redactor", Redactor())


@pytest.fixture(autouse=True)
def no_levels_of_others() -> Iterator[None]:
    """Take back what a program that a test runs has asked of the log."""
    loggers = [logging.getLogger(name) for name in (None, "requests_cache")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        # It forgets what each logger has found out of its level, too.
        logger.setLevel(level)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def set_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stop the clock at 1000 seconds after the epoch, and give what sets it."""
    now = [1000.0]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def set_it(seconds: float) -> None:
        now[0] = float(seconds)

    return set_it


@pytest.fixture
def make_session() -> Iterator[Callable[..., CachedSession]]:
    """Give a maker of sessions with a cache in memory."""
    made: list[CachedSession] = []

    def make(**options: Any) -> CachedSession:
        options.setdefault("backend", "memory")
        made.append(CachedSession("tests", **options))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(params=["memory", "sqlite", "filesystem"])
def make_cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], BaseCache]]:
    """Give what opens stores of one kind, each of its own."""
    made: list[BaseCache] = []

    def make() -> BaseCache:
        made.append(init_backend(request.param, str(tmp_path / str(len(made)))))
        return made[-1]

    if request.param != "memory":
        # Where another process finds the first of them.
        vars(make)["place"] = (request.param, str(tmp_path / "0"), {})
        # What holds for the twenty of a flow in memory holds here for the few that take longer.
        vars(make)["urls"] = 6
    yield make
    for cache in made:
        cache.close()
