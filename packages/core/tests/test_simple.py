"""The simple rules as a table: pure."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from requests_cache import CacheSettings
from requests_cache._exchange.lifetime import Lifetime
from requests_cache._exchange.request_context import Options
from requests_cache._exchange.simple_rules import Plan, conditions_of, make_plan

NOW = 1000.0
FRESH, STALE, NOTHING = NOW + 1, NOW - 10, None
HIT = Plan("serve", "hit")

# settings, options, expires, has a validator -> plan
TABLE: list[tuple[dict[str, Any], Options, float | None, bool, Plan]] = [
    # Nothing is stored.
    ({}, Options(), NOTHING, False, Plan("fetch", "uri-miss")),
    ({}, Options(only_if_cached=True), NOTHING, False, Plan("timeout", "uri-miss")),
    ({"only_if_cached": True}, Options(), NOTHING, False, Plan("timeout", "uri-miss")),
    ({}, Options(refresh=True), NOTHING, False, Plan("fetch", "uri-miss")),
    # What is stored is fresh.
    ({}, Options(), FRESH, False, HIT),
    ({}, Options(), inf, True, HIT),
    ({"always_revalidate": True}, Options(), FRESH, False, HIT),
    ({"always_revalidate": True}, Options(), FRESH, True, Plan("fetch", "request", validate=True)),
    ({}, Options(refresh=True), FRESH, True, Plan("fetch", "request", validate=True)),
    ({}, Options(refresh=True), FRESH, False, Plan("fetch", "request")),
    ({}, Options(0, given=True), FRESH, True, Plan("fetch", "request", validate=True)),
    ({}, Options(60, given=True), FRESH, True, HIT),
    ({}, Options(force_refresh=True), FRESH, True, Plan("fetch", "request")),
    ({}, Options(force_refresh=True, only_if_cached=True), FRESH, True, HIT),
    ({"only_if_cached": True}, Options(refresh=True), FRESH, True, HIT),
    # What is stored has expired, in this very second or before.
    ({}, Options(), NOW, False, Plan("fetch", "stale")),
    ({}, Options(), STALE, True, Plan("fetch", "stale", validate=True)),
    ({}, Options(only_if_cached=True), STALE, True, Plan("timeout", "stale")),
    (
        {"stale_if_error": True},
        Options(),
        STALE,
        False,
        Plan("fetch", "stale", stale_if_error=True),
    ),
    ({"stale_if_error": 10}, Options(), STALE, False, Plan("fetch", "stale")),
    (
        {"stale_if_error": 11},
        Options(force_refresh=True),
        STALE,
        True,
        Plan("fetch", "request", stale_if_error=True),
    ),
    ({"stale_if_error": 11}, Options(only_if_cached=True), STALE, False, Plan("serve", "stale")),
    (
        {"stale_while_revalidate": True},
        Options(),
        STALE,
        False,
        Plan("serve", "stale", refresh=True),
    ),
    (
        {"stale_while_revalidate": 11},
        Options(),
        STALE,
        True,
        Plan("serve", "stale", refresh=True),
    ),
    ({"stale_while_revalidate": 10}, Options(), STALE, False, Plan("fetch", "stale")),
    ({"stale_while_revalidate": 11}, Options(refresh=True), STALE, False, Plan("fetch", "stale")),
    (
        {"stale_while_revalidate": True},
        Options(only_if_cached=True),
        STALE,
        False,
        Plan("serve", "stale"),
    ),
]


@pytest.mark.parametrize(("settings", "options", "expires", "validator", "plan"), TABLE)
def test_the_plan_follows_from_what_is_stored_and_what_was_asked(
    settings: dict[str, Any],
    options: Options,
    expires: float | None,
    validator: bool,
    plan: Plan,
) -> None:
    assert make_plan(expires, validator, NOW, CacheSettings(**settings), options) == plan


def test_the_conditions_are_made_of_the_validators() -> None:
    assert conditions_of({}) == {}
    assert conditions_of({"ETag": '"1"', "Last-Modified": "then"}) == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "then",
    }


def test_the_lifetime_of_the_request_comes_before_that_of_the_url_and_of_the_session() -> None:
    settings = CacheSettings(expire_after=1, urls_expire_after={"site.test/a": 2})
    here, there = "http://site.test/a", "http://site.test/b"
    assert Lifetime.of(here, settings, Options(3, given=True)).expires(NOW) == NOW + 3
    assert Lifetime.of(here, settings, Options()).expires(NOW) == NOW + 2
    assert Lifetime.of(there, settings, Options()).expires(NOW) == NOW + 1
    assert Lifetime.of(here, settings, Options()).is_specific
    assert not Lifetime.of(there, settings, Options()).is_specific


def test_what_expires_at_once_is_stored_only_if_it_can_be_validated() -> None:
    assert Lifetime(0, False).allows(has_validator=True)
    assert not Lifetime(0, False).allows(has_validator=False)
    assert Lifetime(1, False).allows(has_validator=False)
