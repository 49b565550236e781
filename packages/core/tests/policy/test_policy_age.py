"""How old a response is (RFC 9111, sections 4.2.3 and 5.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests_cache.policy import StoredHead
from requests_cache.policy.freshness import current_age, initial_age, received_age
from requests_cache.policy.selection import date_value

NOW = 1_700_000_000.0
DATE = "Date: Tue, 14 Nov 2023 22:13:20 GMT"
EARLIER = "Date: Tue, 14 Nov 2023 22:12:20 GMT"


@pytest.mark.parametrize(
    ("lines", "age"),
    [
        (("Age: 5",), 5),
        (("Age: 7200, 0",), 7200),
        (("Age: 0, 7200",), 0),
        (("Age: 5", "Age: 9"), 5),
        (("Age: -5",), 0),
        (("Age: 1.5",), 0),
        (("Age: abc",), 0),
        (("Age: 7200;foo=bar",), 0),
        (("Age:",), 0),
        (("Age: 99999999999999999999",), 2**31),
        ((), 0),
    ],
)
def test_first_age_counts_if_it_is_a_number(
    stored: Callable[..., StoredHead], lines: tuple[str, ...], age: int
) -> None:
    assert received_age(stored(*lines).headers) == age


def test_age_grows_while_a_response_rests(stored: Callable[..., StoredHead]) -> None:
    assert current_age(stored(DATE, "Age: 5"), NOW + 10) == 15


def test_date_in_the_past_is_age(stored: Callable[..., StoredHead]) -> None:
    assert initial_age(stored(EARLIER)) == 60


def test_larger_of_date_and_age_counts(stored: Callable[..., StoredHead]) -> None:
    assert initial_age(stored(EARLIER, "Age: 5")) == 60
    assert initial_age(stored(EARLIER, "Age: 100")) == 100


def test_time_on_the_way_is_added_to_a_received_age(stored: Callable[..., StoredHead]) -> None:
    assert initial_age(stored(DATE, "Age: 5", delay=2.0)) == 7


def test_rest_of_the_second_of_arrival_is_no_age(stored: Callable[..., StoredHead]) -> None:
    assert initial_age(stored(DATE, at=NOW + 0.9)) == 0


def test_date_in_the_future_is_no_negative_age(stored: Callable[..., StoredHead]) -> None:
    assert current_age(stored("Date: Tue, 14 Nov 2034 22:13:20 GMT"), NOW) == 0


def test_clock_that_was_set_back_makes_no_negative_age(
    stored: Callable[..., StoredHead],
) -> None:
    assert current_age(stored(DATE), NOW - 1000) == 0


def test_date_that_is_missing_or_no_date_is_the_time_of_arrival(
    stored: Callable[..., StoredHead],
) -> None:
    assert date_value(stored()) == NOW
    assert date_value(stored("Date: yesterday")) == NOW


def test_first_of_several_dates_counts(stored: Callable[..., StoredHead]) -> None:
    assert date_value(stored(EARLIER, DATE)) == NOW - 60
