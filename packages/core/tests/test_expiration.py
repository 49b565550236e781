"""What the values of `expire_after` mean: pure."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import pytest
from requests_cache.errors import ConfigurationError
from requests_cache.expiration import (
    DO_NOT_CACHE,
    EXPIRE_IMMEDIATELY,
    NEVER_EXPIRE,
    UrlExpiration,
    absolute_expiration,
    check_expiration,
    from_timestamp,
    relative_seconds,
)

NOW = 1000.0


@pytest.mark.parametrize(
    ("value", "expires"),
    [
        (None, None),
        (NEVER_EXPIRE, None),
        (-1.0, None),
        (EXPIRE_IMMEDIATELY, NOW),
        (60, NOW + 60),
        (0.5, NOW + 0.5),
        (timedelta(minutes=1), NOW + 60),
        (datetime(1970, 1, 1, 1, tzinfo=UTC), 3600.0),
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0.0),
        ("Thu, 01 Jan 1970 01:00:00 GMT", 3600.0),
        (DO_NOT_CACHE, None),
        (inf, None),
        (10**400, None),
        (timedelta.max, None),
    ],
)
def test_each_form_becomes_a_time_or_never(value: object, expires: float | None) -> None:
    assert absolute_expiration(value, NOW) == expires  # type: ignore[arg-type]  # a table of all


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no way to change the time zone")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_datetime_without_a_zone_is_local_time(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As version 1 has it; who sets it is told."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        naive = datetime(2030, 1, 1, 1)  # noqa: DTZ001  # that it has no time zone is the case
        assert absolute_expiration(naive, NOW) == naive.astimezone().timestamp()
        expected = naive.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        with pytest.warns(UserWarning, match=f"taken as local time, {expected}.* in UTC"):
            check_expiration(naive)
        for extreme in (datetime.min, datetime.max):  # noqa: DTZ901  # as above
            assert isinstance(absolute_expiration(extreme, NOW), float)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-2, "lies in the past"),
        (timedelta(seconds=-5), "lies in the past"),
        (nan, "give seconds"),
        (True, "give seconds"),
        ([60], "give seconds"),
        ("tomorrow", "is not an HTTP date"),
        ("2024-01-01", "is not an HTTP date"),
    ],
)
def test_a_wrong_value_is_named_with_the_option(value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match="expire_after=.*" + message) as raised:
        absolute_expiration(value, NOW)  # type: ignore[arg-type]  # wrong on purpose
    assert repr(value) in str(raised.value)


def test_a_wrong_duration_names_its_own_option() -> None:
    with pytest.raises(ConfigurationError, match="stale_if_error=-1 is negative"):
        relative_seconds(-1, "stale_if_error")
    with pytest.raises(ConfigurationError, match="older_than='1': give seconds or"):
        relative_seconds("1", "older_than")


def test_a_timestamp_beyond_the_calendar_is_its_last_second() -> None:
    assert from_timestamp(None) is None
    assert from_timestamp(0.0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert from_timestamp(1e300) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "url", "matches"),
    [
        ("site.test/a", "https://site.test/a", True),
        ("site.test/a", "https://site.test/a/b?c=d", True),
        ("site.test/a", "https://site.test/b", False),
        ("https://site.test/a", "http://site.test/a", True),
        ("*.site.test", "https://api.site.test/x", True),
        ("*.site.test", "https://site.test/x", False),
        ("*", "https://anything.test/", True),
        ("site.test/*/c", "https://site.test/a/b/c/d", True),
        (re.compile(r"\.png$"), "https://site.test/a.png", True),
        (re.compile(r"^https:"), "http://site.test/a.png", False),
    ],
)
def test_a_glob_matches_without_the_scheme_and_a_pattern_is_searched_in_all(
    pattern: str | re.Pattern[str], url: str, matches: bool
) -> None:
    assert UrlExpiration({pattern: 60}).match(url) == (60 if matches else None)


def test_the_first_pattern_that_matches_wins() -> None:
    rules = UrlExpiration({"site.test/a": DO_NOT_CACHE, "site.test": 60, "*": None})
    assert rules.match("http://site.test/a") == DO_NOT_CACHE
    assert rules.match("http://site.test/b") == 60
    assert rules.match("http://other.test/b") is None


def test_a_wrong_pattern_or_value_is_an_error_at_once() -> None:
    with pytest.raises(ConfigurationError, match="urls_expire_after: 7 is neither"):
        UrlExpiration({7: 60})  # type: ignore[dict-item]  # wrong on purpose
    with pytest.raises(ConfigurationError, match="expire_after='soon'"):
        UrlExpiration({"*": "soon"})
