"""Stale responses while refreshing and on errors (RFC 5861; RFC 9111, section 4.2.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Fetch, RequestHead, Rules, Serve, StoredHead, decide

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
TAG = 'ETag: "a"'
SWR = "Cache-Control: max-age=60, stale-while-revalidate=30"
SIE = "Cache-Control: max-age=60, stale-if-error=30"
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


def test_stale_response_is_served_while_it_is_refreshed(cache: SimulatedCache) -> None:
    cache.origin(200, SWR, TAG, body=b"old")
    cache.fetch()
    cache.origin(200, SWR, body=b"new")
    answer = cache.fetch(after=70)
    assert (answer.body, answer.headers.first("age")) == (b"old", "70")
    assert cache.refreshes == 1
    assert cache.fetch().body == b"new"


def test_window_to_refresh_ends(stored: Build, get: Get) -> None:
    assert isinstance(decide(get(), [stored(SWR)], NOW + 90), Serve)
    assert isinstance(decide(get(), [stored(SWR)], NOW + 90.1), Fetch)


def test_fresh_response_is_not_refreshed(stored: Build, get: Get) -> None:
    serve = decide(get(), [stored(SWR)], NOW + 59)
    assert isinstance(serve, Serve)
    assert serve.refresh is None


def test_setting_opens_a_window_to_refresh(stored: Build, get: Get) -> None:
    head = stored("Cache-Control: max-age=60")
    serve = decide(get(), [head], NOW + 99, Rules(stale_while_revalidate=60.0))
    assert isinstance(serve, Serve)
    assert serve.refresh


@pytest.mark.parametrize("told", ["must-revalidate", "no-cache"])
def test_response_may_forbid_to_serve_it_while_refreshing(
    stored: Build, get: Get, told: str
) -> None:
    assert isinstance(decide(get(), [stored(f"{SWR}, {told}", TAG)], NOW + 70), Fetch)


@pytest.mark.parametrize("asked", ["no-cache", "max-age=90", "min-fresh=1"])
def test_caller_may_forbid_to_serve_it_while_refreshing(
    stored: Build, get: Get, asked: str
) -> None:
    assert isinstance(decide(get(f"Cache-Control: {asked}"), [stored(SWR)], NOW + 70), Fetch)


def test_refresh_is_not_limited_by_what_the_caller_asked_for(stored: Build, get: Get) -> None:
    request = get("Range: bytes=0-1", 'If-None-Match: "z"', "If-Range: x", "X: 1")
    head = stored(SWR, TAG, body_length=9)
    serve = decide(request, [head], NOW + 70)
    assert isinstance(serve, Serve)
    assert serve.refresh
    assert [name for name, _ in serve.refresh.request.headers] == ["X"]
    assert serve.refresh.fetch.set_fields == (("If-None-Match", '"a"'),)


def test_refresh_of_a_part_asks_for_the_part(stored: Build, get: Get) -> None:
    head = stored(SWR, TAG, "Content-Range: bytes 0-4/9", status=206, body_length=5)
    request = get("Range: bytes=0-1")
    serve = decide(request, [head], NOW + 70)
    assert isinstance(serve, Serve)
    assert serve.refresh
    assert serve.refresh.request == request


def prepared(cache: SimulatedCache, *fields: str) -> SimulatedCache:
    cache.origin(200, *fields, body=b"old")
    cache.fetch()
    return cache


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521])
def test_stale_response_stands_in_for_an_error(cache: SimulatedCache, status: int) -> None:
    prepared(cache, SIE).origin(status)
    answer = cache.fetch(after=70)
    assert (answer.status, answer.body, answer.headers.first("age")) == (200, b"old", "70")
    assert not answer.cache_status.hit
    assert answer.cache_status.fwd_status == status


def test_stale_response_stands_in_for_a_broken_connection(cache: SimulatedCache) -> None:
    prepared(cache, SIE).origin_fails()
    assert cache.fetch(after=70).body == b"old"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 412, 416, 428, 430, 499])
def test_client_error_is_no_failure_of_the_server(cache: SimulatedCache, status: int) -> None:
    prepared(cache, SIE).origin(status)
    assert cache.fetch(after=70).status == status


@pytest.mark.parametrize("status", [429, 500, 501, 504, 511, 520, 599])
def test_failure_of_the_server_and_too_many_requests_are_failures(
    cache: SimulatedCache, status: int
) -> None:
    prepared(cache, SIE).origin(status)
    assert cache.fetch(after=70).body == b"old"


def test_window_for_errors_ends(cache: SimulatedCache) -> None:
    prepared(cache, SIE).origin(503)
    assert cache.fetch(after=91).status == 503


def test_without_permission_the_error_is_let_through(cache: SimulatedCache) -> None:
    prepared(cache, "Cache-Control: max-age=60").origin(503)
    assert cache.fetch(after=70).status == 503


def test_request_may_allow_stale_on_error(cache: SimulatedCache) -> None:
    prepared(cache, "Cache-Control: max-age=60").origin(503)
    assert cache.fetch("Cache-Control: stale-if-error=30", after=70).body == b"old"


def test_setting_may_allow_stale_on_error(cache: SimulatedCache) -> None:
    cache.rules = Rules(stale_if_error=30.0)
    prepared(cache, "Cache-Control: max-age=60").origin(503)
    assert cache.fetch(after=70).body == b"old"


@pytest.mark.parametrize("told", ["must-revalidate", "no-cache"])
def test_response_may_forbid_stale_on_error(cache: SimulatedCache, told: str) -> None:
    cache.rules = Rules(stale_if_error=999.0)
    prepared(cache, f"{SIE}, {told}", TAG).origin(503)
    assert cache.fetch(after=70).status == 503


def test_caller_who_insists_on_validation_allows_errors_to_be_hidden_himself(
    cache: SimulatedCache,
) -> None:
    prepared(cache, SIE).origin(503)
    assert cache.fetch("Cache-Control: no-cache").status == 503
    cache.origin(503)
    assert cache.fetch("Cache-Control: no-cache, stale-if-error=9").body == b"old"
    cache.rules = Rules(force_refresh=True, stale_if_error=9.0)
    cache.origin(503)
    assert cache.fetch().body == b"old"


def test_range_is_cut_from_what_stands_in(cache: SimulatedCache) -> None:
    prepared(cache, SIE).origin(503)
    assert cache.fetch("Range: bytes=1-1", after=70).body == b"l"


def test_error_with_nothing_stored_is_let_through(cache: SimulatedCache) -> None:
    cache.rules = Rules(stale_if_error=9.0)
    cache.origin(503)
    assert cache.fetch().status == 503
