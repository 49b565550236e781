"""retry-requests: adapters that try again, below a cache (as in the examples of Open-Meteo)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from requests_cache import CachedSession


def test_retries_lie_below_a_cache(tmp_path: Path, server: Any) -> None:
    from retry_requests import retry

    session = retry(CachedSession(str(tmp_path / ".cache"), expire_after=-1), retries=5)
    answers = [session.get(server.url("/v1/forecast"), params={"a": [1, 2]}) for _ in range(2)]
    assert [answer.from_cache for answer in answers] == [False, True]
    assert len(server.paths) == 1
