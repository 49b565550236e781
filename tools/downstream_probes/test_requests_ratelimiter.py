"""requests-ratelimiter: limits beside a cache, as its documentation and that of yfinance show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from requests import Session
from requests_cache import CachedSession, CacheMixin, SQLiteCache


def test_a_hit_counts_for_no_limit(tmp_path: Path, server: Any) -> None:
    from requests_ratelimiter import LimiterMixin

    class Both(CacheMixin, LimiterMixin, Session):
        """A session with a cache and limits."""

    session = Both(per_hour=2, limit_statuses=(), backend=SQLiteCache(tmp_path / "yfinance.cache"))
    answers = [session.get(server.url("/quote")) for _ in range(20)]
    assert [answer.from_cache for answer in answers] == [False] + [True] * 19
    assert len(server.paths) == 1


@pytest.mark.parametrize("scheme", ["http://", "https://"])
def test_an_adapter_with_limits_is_mounted(scheme: str, server: Any) -> None:
    from requests_ratelimiter import LimiterAdapter

    session = CachedSession(backend="memory")
    session.mount(scheme, LimiterAdapter(per_second=100))
    assert [session.get(server.url("/a")).from_cache for _ in range(2)] == [False, True]
