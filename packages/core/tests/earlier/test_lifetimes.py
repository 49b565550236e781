"""Lifetimes as functions, as versions 0.7 and 1 had them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from requests_cache import cache_control
from requests_cache.policy.expiration import (
    DO_NOT_CACHE,
    NEVER_EXPIRE,
    ExpirationTime,
    add_tzinfo,
    get_expiration_datetime,
    get_expiration_seconds,
    get_url_expiration,
    utcnow,
)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("expire_after", "expires"),
    [
        (None, None),
        (NEVER_EXPIRE, None),
        (DO_NOT_CACHE, None),
        (0, at(1000)),
        (60, at(1060)),
        (timedelta(minutes=1), at(1060)),
        (at(5), at(5)),
        ("Thu, 01 Jan 1970 01:00:00 GMT", at(3600)),
    ],
)
def test_a_lifetime_becomes_a_time(
    expire_after: ExpirationTime, expires: datetime | None, set_time: Callable[[float], None]
) -> None:
    assert get_expiration_datetime(expire_after) == expires


def test_a_lifetime_counts_from_where_it_is_told_to(set_time: Callable[[float], None]) -> None:
    assert get_expiration_datetime(60, at(500)) == at(560)
    assert get_expiration_datetime(60, negative_delta=True) == at(940)
    assert get_expiration_datetime(timedelta(seconds=60), at(500), True) == at(440)


def test_a_lifetime_becomes_seconds(set_time: Callable[[float], None]) -> None:
    assert get_expiration_seconds(59.5) == 60
    assert get_expiration_seconds(None) == NEVER_EXPIRE
    assert cache_control.get_expiration_seconds(at(1100)) == 100


def test_the_first_pattern_that_matches_a_url_gives_its_lifetime() -> None:
    patterns: dict[str | re.Pattern[str], ExpirationTime] = {
        "example.org/a": 1,
        re.compile("/b$"): 2,
    }
    assert get_url_expiration("https://example.org/a/c", patterns) == 1
    assert get_url_expiration("https://example.org/b", patterns) == 2
    assert get_url_expiration("https://example.org/d", patterns) is None
    assert get_url_expiration(None) is None


def test_times_have_a_zone(set_time: Callable[[float], None]) -> None:
    assert utcnow() == at(1000)
    assert add_tzinfo(at(0).replace(tzinfo=None)) == at(0)
    assert add_tzinfo(None) is None
