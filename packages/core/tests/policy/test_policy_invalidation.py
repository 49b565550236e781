"""What an unsafe request invalidates (RFC 9111, section 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Headers, RequestHead, ResponseHead, Rules
from requests_cache.policy.invalidation import invalidated_urls, invalidates, same_origin

if TYPE_CHECKING:
    from .conftest import SimulatedCache

FRESH = "Cache-Control: max-age=60"
Get = Callable[..., RequestHead]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "M-UNKNOWN"])
def test_success_of_a_method_not_known_as_safe_invalidates(
    cache: SimulatedCache, method: str
) -> None:
    cache.origin(200, FRESH)
    cache.fetch()
    cache.origin(204)
    cache.fetch(method=method)
    assert cache.entries == {}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "QUERY", "PROPFIND"])
def test_safe_method_invalidates_nothing(cache: SimulatedCache, method: str) -> None:
    cache.origin(200, FRESH)
    cache.fetch()
    cache.origin(200)
    cache.fetch(method=method)
    assert len(cache.entries) == 1


@pytest.mark.parametrize(
    ("status", "answer"), [(200, True), (303, True), (404, False), (500, False), (100, False)]
)
def test_only_success_invalidates(get: Get, status: int, answer: bool) -> None:
    assert invalidates(get(method="PUT"), ResponseHead(status), Rules()) is answer


def test_method_declared_safe_by_the_settings_invalidates_nothing(get: Get) -> None:
    rules = Rules(methods=frozenset(("GET", "POST")))
    assert not invalidates(get(method="POST"), ResponseHead(200), rules)


def urls(*fields: tuple[str, str], url: str = "https://example.org/a/b?q#f") -> tuple[str, ...]:
    return invalidated_urls(RequestHead("POST", url), ResponseHead(201, Headers(fields)))


def test_location_and_content_location_of_the_same_origin_are_invalid_too() -> None:
    found = urls(("Location", "/c#x"), ("Content-Location", "https://EXAMPLE.org:443/d"))
    assert found[1:] == ("https://example.org/c", "https://EXAMPLE.org:443/d")


@pytest.mark.parametrize(
    "location",
    ["https://other.org/", "http://example.org/", "https://example.org:444/", "//[", "mailto:a"],
)
def test_other_origins_are_left_alone(location: str) -> None:
    assert len(urls(("Location", location))) == 1


def test_target_itself_is_invalid_without_its_fragment() -> None:
    assert urls() == ("https://example.org/a/b?q",)


def test_url_that_names_no_host_has_no_origin() -> None:
    assert not same_origin("nowhere", "nowhere")
    assert not same_origin("http://a:x/", "http://a:x/")
    assert same_origin("http://a/", "http://A:80/b")


def test_error_leaves_what_is_stored(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH)
    cache.fetch()
    cache.origin(500)
    cache.fetch(method="PUT")
    assert cache.fetch().cache_status.hit
