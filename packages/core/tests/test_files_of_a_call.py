"""How much of the library a call passes through, counted in modules whose code runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin


def modules_of(call: Callable[[], object]) -> set[str]:
    """Give our modules of which a function is called."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        name = str(frame.f_globals.get("__name__", ""))
        if event == "call" and name.partition(".")[0] == "requests_cache":
            found.add(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return {name for name in found if not name.startswith("requests_cache.testing")}


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("kwargs", [{}, {"params": {"a": [1, 2]}}], ids=["url", "parameters"])
def test_a_hit_passes_through_few_files(
    cache_control: bool, kwargs: dict[str, Any], origin: Origin
) -> None:
    session = CachedSession(backend="memory", cache_control=cache_control)
    url = origin.url("/max-age/60")
    for _ in range(3):
        response = session.get(url, **kwargs)
    assert response.from_cache
    found = modules_of(lambda: session.get(url, **kwargs))
    assert 5 < len(found) <= 15, sorted(found)


@pytest.mark.parametrize("cache_control", [False, True])
def test_a_validation_builds_nothing_that_nobody_asks_for(
    cache_control: bool, origin: Origin
) -> None:
    session = CachedSession(backend="memory", expire_after=1e-6, cache_control=cache_control)
    url = origin.url("/etag")
    for _ in range(3):
        session.get(url)
    answers: list[Any] = []
    found = modules_of(lambda: answers.append(session.get(url)))
    assert answers[0].revalidated
    assert len(found) <= 55, sorted(found)
    assert "requests_cache.models.builders" not in found
