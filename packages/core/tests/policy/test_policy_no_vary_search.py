"""Queries that do not matter (draft-ietf-httpbis-no-vary-search)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import StoredHead, search_variance, without_search
from requests_cache.policy.selection import EVERYTHING, SearchVariance
from requests_cache.policy.selection import same_search as matches

if TYPE_CHECKING:
    from .conftest import SimulatedCache

Build = Callable[..., StoredHead]


@pytest.mark.parametrize(
    ("value", "variance"),
    [
        ("params", SearchVariance(only=frozenset())),
        ('params=("a" "b")', SearchVariance(frozenset(("a", "b")))),
        ('params, except=("a")', SearchVariance(only=frozenset(("a",)))),
        ("key-order", SearchVariance(ordered=False)),
        ('key-order, params=("a")', SearchVariance(frozenset("a"), None, False)),
        ("params=?0", EVERYTHING),
        ("key-order=?0", EVERYTHING),
        ("", EVERYTHING),
        ("params=(a)", EVERYTHING),
        ("params=1", EVERYTHING),
        ("key-order=1", EVERYTHING),
        ('except=("a")', EVERYTHING),
        ('params=("b"), except=("a")', EVERYTHING),
        ("params, except=(a)", EVERYTHING),
        ("params, except", EVERYTHING),
        ("params=(", EVERYTHING),
    ],
)
def test_what_is_not_as_specified_means_that_all_matters(
    stored: Build, value: str, variance: SearchVariance
) -> None:
    assert search_variance(stored(f"No-Vary-Search: {value}").headers) == variance


@pytest.mark.parametrize(
    ("value", "query", "answer"),
    [
        ("params", "?x=9", True),
        ("params", "", True),
        ('params=("x")', "?a=1&b=2&x=3", True),
        ('params=("x")', "?b=2&a=1", False),
        ('params=("x"), key-order', "?b=2&a=1", True),
        ('params, except=("a")', "?a=1&z=9", True),
        ('params, except=("a")', "?a=2&b=2", False),
        ("key-order", "?b=2&a=%31", True),
        ("key-order", "?b=2&a=1&a=3", False),
        ("x", "?a=1&b=2", True),
        ("x", "?a=1", False),
    ],
)
def test_urls_are_the_same_if_what_matters_is(
    stored: Build, value: str, query: str, answer: bool
) -> None:
    head = stored(f"No-Vary-Search: {value}", url="https://example.org/p?a=1&b=2")
    assert matches(head, f"https://EXAMPLE.org/p{query}") is answer


@pytest.mark.parametrize(
    "url", ["http://example.org/p", "https://example.com/p", "https://example.org/P", "//["]
)
def test_everything_but_the_query_must_be_the_same(stored: Build, url: str) -> None:
    assert not matches(stored("No-Vary-Search: params", url="https://example.org/p"), url)


def test_url_without_search_is_the_place_to_look() -> None:
    assert without_search("https://a/b?c=1?d#e?f") == "https://a/b"


def test_response_stored_for_another_query_is_served(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=60", 'No-Vary-Search: params=("utm")', body=b"x")
    cache.fetch(url="https://example.org/?utm=1&a=1")
    assert cache.fetch(url="https://example.org/?a=1&utm=2").body == b"x"
    cache.origin(200, body=b"y")
    assert cache.fetch(url="https://example.org/?a=2").body == b"y"
