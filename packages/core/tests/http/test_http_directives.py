"""What a request asks of the cache (RFC 9111, section 5.2.1), seen from outside."""

from __future__ import annotations

import pytest
from world import World

FRESH = "Cache-Control: max-age=100"


@pytest.fixture
def filled(world: World) -> World:
    """Give a world with a response that stays fresh for 100 seconds."""
    world.says(FRESH, 'ETag: "a"')
    world.get()
    return world


@pytest.mark.parametrize("line", ["Cache-Control: no-cache", "Pragma: no-cache"])
def test_request_no_cache_asks_for_validation(filled: World, line: str) -> None:
    filled.says('ETag: "a"', status=304)
    response = filled.get(line)
    assert response.revalidated
    assert filled.asked.headers["if-none-match"] == '"a"'


def test_pragma_beside_cache_control_means_nothing(filled: World) -> None:
    assert filled.get("Pragma: no-cache", "Cache-Control: max-stale=1").from_cache


def test_request_no_store_neither_uses_nor_fills_the_cache(filled: World) -> None:
    filled.says(FRESH, body=b"other")
    response = filled.get("Cache-Control: no-store")
    assert response.content == b"other"
    assert not response.cache_status.stored
    assert filled.get().content == b"body"


def test_request_max_age_limits_the_age(filled: World) -> None:
    assert filled.get("Cache-Control: max-age=10", after=10).from_cache
    assert not filled.get("Cache-Control: max-age=10", after=1).from_cache


def test_max_stale_allows_a_stale_response(filled: World) -> None:
    response = filled.get("Cache-Control: max-stale=10", after=110)
    assert response.from_cache
    assert str(response.cache_status) == "requests-cache; hit; ttl=-10"
    assert not filled.get("Cache-Control: max-stale=10", after=1).from_cache


def test_max_stale_without_a_number_allows_any(filled: World) -> None:
    assert filled.get("Cache-Control: max-stale", after=86400).from_cache


def test_min_fresh_asks_for_a_rest_of_lifetime(filled: World) -> None:
    assert filled.get("Cache-Control: min-fresh=50", after=49).from_cache
    assert not filled.get("Cache-Control: min-fresh=50", after=2).from_cache


def test_only_if_cached_is_answered_from_the_cache(filled: World) -> None:
    assert filled.get("Cache-Control: only-if-cached").from_cache


def test_only_if_cached_gets_504_where_a_fetch_would_be_needed(filled: World) -> None:
    response = filled.get("Cache-Control: only-if-cached", after=100)
    assert response.status_code == 504
    assert filled.count == 1


def test_only_if_cached_allows_stale_with_max_stale(filled: World) -> None:
    assert filled.get("Cache-Control: only-if-cached, max-stale", after=200).status_code == 200


def test_request_may_allow_stale_on_error(filled: World) -> None:
    filled.says(status=503)
    assert filled.get("Cache-Control: stale-if-error=10", after=105).content == b"body"
    assert filled.get("Cache-Control: stale-if-error=10", after=10).status_code == 503


def test_max_stale_does_not_overrule_must_revalidate(world: World) -> None:
    world.says("Cache-Control: max-age=1, must-revalidate", 'ETag: "a"')
    world.get()
    assert not world.get("Cache-Control: max-stale", after=5).from_cache


def test_directives_we_do_not_know_are_ignored(filled: World) -> None:
    assert filled.get('Cache-Control: community="UCI", no-transform').from_cache
