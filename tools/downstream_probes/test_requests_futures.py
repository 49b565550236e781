"""requests-futures: requests in threads, through a cached session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from requests_cache import CachedSession


def test_futures_are_answered_from_the_cache(tmp_path: Path, server: Any) -> None:
    from requests_futures.sessions import FuturesSession

    with FuturesSession(
        session=CachedSession(str(tmp_path / "cache"), backend="sqlite")
    ) as session:
        for is_hit in (False, True):
            futures = [session.get(server.url(f"/{number}")) for number in range(5)]
            answers = [future.result() for future in futures]
            assert [answer.from_cache for answer in answers] == [is_hit] * 5
    assert len(server.paths) == 5
