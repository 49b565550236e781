"""The simple rules, the policy `Keep`, as a table: pure."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import pytest
from requests_cache import CacheSettings
from requests_cache._exchange.heads import policy_of
from requests_cache._exchange.request_context import NO_OPTIONS, Lifetime, Options
from requests_cache.policy import (
    Discard,
    Fetch,
    Headers,
    RequestHead,
    ResponseHead,
    Serve,
    Store,
    StoredHead,
)
from requests_cache.policy.values import Policy

NOW = 1000.0
REQUEST = RequestHead("GET", "http://site.test/")
NO_FIELDS = Headers()
TAG = Headers([("ETag", '"1"')])


class Plan(NamedTuple):
    """What a policy decides, in a word, and why."""

    action: str
    reason: str
    validate: bool = False
    refresh: bool = False
    stale_if_error: bool = False


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
    policy = keep(settings, options)
    stored = [] if expires is None else [head(expires, TAG if validator else Headers())]
    assert plan_of(policy, stored) == plan


def keep(settings: dict[str, Any], options: Options = NO_OPTIONS) -> Policy:
    return policy_of(REQUEST.url, CacheSettings(**settings), options, NOW)


def head(expires: float, headers: Headers = NO_FIELDS) -> StoredHead:
    end = None if expires == inf else expires
    return StoredHead(200, headers, "GET", REQUEST.url, 900.0, 900.0, expires=end, key="key")


def plan_of(policy: Policy, stored: list[StoredHead]) -> Plan:
    decision = policy.decide(REQUEST, stored, NOW)
    status = decision.cache_status
    if isinstance(decision, Fetch):
        on_error = policy.on_error(REQUEST, decision, NOW) is not None
        return Plan("fetch", status.fwd or "", bool(decision.nominated), stale_if_error=on_error)
    if isinstance(decision, Serve):
        reason = "stale" if decision.stale else "hit"
        return Plan("serve", reason, refresh=decision.refresh is not None)
    assert status.detail == "only-if-cached"
    return Plan("timeout", "stale" if stored else "uri-miss")


@pytest.mark.parametrize(
    ("asked", "action"),
    [
        ("no-cache", "fetch"),
        ("max-age=0", "fetch"),
        ("max-age=99", "fetch"),
        ("max-age=100", "serve"),
        ("min-fresh=1", "serve"),
        ("min-fresh=2", "fetch"),
        ("only-if-cached", "serve"),
    ],
)
def test_what_the_caller_asks_of_caches_counts(asked: str, action: str) -> None:
    request = REQUEST._replace(headers=Headers([("Cache-Control", asked)]))
    decision = keep({}).decide(request, [head(NOW + 1)], NOW)
    assert isinstance(decision, Serve if action == "serve" else Fetch)


def test_a_caller_may_take_what_has_expired() -> None:
    request = REQUEST._replace(headers=Headers([("Cache-Control", "max-stale=11")]))
    assert isinstance(keep({}).decide(request, [head(NOW - 10)], NOW), Serve)
    assert isinstance(keep({}).decide(request, [head(NOW - 11)], NOW), Fetch)


@pytest.mark.parametrize(
    ("settings", "stored", "until"),
    [
        ({}, head(FRESH), FRESH),
        ({}, head(inf), inf),
        ({}, head(STALE), STALE),
        ({"always_revalidate": True}, head(FRESH), FRESH),
        ({"always_revalidate": True}, head(FRESH, TAG), None),
        ({}, head(FRESH)._replace(status=206), None),
        ({}, head(FRESH)._replace(alternate=True), None),
    ],
)
def test_a_response_stands_until_it_expires_or_has_to_be_validated(
    settings: dict[str, Any], stored: StoredHead, until: float | None
) -> None:
    assert keep(settings).standing(stored) == until


def test_the_lifetime_of_the_request_comes_before_that_of_the_url_and_of_the_session() -> None:
    settings = CacheSettings(expire_after=1, urls_expire_after={"site.test/a": 2})
    here, there = "http://site.test/a", "http://site.test/b"
    assert Lifetime.of(here, settings, Options(3, given=True)).expires(NOW) == NOW + 3
    assert Lifetime.of(here, settings, Options()).expires(NOW) == NOW + 2
    assert Lifetime.of(there, settings, Options()).expires(NOW) == NOW + 1
    assert Lifetime.of(here, settings, Options()).is_specific
    assert not Lifetime.of(there, settings, Options()).is_specific


@pytest.mark.parametrize(
    ("settings", "headers", "stored"),
    [
        ({"expire_after": 0}, Headers(), None),
        ({"expire_after": 0}, TAG, NOW),
        ({"expire_after": 1}, Headers(), NOW + 1),
        ({}, Headers([("Vary", "*")]), None),
    ],
)
def test_what_expires_at_once_is_stored_only_if_it_can_be_validated(
    settings: dict[str, Any], headers: Headers, stored: float | None
) -> None:
    policy = keep(settings)
    fetch = policy.decide(REQUEST, [], NOW)
    assert isinstance(fetch, Fetch)
    outcome = policy.after_response(REQUEST, ResponseHead(200, headers), fetch, NOW, NOW)
    if stored is None:
        assert isinstance(outcome, Discard)
    else:
        assert isinstance(outcome, Store)
        assert policy.expires_at(outcome.head) == stored
