"""Which stored response may answer (RFC 9111, sections 4, 5.1, 5.2.1 and 5.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import (
    Decision,
    Fetch,
    GatewayTimeout,
    RequestHead,
    Rules,
    Serve,
    StoredHead,
    decide,
)

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
FRESH = "Cache-Control: max-age=60"
TAG = 'ETag: "a"'
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


def served(decision: Decision) -> Serve:
    assert isinstance(decision, Serve)
    return decision


def fwd(decision: Decision) -> str | None:
    assert isinstance(decision, Fetch)
    return decision.cache_status.fwd


def test_nothing_stored_is_a_miss(get: Get) -> None:
    assert fwd(decide(get(), [], NOW)) == "uri-miss"


def test_fresh_response_is_served_with_its_age(stored: Build, get: Get) -> None:
    serve = served(decide(get(), [stored(FRESH, "Age: 7")], NOW + 20.9))
    assert (serve.status, serve.age, serve.stale, serve.pieces) == (200, 27, False, None)
    assert serve.headers.lines("age") == ["27"]
    assert serve.cache_status.hit
    assert serve.cache_status.ttl == 32


def test_endless_lifetime_has_no_ttl(stored: Build, get: Get) -> None:
    serve = served(decide(get(), [stored()], NOW, Rules(lifetime=float("inf"))))
    assert serve.cache_status.ttl is None


def test_stale_response_is_validated(stored: Build, get: Get) -> None:
    assert fwd(decide(get(), [stored(FRESH, TAG)], NOW + 60)) == "stale"


def test_most_recent_response_by_date_is_used(stored: Build, get: Get) -> None:
    older = stored(FRESH, "Date: Tue, 14 Nov 2023 22:13:10 GMT", at=NOW + 5)
    newer = stored(FRESH, "Date: Tue, 14 Nov 2023 22:13:20 GMT")
    assert served(decide(get(), [older, newer, older], NOW + 9)).stored == newer


def test_head_is_answered_from_get_without_body(stored: Build, get: Get) -> None:
    serve = served(decide(get(method="HEAD"), [stored(FRESH, "Content-Length: 9")], NOW))
    assert serve.pieces == ()
    assert serve.headers.first("content-length") == "9"


def test_get_is_not_answered_from_head(stored: Build, get: Get) -> None:
    assert fwd(decide(get(), [stored(FRESH, method="HEAD")], NOW)) == "uri-miss"


def test_unsafe_method_is_written_through(stored: Build, get: Get) -> None:
    decision = decide(get(method="POST"), [stored(FRESH)], NOW)
    assert fwd(decision) == "method"
    assert isinstance(decision, Fetch)
    assert not decision.storable


def test_method_that_the_settings_declare_safe_is_answered(stored: Build, get: Get) -> None:
    rules = Rules(methods=frozenset(("GET", "POST")))
    served(decide(get(method="POST"), [stored(FRESH, method="POST")], NOW, rules))
    assert fwd(decide(get(method="POST"), [stored(FRESH)], NOW, rules)) == "uri-miss"


@pytest.mark.parametrize("line", ["Cache-Control: no-cache", "Pragma: no-cache"])
def test_request_no_cache_asks_for_validation(stored: Build, get: Get, line: str) -> None:
    decision = decide(get(line), [stored(FRESH, TAG)], NOW)
    assert fwd(decision) == "request"
    assert isinstance(decision, Fetch)
    assert decision.set_fields == (("If-None-Match", '"a"'),)


def test_request_no_store_neither_uses_nor_fills_the_cache(stored: Build, get: Get) -> None:
    decision = decide(get("Cache-Control: no-store"), [stored(FRESH)], NOW)
    assert fwd(decision) == "request"
    assert isinstance(decision, Fetch)
    assert not decision.storable


def test_request_max_age_limits_the_age(stored: Build, get: Get) -> None:
    request, head = get("Cache-Control: max-age=10"), stored(FRESH)
    served(decide(request, [head], NOW + 10))
    assert fwd(decide(request, [head], NOW + 11)) == "request"


def test_request_max_age_zero_asks_for_validation_at_once(stored: Build, get: Get) -> None:
    assert fwd(decide(get("Cache-Control: max-age=0"), [stored(FRESH)], NOW)) == "request"


def test_request_max_age_does_not_extend_the_lifetime(stored: Build, get: Get) -> None:
    assert fwd(decide(get("Cache-Control: max-age=600"), [stored(FRESH)], NOW + 61)) == "stale"


def test_min_fresh_asks_for_a_rest_of_lifetime(stored: Build, get: Get) -> None:
    request, head = get("Cache-Control: min-fresh=20"), stored(FRESH)
    served(decide(request, [head], NOW + 40))
    assert fwd(decide(request, [head], NOW + 41)) == "request"
    both = get("Cache-Control: min-fresh=1, max-stale")
    assert fwd(decide(both, [head], NOW + 61)) == "stale"


def test_max_stale_allows_a_stale_response(stored: Build, get: Get) -> None:
    request, head = get("Cache-Control: max-stale=10"), stored(FRESH)
    serve = served(decide(request, [head], NOW + 70))
    assert serve.stale
    assert serve.cache_status.ttl == -10
    assert fwd(decide(request, [head], NOW + 71)) == "stale"
    served(decide(get("Cache-Control: max-stale"), [head], NOW + 1e6))


def test_must_revalidate_forbids_a_stale_response(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=60, must-revalidate")
    served(decide(get(), [head], NOW + 59))
    assert fwd(decide(get("Cache-Control: max-stale"), [head], NOW + 61)) == "stale"


def test_proxy_revalidate_means_nothing_here(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=60, proxy-revalidate")
    served(decide(get("Cache-Control: max-stale"), [head], NOW + 61))


def test_response_no_cache_is_validated_each_time(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=60, no-cache", TAG)
    assert fwd(decide(get("Cache-Control: max-stale"), [head], NOW)) == "request"


def test_fields_that_no_cache_lists_are_left_out_without_validation(
    stored: Build, get: Get
) -> None:
    head = stored('Cache-Control: max-age=60, no-cache="set-cookie"', "Set-Cookie: a=1", "X: 1")
    serve = served(decide(get(), [head], NOW))
    assert "set-cookie" not in serve.headers
    assert serve.headers.first("x") == "1"


def test_fields_that_no_cache_lists_come_back_after_validation(cache: SimulatedCache) -> None:
    cache.origin(200, 'Cache-Control: max-age=1, no-cache="x"', TAG, "X: 1")
    cache.fetch()
    cache.origin(304, TAG)
    assert cache.fetch(after=5).headers.first("x") == "1"


def test_private_is_for_us(stored: Build, get: Get) -> None:
    served(decide(get(), [stored('Cache-Control: max-age=60, private="x"', "X: 1")], NOW))


def test_only_if_cached_gets_504_where_a_fetch_would_be_needed(stored: Build, get: Get) -> None:
    request = get("Cache-Control: only-if-cached")
    served(decide(request, [stored(FRESH)], NOW))
    decision = decide(request, [stored(FRESH)], NOW + 61)
    assert isinstance(decision, GatewayTimeout)
    assert decision.status == 504
    assert isinstance(decide(get(), [], NOW, Rules(only_if_cached=True)), GatewayTimeout)


def test_only_if_cached_and_max_stale_together_are_served(stored: Build, get: Get) -> None:
    request = get("Cache-Control: only-if-cached, max-stale=99")
    assert served(decide(request, [stored(FRESH)], NOW + 61)).stale


def test_only_if_cached_serves_stale_where_stale_if_error_does(stored: Build, get: Get) -> None:
    """A 504 is one of the errors of RFC 5861, section 4."""
    rules = Rules(only_if_cached=True, stale_if_error=99.0)
    serve = served(decide(get(), [stored(FRESH)], NOW + 61, rules))
    assert serve.cache_status.hit
    assert serve.cache_status.fwd is None


def test_only_if_cached_refreshes_nothing(stored: Build, get: Get) -> None:
    rules = Rules(only_if_cached=True, stale_while_revalidate=99.0)
    assert served(decide(get(), [stored(FRESH)], NOW + 61, rules)).refresh is None


def test_refresh_setting_asks_for_validation(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=60, immutable", TAG)
    decision = decide(get(), [head], NOW, Rules(refresh=True))
    assert isinstance(decision, Fetch)
    assert decision.set_fields


def test_force_refresh_setting_asks_without_conditions(stored: Build, get: Get) -> None:
    decision = decide(get(), [stored(FRESH, TAG)], NOW, Rules(force_refresh=True))
    assert fwd(decision) == "request"
    assert isinstance(decision, Fetch)
    assert decision.set_fields == ()
    assert decision.storable


def test_always_revalidate_setting_spares_what_is_fresh_and_immutable(
    stored: Build, get: Get
) -> None:
    """RFC 8246, section 2."""
    rules, immutable = Rules(always_revalidate=True), "Cache-Control: max-age=60, immutable"
    assert fwd(decide(get(), [stored(FRESH)], NOW, rules)) == "request"
    served(decide(get(), [stored(immutable)], NOW, rules))
    assert fwd(decide(get(), [stored(immutable)], NOW + 61, rules)) == "stale"


def test_no_store_setting_bypasses_the_cache(stored: Build, get: Get) -> None:
    assert fwd(decide(get(), [stored(FRESH)], NOW, Rules(no_store=True))) == "bypass"


@pytest.mark.parametrize("status", [301, 308, 404, 410, 599])
def test_any_stored_status_is_served(stored: Build, get: Get, status: int) -> None:
    assert served(decide(get(), [stored(FRESH, status=status)], NOW)).status == status


def test_cached_answer_after_answer_keeps_counting_age(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, body=b"x")
    cache.fetch()
    ages = [cache.fetch(after=10).headers.first("age") for _ in range(3)]
    assert ages == ["10", "20", "30"]
    assert len(cache.sent) == 1
