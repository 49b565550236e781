"""Until when a stored response is of use."""

from __future__ import annotations

import math
from collections.abc import Callable

from requests_cache.policy import Rules, StoredHead, expires_at, kept_until

NOW = 1_700_000_000.0
Build = Callable[..., StoredHead]


def test_response_expires_when_its_age_reaches_its_lifetime(stored: Build) -> None:
    assert expires_at(stored("Cache-Control: max-age=60", "Age: 10")) == NOW + 50
    assert expires_at(stored("Cache-Control: max-age=5", "Age: 10")) == NOW - 5


def test_endless_lifetime_never_expires(stored: Build) -> None:
    assert expires_at(stored(), Rules(lifetime=math.inf)) is None
    assert kept_until(stored(), Rules(lifetime=math.inf)) is None


def test_response_with_a_validator_is_kept_without_limit(stored: Build) -> None:
    assert kept_until(stored("Cache-Control: max-age=60", 'ETag: "a"')) is None


def test_response_without_a_validator_is_kept_while_it_may_be_served(stored: Build) -> None:
    told = "Cache-Control: max-age=60, stale-while-revalidate=10, stale-if-error=20"
    assert kept_until(stored("Cache-Control: max-age=60")) == NOW + 60
    assert kept_until(stored(told)) == NOW + 80
    assert kept_until(stored(told), Rules(stale_if_error=90.0)) == NOW + 150
    assert kept_until(stored(told), Rules(stale_if_error=math.inf)) is None
