"""Cache-Control: arguments, repetition and contradiction (RFC 9111, sections 4.2.1 and 5.2)."""

from __future__ import annotations

import pytest
from requests_cache.policy import Headers
from requests_cache.policy.directives import (
    RequestDirectives,
    ResponseDirectives,
    request_directives,
    response_directives,
)
from requests_cache.policy.fields import MAX_SECONDS


def told(*values: str) -> ResponseDirectives:
    return response_directives(Headers(("Cache-Control", value) for value in values))


def asked(*values: str) -> RequestDirectives:
    return request_directives(Headers(("Cache-Control", value) for value in values))


@pytest.mark.parametrize(
    ("value", "max_age"),
    [
        ("max-age=60", 60),
        ("MAX-AGE=60", 60),
        ('max-age="60"', 60),
        ("max-age=0060", 60),
        ("max-age=99999999999999999999", MAX_SECONDS),
        ("max-age=-1", 0),
        ("max-age=1.5", 0),
        ("max-age=a100", 0),
        ("max-age=100a", 0),
        ("max-age='60'", 0),
        ("max-age =60", 0),
        ("max-age= 60", 0),
        ("max-age", 0),
        ("max-age=", 0),
        ("xmax-age=60", None),
        ('extension="max-age=60"', None),
        ("s-maxage=60", None),
        ("", None),
    ],
)
def test_max_age_that_cannot_be_read_means_stale(value: str, max_age: int | None) -> None:
    assert told(value).max_age == max_age


def test_of_repeated_max_age_the_shortest_counts() -> None:
    assert told("max-age=60, max-age=10").max_age == 10
    assert told("max-age=60", "max-age=10").max_age == 10
    assert told("max-age=60, max-age=x").max_age == 0


def test_directive_after_a_quote_that_never_closes_is_seen() -> None:
    assert told('extension="oops, no-store').no_store


def test_flag_stays_a_flag_with_an_argument() -> None:
    assert told('no-store="x"').no_store
    assert told("must-revalidate=0").must_revalidate


def test_no_cache_with_fields_is_limited_to_them() -> None:
    found = told('no-cache="Set-Cookie, X-A"', "no-cache=x-b")
    assert not found.no_cache
    assert found.no_cache_fields == {"set-cookie", "x-a", "x-b"}


@pytest.mark.parametrize("value", ["no-cache", 'no-cache=""', 'no-cache, no-cache="a"'])
def test_no_cache_without_fields_is_about_the_whole_response(value: str) -> None:
    assert told(value).no_cache


def test_every_known_response_directive_is_read() -> None:
    found = told(
        "immutable, max-age=1, must-revalidate, must-understand, no-cache, no-store, private,"
        "public, stale-if-error=2, stale-while-revalidate=3, unknown=4"
    )
    assert found == ResponseDirectives(
        True, 1, True, True, True, frozenset(), True, True, True, stale_if_error=2,
        stale_while_revalidate=3,
    )  # fmt: skip


def test_every_known_request_directive_is_read() -> None:
    found = asked(
        "max-age=1, max-stale=2, min-fresh=3, no-cache, no-store, only-if-cached, stale-if-error=4"
    )
    assert found == RequestDirectives(1, 2, 3, True, True, True, 4)


def test_max_stale_without_a_number_is_any_staleness() -> None:
    assert asked("max-stale").max_stale == MAX_SECONDS
    assert asked("max-stale, max-stale=5").max_stale == 5


def test_request_arguments_that_cannot_be_read_restrict_most() -> None:
    found = asked("max-age=x, max-stale=x, min-fresh=x, stale-if-error=x")
    assert found == RequestDirectives(0, 0, MAX_SECONDS, stale_if_error=0)
    assert asked("min-fresh=1, min-fresh=9").min_fresh == 9


def test_pragma_counts_only_without_cache_control() -> None:
    assert request_directives(Headers([("Pragma", "x, No-Cache")])).no_cache
    assert not request_directives(Headers([("Pragma", "x")])).no_cache
    both = Headers([("Pragma", "no-cache"), ("Cache-Control", "max-age=5")])
    assert not request_directives(both).no_cache


def test_absent_cache_control_says_nothing() -> None:
    assert response_directives(Headers()) == ResponseDirectives()
    assert request_directives(Headers()) == RequestDirectives()
