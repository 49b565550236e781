"""Dates in their three forms and strictly nothing else (RFC 9110, 5.6.7; RFC 9111, 4.2)."""

from __future__ import annotations

import pytest
from requests_cache.policy.fields import format_date, parse_date

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 14 Nov 2023 22:13:20 GMT",
        "Tuesday, 14-Nov-23 22:13:20 GMT",
        "Tue Nov 14 22:13:20 2023",
    ],
)
def test_date_has_three_forms(text: str) -> None:
    assert parse_date(text, NOW) == NOW


def test_date_is_read_in_any_case() -> None:
    assert parse_date("TUE, 14 nov 2023 22:13:20 gmt", NOW) == NOW


def test_asctime_pads_the_day_with_a_space() -> None:
    assert parse_date("Sun Nov  6 08:49:37 1994", NOW) == 784111777


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "foo",
        "1700000000",
        "2023-11-14T22:13:20Z",
        "Tue, 14 Nov 2023 22:13:20",
        "Tue, 14 Nov 2023 22:13:20 UTC",
        "Tue, 14 Nov 2023 22:13:20 +0000",
        "Tue, 14 Nov 2023 22:13:20 PST",
        "Tue, 14 Nov 23 22:13:20 GMT",
        "Tue, 14 Nov 2023 2:13:20 GMT",
        "Tue, 4 Nov 2023 22:13:20 GMT",
        "Tue,  14 Nov 2023 22:13:20 GMT",
        "Tue 14 Nov 2023 22:13:20 GMT",
        "Tue, 14-Nov-2023 22:13:20 GMT",
        "Tue, 14 Nov 2023 22.13.20 GMT",
        "Tue, 14 Nov 2023 24:13:20 GMT",
        "Tue, 14 Nov 2023 22:60:20 GMT",
        "Tue, 14 Nov 2023 22:13:61 GMT",
        "Tue, 31 Nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 0000 22:13:20 GMT",
        "Tue, 14 Nov 2023 22:13:20 GMT, Tue, 14 Nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 2023 22:13:20 GMT\n",
        "Tue, \u0661\u0664 Nov 2023 22:13:20 GMT",
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    assert parse_date(text, NOW) is None


def test_leap_second_is_a_date() -> None:
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW) == 1483228800


@pytest.mark.parametrize(("two_digits", "year"), [("23", 2023), ("73", 2073), ("74", 1974)])
def test_two_digit_year_more_than_fifty_years_ahead_is_past(two_digits: str, year: int) -> None:
    short = parse_date(f"Tuesday, 14-Nov-{two_digits} 22:13:20 GMT", NOW)
    assert short == parse_date(f"Tue, 14 Nov {year} 22:13:20 GMT", NOW)


def test_written_date_is_an_imf_fixdate() -> None:
    assert format_date(NOW + 0.9) == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_moment_that_no_date_can_name_is_moved_to_the_edge() -> None:
    assert format_date(-5.0) == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert format_date(1e15) == "Fri, 31 Dec 9999 23:59:59 GMT"
