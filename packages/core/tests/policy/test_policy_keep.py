"""The simple rules decide to the letter what this says: every field of every decision."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from requests_cache.policy import (
    Discard,
    Fetch,
    Freshen,
    GatewayTimeout,
    Headers,
    RequestHead,
    ResponseHead,
    Rules,
    Serve,
    Store,
    StoredHead,
)
from requests_cache.policy.cache_status import CacheStatus
from requests_cache.policy.keep import Keep
from requests_cache.policy.values import Refresh, Update

NOW = 1000.0
URL = "http://site.test/"
TAG = Headers([("ETag", '"1"')])
VARY = Headers([("Vary", "Accept")])
NO_FIELDS = Headers()
DATE = "Thu, 01 Jan 1970 00:15:01 GMT"


def keep(**rules: Any) -> Keep:
    return Keep(Rules(**rules), lambda now: now + 60)


def ask(method: str = "GET", **fields: str) -> RequestHead:
    headers = Headers([(name.replace("_", "-"), value) for name, value in fields.items()])
    return RequestHead(method, URL, headers)


def head(expires: float | None = NOW + 10.5, headers: Headers = NO_FIELDS) -> StoredHead:
    return StoredHead(200, headers, "GET", URL, 900.0, 901.0, key="key", expires=expires)


def served(stored: StoredHead, **status: Any) -> Serve:
    end = inf if stored.expires is None else stored.expires
    told = CacheStatus(hit=True, **status)
    return Serve(
        stored, 200, stored.headers, None, 0, stale=end <= NOW, cache_status=told, refresh=None
    )


# Before the network


@pytest.mark.parametrize(
    ("rules", "request_", "status"),
    [
        ({"no_store": True}, ask(), CacheStatus(fwd="bypass", detail="DO_NOT_CACHE")),
        ({}, ask("POST"), CacheStatus(fwd="method")),
        ({}, ask(Range="bytes=0-1"), CacheStatus(fwd="request", detail="range")),
        ({}, ask(Cache_Control="no-store"), CacheStatus(fwd="request", detail="no-store")),
    ],
)
def test_a_request_of_which_nothing_is_kept_goes_past_the_cache(
    rules: dict[str, Any], request_: RequestHead, status: CacheStatus
) -> None:
    assert keep(**rules).bypass(request_) == Fetch(status, storable=False)
    assert keep(only_if_cached=True, **rules).bypass(request_) == GatewayTimeout(status)


@pytest.mark.parametrize("request_", [ask(), ask("HEAD"), ask(Cache_Control="no-cache")])
def test_other_requests_do_not_go_past_the_cache(request_: RequestHead) -> None:
    assert keep().bypass(request_) is None


def test_a_method_that_is_kept_is_part_of_its_own_key() -> None:
    assert [keep().method_of_key(method) for method in ("GET", "HEAD", "POST")] == [
        "GET",
        "HEAD",
        None,
    ]


def test_nothing_that_is_stored_answers() -> None:
    part, other = head()._replace(status=206), head()._replace(method="POST")
    french = head(headers=VARY)._replace(variant=(("accept", "fr"),))
    assert keep().decide(ask(), [part, other], NOW) == Fetch(CacheStatus(fwd="uri-miss"))
    missed = keep().decide(ask(Accept="de"), [part, french], NOW)
    assert missed == Fetch(CacheStatus(fwd="vary-miss"), known=(french,))
    for policy, asked in (
        (keep(only_if_cached=True), ask()),
        (keep(), ask(Cache_Control="only-if-cached")),
    ):
        assert policy.decide(asked, [], NOW) == GatewayTimeout(CacheStatus(detail="only-if-cached"))


def test_what_is_fresh_is_served_with_the_seconds_that_are_left() -> None:
    assert keep().decide(ask(), [head()], NOW) == served(head(), ttl=10)
    assert keep().decide(ask(), [head(None)], NOW) == served(head(None))
    assert keep().decide(ask(), [head(NOW + 0.5)], NOW) == served(head(NOW + 0.5), ttl=0)


def test_of_several_the_latest_is_served() -> None:
    older, newer = head()._replace(response_time=800.0), head()._replace(key="newer")
    for stored in ([older, newer], [newer, older]):
        assert keep().decide(ask(), stored, NOW) == served(newer, ttl=10)


def test_the_end_of_a_redirect_is_served_and_not_validated() -> None:
    end = head(NOW - 1, TAG)._replace(alternate=True, method="HEAD")
    assert keep().decide(ask(), [end], NOW - 2) == served(end, ttl=1)._replace(stale=False)
    assert keep().decide(ask(), [end], NOW) == Fetch(CacheStatus(fwd="stale"), known=(end,))


@pytest.mark.parametrize("window", ["stale_if_error", "stale_while_revalidate"])
def test_from_the_cache_alone_each_window_counts(window: str) -> None:
    late = head(NOW - 10)
    status = GatewayTimeout(CacheStatus(detail="only-if-cached"))
    for rules in ({"only_if_cached": True}, {"only_if_cached": True, window: 10.0}):
        assert keep(**rules).decide(ask(), [late], NOW) == status
    policy = keep(only_if_cached=True, **{window: 10.5})
    assert policy.decide(ask(), [late], NOW) == served(late, ttl=-10)
    assert keep(only_if_cached=True).decide(ask(), [head(NOW)], NOW) == status


def test_what_has_a_validator_is_validated() -> None:
    late, fresh = head(NOW, TAG), head(headers=TAG)
    fields = (("If-None-Match", '"1"'),)
    assert keep().decide(ask(), [late], NOW) == Fetch(
        CacheStatus(fwd="stale"), fields, known=(late,), selected=late, nominated=(late,)
    )
    expected = Fetch(
        CacheStatus(fwd="request"), fields, known=(fresh,), selected=fresh, nominated=(fresh,)
    )
    for rules in ({"refresh": True}, {"always_revalidate": True}):
        assert keep(**rules).decide(ask(), [fresh], NOW) == expected
    assert keep().decide(ask(Cache_Control="no-cache"), [fresh], NOW) == expected


@pytest.mark.parametrize(
    "request_", [ask(If_None_Match='"mine"'), ask(If_Match='"mine"'), ask(If_Unmodified_Since=DATE)]
)
def test_a_question_of_the_callers_own_is_not_mixed_with_ours(request_: RequestHead) -> None:
    late = head(NOW, TAG)
    assert keep().decide(request_, [late], NOW) == Fetch(CacheStatus(fwd="stale"), known=(late,))


def test_what_is_forced_is_not_validated() -> None:
    fresh = head(headers=TAG)
    policy = keep(force_refresh=True, stale_if_error=1.0)
    expected = Fetch(CacheStatus(fwd="request"), known=(fresh,), selected=fresh)
    assert policy.decide(ask(), [fresh], NOW) == expected
    bare = keep(force_refresh=True).decide(ask(), [fresh], NOW)
    assert bare == Fetch(CacheStatus(fwd="request"), known=(fresh,))


def test_what_is_served_stale_is_refreshed_meanwhile() -> None:
    late, policy = head(NOW - 9.5), keep(stale_while_revalidate=10.0)
    fetch = Fetch(CacheStatus(fwd="stale"), known=(late,))
    expected = served(late, ttl=-10)._replace(refresh=Refresh(ask(), fetch))
    assert policy.decide(ask(), [late], NOW) == expected
    taken = keep().decide(ask(Cache_Control="max-stale=10"), [late], NOW)
    assert taken == served(late, ttl=-10)


# After a response


FETCH = Fetch(CacheStatus(fwd="uri-miss"))


def after(policy: Keep, response: ResponseHead, fetch: Fetch = FETCH, **fields: str) -> Any:
    return policy.after_response(ask(**fields), response, fetch, NOW, NOW + 1)


def test_a_response_is_stored_with_all_that_its_use_needs() -> None:
    old = head(headers=VARY)._replace(variant=(("accept", "de"),), key="old")
    french = old._replace(variant=(("accept", "fr"),), key="french")
    before = old._replace(variant=(("accept-language", "de"),), key="before")
    end = old._replace(alternate=True, key="end")
    fetch = FETCH._replace(known=(old, french, before, end))
    told = CacheStatus(fwd="uri-miss", fwd_status=200, stored=True)
    made = StoredHead(
        200, VARY, "GET", URL, NOW, NOW + 1, variant=(("accept", "de"),), expires=NOW + 61
    )
    outcome = after(keep(), ResponseHead(200, VARY), fetch, Accept="de")
    assert outcome == Store(made, told, replaces=(old, before))
    plain = after(keep(), ResponseHead(200, NO_FIELDS))
    assert plain == Store(made._replace(headers=NO_FIELDS, variant=()), told)


@pytest.mark.parametrize(
    ("rules", "status", "headers", "fetch", "reason"),
    [
        ({"statuses": frozenset({200})}, 201, NO_FIELDS, FETCH, "status-not-allowed"),
        ({}, 200, Headers([("Vary", "Accept, *")]), FETCH, "vary-star"),
        ({}, 200, NO_FIELDS, Fetch(CacheStatus(fwd="method"), storable=False), None),
        (
            {},
            200,
            NO_FIELDS,
            Fetch(CacheStatus(fwd="bypass", detail="DO_NOT_CACHE"), storable=False),
            "DO_NOT_CACHE",
        ),
    ],
)
def test_what_is_not_stored_says_why(
    rules: dict[str, Any], status: int, headers: Headers, fetch: Fetch, reason: str | None
) -> None:
    told = fetch.cache_status._replace(fwd_status=status)
    assert after(keep(**rules), ResponseHead(status, headers), fetch) == Discard(reason, told)


def test_what_would_expire_at_once_is_stored_to_be_validated() -> None:
    policy = Keep(Rules(), lambda now: now)
    told = CacheStatus(fwd="uri-miss", fwd_status=200)
    assert after(policy, ResponseHead(200, NO_FIELDS)) == Discard("expires-at-once", told)
    assert isinstance(after(policy, ResponseHead(200, TAG)), Store)


def test_a_304_brings_what_was_asked_about_up_to_date() -> None:
    headers = Headers(
        [("ETag", '"1"'), ("Vary", "Accept"), ("X-A", "old"), ("Content-Length", "3")]
    )
    old = head(NOW - 1, headers)
    fetch = Fetch(CacheStatus(fwd="stale"), selected=old, nominated=(old,), known=(old,))
    received = Headers([("ETag", '"1"'), ("X-A", "new"), ("Content-Length", "0")])
    outcome = after(keep(), ResponseHead(304, received), fetch, Accept="de")
    assert isinstance(outcome, Freshen)
    (update,) = outcome.updates
    assert dict(update.head.headers) | {"Date": ""} == {
        "ETag": '"1"',
        "Vary": "Accept",
        "Content-Length": "3",
        "X-A": "new",
        "Date": "",
    }
    fresh = old._replace(
        headers=update.head.headers,
        request_time=NOW,
        response_time=NOW + 1,
        variant=(("accept", "de"),),
        expires=NOW + 61,
    )
    told = CacheStatus(fwd="stale", fwd_status=304, stored=True)
    serve = Serve(fresh, 200, fresh.headers, None, 0, stale=False, cache_status=told)
    assert outcome == Freshen((Update(old, fresh),), serve, told)
    # Of a 304 that nobody asked for nothing is made.
    assert isinstance(after(keep(statuses=frozenset({200})), ResponseHead(304, TAG)), Discard)


FAILURES = (400, 404, 408, 410, 429, 451, 500, 501, 503, 521, 599)
ANSWERS = (200, 302, 399, 401, 403, 407, 412, 416)


@pytest.mark.parametrize("status", [*FAILURES, *ANSWERS, None])
def test_an_error_is_answered_with_what_has_just_expired(status: int | None) -> None:
    late = head(NOW - 8.5)
    fetch = Fetch(CacheStatus(fwd="stale"), selected=late, known=(late,))
    policy = keep(stale_if_error=10.0)
    expected = served(late, ttl=-9, fwd_status=status, detail="stale-if-error")
    if status is None:
        assert policy.on_error(ask(), fetch, NOW) == expected
        assert policy.on_error(ask(), fetch, NOW + 2) is None
        assert policy.on_error(ask(), fetch._replace(selected=None), NOW) is None
        return
    outcome = policy.after_response(ask(), ResponseHead(status, NO_FIELDS), fetch, NOW - 1, NOW)
    assert outcome == expected if status in FAILURES else isinstance(outcome, Store)
    allowed = keep(stale_if_error=10.0, statuses=frozenset({status}))
    taken = allowed.after_response(ask(), ResponseHead(status, NO_FIELDS), fetch, NOW - 1, NOW)
    assert isinstance(taken, Store)


def test_a_response_that_breaks_off_is_of_no_use() -> None:
    assert keep().broken_off(head(), 5) is None


def test_a_stored_response_is_given_as_it_is() -> None:
    assert keep().serve(head(), NOW) == served(head(), ttl=10)
    assert keep().expires_at(head()) == NOW + 10.5
    assert keep().grace(head, 5.0) == 5.0
    assert keep(force_refresh=True).standing(head()) is None
