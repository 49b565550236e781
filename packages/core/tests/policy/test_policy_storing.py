"""What may be stored (RFC 9111, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Headers, RequestHead, ResponseHead, Rules, StoredHead, is_complete
from requests_cache.policy.http import refusal
from requests_cache.policy.selection import storable_fields

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
FRESH = "Cache-Control: max-age=60"
PLAIN = Rules()
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


@pytest.fixture
def refused(stored: Build, get: Get) -> Callable[..., str | None]:
    """Say why a response with these lines is not stored."""

    def ask(
        *fields: str, status: int = 200, request: RequestHead | None = None, rules: Rules = PLAIN
    ) -> str | None:
        response = ResponseHead(status, stored(*fields).headers)
        return refusal(request or get(), response, rules)

    return ask


Refused = Callable[..., str | None]


def test_response_with_a_lifetime_is_stored(refused: Refused) -> None:
    assert refused(FRESH) is None
    assert refused("Expires: Tue, 14 Nov 2023 22:14:20 GMT") is None


def test_response_with_a_validator_is_stored(refused: Refused) -> None:
    assert refused('ETag: "a"') is None
    assert refused("Last-Modified: Tue, 14 Nov 2023 22:14:20 GMT") is None


def test_response_that_could_never_be_used_is_not_stored(refused: Refused) -> None:
    assert refused() == "no lifetime and no validator"
    assert refused("Cache-Control: no-cache, max-age=60") == "cannot be validated"
    assert refused("Vary: *", FRESH) == "cannot be validated"


def test_setting_that_could_use_a_response_makes_it_stored(refused: Refused) -> None:
    assert refused(rules=Rules(fallback=60.0)) is None
    assert refused(rules=Rules(lifetime=60.0)) is None
    assert refused(rules=Rules(stale_if_error=60.0)) is None


def test_method_must_be_one_that_is_cached(refused: Refused, get: Get) -> None:
    assert refused(FRESH, request=get(method="POST")) == "method"
    assert refused(FRESH, request=get(method="HEAD")) is None
    rules = Rules(methods=frozenset(("GET", "POST")))
    assert refused(FRESH, request=get(method="POST"), rules=rules) is None


def test_informational_response_is_not_stored(refused: Refused) -> None:
    assert refused(FRESH, status=103) == "not final"


def test_304_is_not_stored_as_itself(refused: Refused) -> None:
    assert refused(FRESH, status=304) == "304"


def test_no_store_of_the_response_is_obeyed(refused: Refused) -> None:
    assert refused("Cache-Control: max-age=60, No-Store", 'ETag: "a"') == "no-store"


def test_no_store_of_the_request_is_obeyed(refused: Refused, get: Get) -> None:
    request = get("Cache-Control: no-store")
    assert refused(FRESH, request=request) == "request no-store"
    assert refused(FRESH, rules=Rules(no_store=True)) == "request no-store"


def test_must_understand_lifts_no_store_for_a_status_we_understand(refused: Refused) -> None:
    told = "Cache-Control: must-understand, no-store, max-age=60"
    assert refused(told, status=200) is None
    assert refused(told, status=599) == "must-understand"


def test_status_we_do_not_know_is_stored_with_a_lifetime(refused: Refused) -> None:
    assert refused(FRESH, status=599) is None


def test_private_and_public_allow_storing_any_status(refused: Refused) -> None:
    tag = 'ETag: "a"'
    assert refused(tag, status=302) == "status not cacheable by default"
    assert refused(tag, "Cache-Control: private", status=302) is None
    assert refused(tag, 'Cache-Control: private="x"', status=302) is None
    assert refused(tag, "Cache-Control: public", status=302) is None
    assert refused(tag, "Cache-Control: s-maxage=9", status=302) is not None


def test_response_to_an_authorised_request_is_stored(refused: Refused, get: Get) -> None:
    assert refused(FRESH, request=get("Authorization: Basic YTpi")) is None


def test_setting_limits_the_statuses(refused: Refused) -> None:
    rules = Rules(statuses=frozenset((200,)))
    assert refused(FRESH, status=404, rules=rules) == "status excluded by setting"
    assert refused(FRESH, status=200, rules=rules) is None


def test_partial_content_is_stored_only_as_one_span_that_was_asked_for(
    refused: Refused, get: Get
) -> None:
    part, request = "Content-Range: bytes 0-4/10", get("Range: bytes=0-4")
    assert refused(FRESH, part, status=206, request=request) is None
    assert refused(FRESH, part, status=206) == "partial content"
    assert refused(FRESH, status=206, request=request) == "partial content"
    unknown = "Content-Range: bytes 0-4/*"
    assert refused(FRESH, unknown, status=206, request=request) == "partial content"


def test_fields_of_one_connection_are_not_stored(stored: Build) -> None:
    """RFC 9111, section 3.1."""
    received = stored(
        "Date: Tue, 14 Nov 2023 22:13:20 GMT", "Connection: X-Hop, close", "x-hop: 1",
        "Keep-Alive: 1", "Proxy-Authenticate: Basic", "Proxy-Authentication-Info: a",
        "Proxy-Authorization: b", "Proxy-Connection: c", "TE: d", "Transfer-Encoding: chunked",
        "Upgrade: e", "X-Unknown: kept", "Set-Cookie: a=1", "Set-Cookie: b=2",
    ).headers  # fmt: skip
    kept = [name for name, _ in storable_fields(received, NOW)]
    assert kept == ["Date", "X-Unknown", "Set-Cookie", "Set-Cookie"]


@pytest.mark.parametrize("date", [(), ("Date: once",)])
def test_missing_date_is_completed_with_the_time_of_arrival(
    stored: Build, date: tuple[str, ...]
) -> None:
    """RFC 9110, section 6.6.1."""
    kept = storable_fields(stored(*date).headers, NOW)
    assert kept.lines("date") == ["Tue, 14 Nov 2023 22:13:20 GMT"]


def complete(method: str, status: int, received: int, *fields: tuple[str, str]) -> bool:
    response = ResponseHead(status, Headers(fields))
    return is_complete(RequestHead(method, "https://example.org/"), response, received)


def test_body_must_be_as_long_as_content_length_says() -> None:
    """RFC 9111, section 3.3; RFC 9112, section 8."""
    length = ("Content-Length", "010")
    assert complete("GET", 200, 10, length)
    assert complete("GET", 200, 10, length, length)
    assert not complete("GET", 200, 9, length)
    assert not complete("GET", 200, 10, ("Content-Length", "ten"))
    assert complete("GET", 200, 0, ("Content-Length", "0"))


def test_body_without_a_stated_length_is_complete() -> None:
    assert complete("GET", 200, 7)
    assert complete("GET", 200, 7, ("Content-Length", "9"), ("Transfer-Encoding", "chunked"))
    assert complete("HEAD", 200, 0, ("Content-Length", "9"))
    assert complete("GET", 204, 0, ("Content-Length", "9"))


def test_stored_head_remembers_request_times_and_setting(cache: SimulatedCache) -> None:
    cache.rules = Rules(lifetime=5.0)
    cache.origin(200, FRESH, "Vary: X")
    answer = cache.fetch("X: 1")
    (head, _), *_ = cache.entries.values()
    assert (head.url, head.method, head.lifetime) == ("https://example.org/thing", "GET", 5.0)
    assert head.variant == (("x", "1"),)
    assert answer.cache_status.stored
    assert answer.cache_status.fwd == "uri-miss"
    assert answer.cache_status.fwd_status == 200


@pytest.mark.parametrize("status", [428, 429, 431, 511])
def test_status_that_is_never_stored_is_not(cache: SimulatedCache, status: int) -> None:
    """RFC 6585, sections 3 to 6."""
    cache.origin(status, "Cache-Control: public, max-age=60, must-understand")
    assert cache.fetch().status == status
    assert cache.entries == {}


def test_response_that_is_not_stored_displaces_an_older_one(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"')
    cache.fetch()
    cache.origin(200, "Cache-Control: no-store")
    answer = cache.fetch(after=5)
    assert cache.entries == {}
    assert not answer.cache_status.stored


@pytest.mark.parametrize("status", [400, 401, 429, 503])
def test_refusal_of_service_leaves_what_is_stored(cache: SimulatedCache, status: int) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"')
    cache.fetch()
    cache.origin(status)
    assert cache.fetch(after=5).status == status
    assert len(cache.entries) == 1


def test_error_displaces_an_older_error_only(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"')
    cache.fetch()
    for _ in range(3):
        cache.origin(403, "Cache-Control: max-age=1")
        cache.fetch(after=5)
    assert sorted(head.status for head, _ in cache.entries.values()) == [200, 403]


AT_HOME = "Content-Location: thing"


def test_response_to_post_that_is_what_get_would_give_answers_get(cache: SimulatedCache) -> None:
    """RFC 9110, section 9.3.3."""
    cache.origin(200, FRESH, body=b"old")
    cache.fetch()
    cache.origin(200, FRESH, AT_HOME, body=b"new")
    assert cache.fetch(method="POST").cache_status.stored
    assert cache.fetch().body == b"new"


def test_response_to_post_may_state_its_lifetime_by_expires(cache: SimulatedCache) -> None:
    cache.origin(200, "Expires: Tue, 14 Nov 2034 22:13:20 GMT", AT_HOME, body=b"new")
    cache.fetch(method="POST")
    assert cache.fetch().body == b"new"


def test_post_itself_is_never_answered_from_the_cache(cache: SimulatedCache) -> None:
    for _ in range(2):
        cache.origin(200, FRESH, AT_HOME)
        assert cache.fetch(method="POST").cache_status.fwd == "method"


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("PUT", (FRESH, AT_HOME)),
        ("POST", (AT_HOME,)),
        ("POST", (FRESH,)),
        ("POST", (FRESH, "Content-Location: /other")),
        ("POST", (FRESH, "Content-Location: //[")),
        ("POST", (f"{FRESH}, no-store", AT_HOME)),
    ],
)
def test_other_responses_to_unsafe_methods_are_not_stored(
    cache: SimulatedCache, method: str, fields: tuple[str, ...]
) -> None:
    cache.origin(200, *fields)
    cache.fetch(method=method)
    assert cache.entries == {}


def test_response_to_post_of_a_caller_without_cache_is_not_stored(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, AT_HOME)
    cache.fetch("Cache-Control: no-store", method="POST")
    assert cache.entries == {}


def test_resource_that_is_gone_displaces_what_is_stored(cache: SimulatedCache) -> None:
    cache.origin(200, "Cache-Control: max-age=1", 'ETag: "a"')
    cache.fetch()
    cache.origin(410, "Cache-Control: no-store")
    cache.fetch(after=5)
    assert cache.entries == {}


@pytest.mark.parametrize(
    "name", ["CDN-Cache-Control", "Surrogate-Control", "Example-Cache-Control"]
)
def test_directives_for_other_caches_are_not_for_us(cache: SimulatedCache, name: str) -> None:
    cache.origin(200, FRESH, f"{name}: no-store", body=b"kept")
    assert cache.fetch().body == b"kept"
    assert cache.fetch().body == b"kept"
    assert len(cache.sent) == 1


def test_directives_for_other_caches_give_no_lifetime(cache: SimulatedCache) -> None:
    for _ in range(2):
        cache.origin(200, "Cache-Control: no-store", "CDN-Cache-Control: max-age=60")
        cache.fetch()
    assert len(cache.sent) == 2


def test_clear_site_data_leaves_what_is_stored(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, 'Clear-Site-Data: "cache"', body=b"kept")
    cache.fetch()
    assert cache.fetch().body == b"kept"
    assert len(cache.sent) == 1
