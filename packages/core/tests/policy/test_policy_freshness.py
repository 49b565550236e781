"""How long a response stays fresh (RFC 9111, sections 4.2.1, 4.2.2 and 5.3)."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from requests_cache.policy import Rules, StoredHead, measure

NOW = 1_700_000_000.0
DATE = "Date: Tue, 14 Nov 2023 22:13:20 GMT"
EXPIRES = "Expires: Tue, 14 Nov 2023 22:14:20 GMT"
MODIFIED = "Last-Modified: Tue, 14 Nov 2023 21:56:40 GMT"  # 1,000 seconds before Date
Build = Callable[..., StoredHead]


def lifetime(head: StoredHead, rules: Rules | None = None) -> float:
    return measure(head, NOW, rules or Rules()).lifetime


def test_max_age_is_the_lifetime(stored: Build) -> None:
    assert lifetime(stored(DATE, "Cache-Control: max-age=10")) == 10


def test_max_age_goes_before_expires(stored: Build) -> None:
    assert lifetime(stored(DATE, EXPIRES, "Cache-Control: max-age=10")) == 10
    assert lifetime(stored(DATE, EXPIRES, "Cache-Control: max-age=x")) == 0


def test_s_maxage_is_for_shared_caches(stored: Build) -> None:
    assert lifetime(stored(DATE, "Cache-Control: s-maxage=99, max-age=10")) == 10
    assert lifetime(stored(DATE, EXPIRES, "Cache-Control: s-maxage=99")) == 60


def test_expires_counts_from_date(stored: Build) -> None:
    assert lifetime(stored(DATE, EXPIRES, at=NOW + 30)) == 60


def test_expires_counts_from_arrival_without_date(stored: Build) -> None:
    assert lifetime(stored(EXPIRES, at=NOW + 30)) == 30


@pytest.mark.parametrize("value", ["0", "-1", "", "Tue, 14 Nov 2023 22:14:20 PST"])
def test_expires_that_is_no_date_is_past(stored: Build, value: str) -> None:
    assert lifetime(stored(DATE, f"Expires: {value}", MODIFIED)) == 0


def test_earliest_expires_counts(stored: Build) -> None:
    later = EXPIRES.replace("2023", "2034")
    assert lifetime(stored(DATE, later, EXPIRES)) == 60
    assert lifetime(stored(DATE, EXPIRES, "Expires: 0")) == 0


def test_heuristic_is_a_tenth_of_the_time_since_modification(stored: Build) -> None:
    assert lifetime(stored(DATE, MODIFIED)) == 100
    assert lifetime(stored(DATE, MODIFIED), Rules(heuristic_fraction=0.5)) == 500
    assert lifetime(stored(DATE, MODIFIED), Rules(heuristic_limit=7.0)) == 7


def test_modification_after_date_gives_no_lifetime(stored: Build) -> None:
    assert lifetime(stored(DATE, MODIFIED.replace("2023", "2034"))) == 0


def test_heuristic_is_not_used_beside_an_explicit_lifetime(stored: Build) -> None:
    assert lifetime(stored(DATE, MODIFIED, "Cache-Control: max-age=0")) == 0


@pytest.mark.parametrize(("status", "seconds"), [(404, 100), (302, 0), (403, 0), (599, 0)])
def test_heuristic_needs_a_status_that_allows_it(
    stored: Build, status: int, seconds: float
) -> None:
    assert lifetime(stored(DATE, MODIFIED, status=status)) == seconds


def test_public_allows_a_heuristic_for_any_status(stored: Build) -> None:
    assert lifetime(stored(DATE, MODIFIED, "Cache-Control: public", status=302)) == 100


def test_heuristics_can_be_switched_off(stored: Build) -> None:
    assert lifetime(stored(DATE, MODIFIED), Rules(heuristics=False)) == 0


def test_fallback_is_for_responses_that_say_nothing(stored: Build) -> None:
    rules = Rules(fallback=50.0)
    assert lifetime(stored(DATE), rules) == 50
    assert lifetime(stored(DATE, MODIFIED), rules) == 100
    assert lifetime(stored(DATE, "Cache-Control: max-age=10"), rules) == 10
    assert lifetime(stored(DATE, status=302), rules) == 0
    assert lifetime(stored(DATE), Rules()) == 0


def test_fallback_counts_from_arrival(stored: Build) -> None:
    state = measure(stored(DATE, "Age: 1000"), NOW + 40, Rules(fallback=50.0))
    assert state.fresh
    assert state.staleness == -10


def test_setting_of_the_request_overrides_the_response(stored: Build) -> None:
    head = stored(DATE, "Cache-Control: max-age=10", lifetime=20.0)
    assert lifetime(head, Rules(lifetime=30.0)) == 30
    assert lifetime(head, Rules(lifetime=0.0)) == 0
    assert lifetime(head, Rules(lifetime=math.inf)) == math.inf


def test_setting_in_force_at_storing_overrides_the_response(stored: Build) -> None:
    assert lifetime(stored(DATE, "Cache-Control: max-age=10", lifetime=20.0)) == 20


def test_response_is_stale_when_its_age_reaches_its_lifetime(stored: Build) -> None:
    head = stored(DATE, "Cache-Control: max-age=10")
    assert measure(head, NOW + 9.9, Rules()).fresh
    assert not measure(head, NOW + 10, Rules()).fresh
    assert measure(head, NOW + 12, Rules()).staleness == 2
