"""pyinaturalist: a session with a cache, limits and retries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def session(tmp_path: Path) -> Any:
    from pyinaturalist import ClientSession

    return ClientSession(
        cache_file=tmp_path / "api.db",
        ratelimit_path=str(tmp_path / "limits.db"),
        lock_path=str(tmp_path / "limits.lock"),
        expire_after=60,
    )


def test_a_request_is_answered_once(session: Any, server: Any) -> None:
    url = server.url("/v1/taxa")
    answers = [session.request("GET", url, params={"q": "a", "page": n}) for n in (1, 1, 2)]
    assert [answer.from_cache for answer in answers] == [False, True, False]
    assert len(server.paths) == 2


def test_a_request_can_be_made_anew(session: Any, server: Any) -> None:
    for _ in range(2):
        session.request("GET", server.url("/v1/taxa"), refresh=True)
    assert len(server.paths) == 2


def test_a_dry_run_gives_a_made_up_response(session: Any, server: Any) -> None:
    response = session.request("GET", server.url("/v1/taxa"), dry_run=True)
    assert response.json()["results"] == []
    assert server.paths == []


def test_a_hit_is_written_to_the_log(session: Any, server: Any) -> None:
    from pyinaturalist.formatters import format_response

    for _ in range(2):
        response = session.request("GET", server.url("/v1/taxa"))
    assert "cached" in str(format_response(response)).lower()
