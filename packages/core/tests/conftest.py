"""An origin, a clock that tests set, and sessions that are closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from requests_cache import CachedSession, clock
from requests_cache.testing.origin import Origin

# How long an example takes says more of the machine than of what is tested.
hypothesis.settings.register_profile("requests-cache", deadline=None)
hypothesis.settings.register_profile("differential", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("requests-cache")


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
