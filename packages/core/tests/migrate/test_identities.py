"""What belongs to somebody is left out when an older cache is copied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requests_cache import BaseCache, CachedSession
from requests_cache.errors import ConfigurationError
from requests_cache.migrate import migrate

URL = "https://example.org/"
REQUESTS: dict[str, dict[str, Any]] = {
    "nobody": {"headers": {"Accept": "*/*"}},
    "Cookie": {"headers": {"Cookie": "sid=1"}},
    "Authorization": {"headers": {"Authorization": "Bearer secret"}},
    "X-Api-Key": {"headers": {"X-API-Key": "secret"}},
    "url token": {"url": f"{URL}?token=secret"},
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Give a folder as version 1 writes it."""
    for name, request in REQUESTS.items():
        stored = {
            "status_code": 200,
            "url": URL,
            "request": {"method": "GET", "url": URL, **request},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(stored))
    return tmp_path


def test_what_says_who_asked_is_counted(old: Path) -> None:
    report = migrate(old, cache := BaseCache())
    assert report.copied == len(cache.responses) == 1
    assert report.failed == {}
    assert report.left == {name: 1 for name in REQUESTS if name != "nobody"}


def test_cookies_can_be_ignored(old: Path, make_session: Callable[..., CachedSession]) -> None:
    (old / "nobody.json").unlink()
    session = make_session(only_if_cached=True)
    report = migrate(old, session.cache, cookies="ignore")
    assert report.copied == 1
    assert "Cookie" not in report.left
    assert session.get(URL).from_cache
    with pytest.raises(ConfigurationError, match="choose 'leave' or 'ignore'"):
        migrate(old, session.cache, cookies="keep")


def test_a_shared_cache_gets_all(old: Path) -> None:
    report = migrate(old, BaseCache(match_credentials=False))
    assert (report.copied, report.left) == (len(REQUESTS), {})


def test_a_dry_run_stores_nothing(old: Path) -> None:
    report = migrate(old, cache := BaseCache(), dry_run=True)
    assert report == migrate(old, BaseCache())
    assert not cache.responses


def test_a_partition_gets_all(old: Path, make_session: Callable[..., CachedSession]) -> None:
    session = make_session(only_if_cached=True, partition="me")
    report = migrate(old, session.cache, partition="me")
    assert (report.copied, report.left) == (len(REQUESTS), {})
    assert session.get(URL).from_cache
    assert session.get(f"{URL}?token=secret").from_cache
    for other in ("you", None):
        stranger = make_session(only_if_cached=True, partition=other)
        stranger.cache = session.cache
        assert stranger.get(URL).status_code == 504
    with pytest.raises(ConfigurationError, match="the name of who asks"):
        migrate(old, session.cache, partition="")


def test_progress_is_told(old: Path) -> None:
    told: list[tuple[int, int]] = []
    migrate(old, BaseCache(), progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (len(REQUESTS), len(REQUESTS))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_report_says_what_was_left_and_why(old: Path) -> None:
    (old / "broken.json").write_text("{")
    said = str(migrate(old, BaseCache(), dry_run=True))
    assert said.startswith("1 copied; 4 left out, as somebody's: 1 with ")
    assert said.endswith("; 1 failed: 1 because the JSON cannot be read")


def test_another_backend_is_refused(old: Path) -> None:
    with pytest.raises(ConfigurationError, match="backend='memory': choose one of sqlite, "):
        migrate(old, BaseCache(), backend="memory")
