"""`Http` asks each of the functions that decide with all that it was told."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

import pytest
from requests_cache.policy import Fetch, GatewayTimeout, Headers, RequestHead, ResponseHead, Rules
from requests_cache.policy.cache_status import CacheStatus
from requests_cache.policy.deciding import decide, hit, on_error, present
from requests_cache.policy.freshness import expires_at, kept_until, measure
from requests_cache.policy.http import Http, after_response
from requests_cache.policy.partial import broken_off
from requests_cache.policy.values import StoredHead

NOW = 1000.0
URL = "http://site.test/"
RULES = Rules(lifetime=77.0, stale_if_error=20.0, stale_while_revalidate=5.0)
DATE = ("Date", "Thu, 01 Jan 1970 00:15:01 GMT")


def fields(*said: str) -> Headers:
    return Headers([("Cache-Control", item) for item in said] + [DATE])


def head(*said: str, **changes: Any) -> StoredHead:
    made = StoredHead(200, fields(*said), "GET", URL, 900.0, 901.0, key="key", body_length=10)
    return made._replace(**changes)


def ask(*said: str, method: str = "GET", url: str = URL) -> RequestHead:
    return RequestHead(method, url, Headers([("Cache-Control", item) for item in said]))


def test_head_and_get_share_a_key_and_a_post_may_be_stored_as_get() -> None:
    usual, further = Http(), Http(Rules(methods=frozenset({"POST", "PUT"})))
    methods = ("GET", "HEAD", "POST", "PUT")
    assert [usual.method_of_key(method) for method in methods] == ["GET", "GET", "GET", None]
    assert [further.method_of_key(method) for method in methods] == [None, None, "POST", "PUT"]


def test_without_rules_there_are_the_usual_ones() -> None:
    assert Http().rules == Rules()
    assert Http(RULES).rules is RULES


@pytest.mark.parametrize(
    ("rules", "request_", "is_past"),
    [
        (Rules(), ask(), False),
        (Rules(), ask("no-cache"), False),
        (Rules(), ask("only-if-cached"), False),
        (Rules(no_store=True), ask(), True),
        (Rules(no_store=True, only_if_cached=True), ask(), True),
        (Rules(), ask("no-store"), True),
        (Rules(), ask(method="PUT"), True),
    ],
)
def test_a_request_that_no_stored_response_can_answer_goes_past_the_cache(
    rules: Rules, request_: RequestHead, is_past: bool
) -> None:
    decision = Http(rules).bypass(request_)
    expected = decide(request_, [], 0.0, rules) if is_past else None
    assert decision == expected
    assert decision is None or isinstance(decision, Fetch | GatewayTimeout)


@pytest.mark.parametrize("now", [NOW - 50, NOW, NOW + 3.0, NOW + 1000])
@pytest.mark.parametrize("said", ["max-age=100", "no-cache", "max-age=1, stale-if-error=900"])
def test_what_is_decided_is_decided_by_the_functions(now: float, said: str) -> None:
    policy, stored = Http(RULES), head(said)
    fetch = Fetch(CacheStatus(fwd="stale"), selected=stored, known=(stored,), nominated=(stored,))
    request = ask("max-stale=1")
    assert policy.decide(request, [stored], now) == decide(request, [stored], now, RULES)
    for status in (None, 503):
        expected = on_error(request, fetch, now, RULES, status)
        assert policy.on_error(request, fetch, now, status) == expected
    for status in (200, 304, 503):
        response = ResponseHead(status, fields("max-age=5"))
        asked = (request, response, fetch, now, now + 2)
        assert policy.after_response(*asked) == after_response(*asked, RULES)
    state = measure(stored, now, RULES)
    plain = RequestHead("GET", URL, Headers())
    assert policy.serve(stored, now) == present(plain, stored, state, hit(state))
    assert policy.expires_at(stored) == expires_at(stored, RULES)
    assert policy.broken_off(stored, 5) == broken_off(stored, 5)


def test_a_part_is_kept_of_what_breaks_off_and_can_be_completed() -> None:
    whole = head("max-age=5", headers=Headers([("ETag", '"1"'), ("Content-Length", "10"), DATE]))
    assert Http().broken_off(whole, 5) == broken_off(whole, 5) is not None


@pytest.mark.parametrize(
    ("rules", "stored", "stands"),
    [
        (Rules(), head("max-age=100"), True),
        (Rules(), head("max-age=0"), False),
        (Rules(), head("max-age=100", status=206), False),
        (Rules(), head("max-age=100", alternate=True), False),
        (Rules(force_refresh=True), head("max-age=100"), False),
        (Rules(refresh=True), head("max-age=100"), False),
        (Rules(always_revalidate=True), head("max-age=100"), False),
        (Rules(), head("max-age=100, no-cache"), False),
        (Rules(), head("max-age=100", headers=Headers([("Vary", "*"), DATE])), False),
        (Rules(stale_while_revalidate=50.0), head("max-age=0"), False),
        (Rules(lifetime=50.0), head(), True),
    ],
)
def test_a_response_stands_until_it_expires(rules: Rules, stored: StoredHead, stands: bool) -> None:
    assert Http(rules).standing(stored) == (expires_at(stored, rules) if stands else None)


def test_what_never_expires_stands_for_ever() -> None:
    rules = Rules(lifetime=inf)
    assert expires_at(head(), rules) is None
    assert Http(rules).standing(head()) == inf


MONTH = 30 * 86400.0


@pytest.mark.parametrize("wanted", [0.0, 10.0, 2 * MONTH, None])
def test_what_has_expired_is_kept_as_long_as_it_can_be_of_use(wanted: float | None) -> None:
    bare, tagged = head("max-age=5"), head(headers=Headers([("ETag", '"1"'), DATE]))
    for rules in (Rules(lifetime=5.0), RULES):
        for stored in (bare, tagged):
            expires, until = expires_at(stored, rules), kept_until(stored, rules)
            assert expires is not None
            window = MONTH if until is None else until - expires
            grace = Http(rules).grace(partial(StoredHead._make, stored), wanted)
            assert grace == (None if wanted is None else max(wanted, window))
    assert Http(Rules(lifetime=inf)).grace(lambda: bare, wanted) is None
