"""Validating stored responses (RFC 9111, sections 4.3.1, 4.3.3 and 4.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import (
    Fetch,
    Headers,
    RequestHead,
    ResponseHead,
    Retry,
    StoredHead,
    after_response,
    decide,
)
from requests_cache.policy.deciding import nominated
from requests_cache.policy.selection import (
    EntityTag,
    conditions,
    confirmed,
    identified,
    parse_tag,
    parse_tags,
    strong_match,
    weak_match,
)

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
SHORT = "Cache-Control: max-age=1"
MODIFIED = "Last-Modified: Tue, 14 Nov 2023 21:56:40 GMT"
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


def fields(*heads: StoredHead, request: RequestHead) -> dict[str, str]:
    chosen = nominated(request, heads[0], heads)
    return dict(conditions(request, chosen[0] if chosen else None, chosen))


def test_both_validators_are_sent(stored: Build, get: Get) -> None:
    assert fields(stored('ETag: W/"a"', MODIFIED), request=get()) == {
        "If-None-Match": 'W/"a"',
        "If-Modified-Since": "Tue, 14 Nov 2023 21:56:40 GMT",
    }


def test_response_without_validators_is_fetched_anew(stored: Build, get: Get) -> None:
    assert fields(stored(), request=get()) == {}
    assert fields(stored("Last-Modified: once"), request=get()) == {}


def test_date_is_sent_only_for_a_single_whole_response(stored: Build, get: Get) -> None:
    head, other = stored('ETag: "a"', MODIFIED), stored('ETag: "b"', "Vary: X")
    assert fields(head, other, request=get()) == {"If-None-Match": '"a", "b"'}
    assert fields(head, request=get("Range: bytes=0-1")) == {"If-None-Match": '"a"'}


def test_tags_of_the_caller_and_of_the_cache_are_united(stored: Build, get: Get) -> None:
    """RFC 9111, section 4.3.2."""
    request = get('If-None-Match: "c", "a"')
    assert fields(stored('ETag: "a"', MODIFIED), request=request) == {"If-None-Match": '"c", "a"'}


def test_star_of_the_caller_is_forwarded_alone(stored: Build, get: Get) -> None:
    assert fields(stored('ETag: "a"'), request=get("If-None-Match: *")) == {}


def test_tag_of_another_incomplete_response_is_not_sent(stored: Build, get: Get) -> None:
    part = stored('ETag: "b"', "Content-Range: bytes 0-1/9", status=206)
    assert fields(stored('ETag: "a"'), part, request=get()) == {"If-None-Match": '"a"'}


def test_number_of_tags_is_limited(stored: Build, get: Get) -> None:
    heads = [stored(f'ETag: "{n}"') for n in range(99)]
    assert len(parse_tags(fields(*heads, request=get())["If-None-Match"])) == 32


@pytest.mark.parametrize("text", ["", '"', '"a" ', '"a\n"', "a,b", 'a"b', '""a"', "\u0100"])
def test_what_is_no_tag_is_not_sent(text: str) -> None:
    assert parse_tag(text) is None
    assert parse_tag(None) is None


def test_tag_with_spaces_is_kept_as_it_is() -> None:
    assert parse_tags('"version 1", W/"a b, c"') == [
        EntityTag('"version 1"'),
        EntityTag('"a b, c"', weak=True),
    ]


def test_tag_without_quotes_is_kept_as_it_is() -> None:
    assert parse_tags('abc, W/"x", "a,b"') == [
        EntityTag("abc"),
        EntityTag('"x"', weak=True),
        EntityTag('"a,b"'),
    ]
    assert str(EntityTag('"x"', weak=True)) == 'W/"x"'


@pytest.mark.parametrize(
    ("one", "other", "strong", "weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
        ('"1"', '"2"', False, False),
        ('"1"', "1", False, False),
    ],
)
def test_tags_are_compared_strongly_and_weakly(
    one: str, other: str, strong: bool, weak: bool
) -> None:
    """The table of RFC 9110, section 8.8.3.2."""
    assert strong_match(parse_tag(one), parse_tag(other)) is strong
    assert weak_match(parse_tag(one), parse_tag(other)) is weak
    assert not strong_match(None, parse_tag(other))
    assert not weak_match(parse_tag(one), None)


def about(get: Get, heads: list[StoredHead], *fields: str, asked: str = "") -> list[StoredHead]:
    headers = Headers(
        (name, value.strip()) for name, _, value in (f.partition(":") for f in fields)
    )
    request = get(asked) if asked else get()
    return identified(request, ResponseHead(304, headers), heads)


def test_strong_tag_identifies_all_that_have_it(stored: Build, get: Get) -> None:
    one, two, weak = stored('ETag: "a"'), stored('ETag: "a"', "X: 1"), stored('ETag: W/"a"')
    assert about(get, [one, two, weak], 'ETag: "a"') == [one, two]


def test_strong_tag_that_none_has_identifies_none(stored: Build, get: Get) -> None:
    assert about(get, [stored('ETag: "a"', MODIFIED)], 'ETag: "b"', MODIFIED) == []


def test_weak_tag_identifies_the_most_recent_match(stored: Build, get: Get) -> None:
    old, new = stored('ETag: "a"'), stored('ETag: W/"a"', at=NOW + 5)
    assert about(get, [old, new], 'ETag: W/"a"') == [new]
    assert about(get, [old, new], 'ETag: W/"b"') == []


def test_modification_date_identifies_the_most_recent_match(stored: Build, get: Get) -> None:
    old, new = stored(MODIFIED), stored(MODIFIED, at=NOW + 5)
    assert about(get, [old, new], MODIFIED) == [new]
    assert about(get, [old], "Last-Modified: Tue, 14 Nov 2023 21:56:41 GMT") == []


def test_304_without_validators_identifies_a_single_candidate(stored: Build, get: Get) -> None:
    one, two = stored('ETag: "a"'), stored('ETag: "b"')
    assert about(get, [one]) == [one]
    assert about(get, [one, two]) == []


def test_304_without_validators_may_mean_what_the_caller_asked(stored: Build, get: Get) -> None:
    head = stored('ETag: "a"')
    assert about(get, [head], asked='If-None-Match: "a"') == [head]
    assert about(get, [head], asked='If-None-Match: "a", "c"') == []
    assert about(get, [head], asked="If-Modified-Since: x") == []


def is_confirmed(
    get: Get, heads: list[StoredHead], *fields: str, asked: tuple[str, ...] = ()
) -> StoredHead | None:
    headers = Headers(
        (name, value.strip()) for name, _, value in (f.partition(":") for f in fields)
    )
    return confirmed(get(*asked), ResponseHead(304, headers), heads)


def test_strong_form_of_a_weak_tag_confirms_and_identifies_none(stored: Build, get: Get) -> None:
    old, new = stored('ETag: W/"a"'), stored('ETag: W/"a"', at=NOW + 5)
    other = stored('ETag: W/"b"', at=NOW + 9)
    assert about(get, [old, new, other], 'ETag: "a"') == []
    assert is_confirmed(get, [old, new, other], 'ETag: "a"') == new
    assert is_confirmed(get, [other, old], 'ETag: "c"') is None


def test_tag_confirms_only_what_the_request_selects(stored: Build, get: Get) -> None:
    """The weak form stands for other octets; only of its own variant are they known to be right."""
    head = stored('ETag: W/"a"', "Vary: X", asked=("X: 1",))
    assert is_confirmed(get, [head], 'ETag: "a"', asked=("X: 1",)) == head
    assert is_confirmed(get, [head], 'ETag: "a"', asked=("X: 2",)) is None


def test_304_confirms_the_only_one_asked_about_unless_it_says_otherwise(
    stored: Build, get: Get
) -> None:
    head, second = stored(MODIFIED), stored(MODIFIED, "Vary: X")
    later = "Last-Modified: Tue, 14 Nov 2023 21:56:41 GMT"
    assert is_confirmed(get, [head], 'ETag: "new"') == head
    assert is_confirmed(get, [head], 'ETag: "new"', MODIFIED) == head
    assert is_confirmed(get, [head], 'ETag: "new"', later) is None
    assert is_confirmed(get, [head, second], 'ETag: "new"') is None
    assert is_confirmed(get, [head], 'ETag: "new"', asked=("If-None-Match: x",)) is None
    assert is_confirmed(get, [stored('ETag: "a"', MODIFIED)], 'ETag: "b"', MODIFIED) is None


def test_confirmed_response_is_served_and_not_updated(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, 'ETag: W/"a"', body=b"x")
    cache.fetch()
    (before,) = cache.entries.values()
    for _ in range(2):
        cache.origin(304, "Cache-Control: max-age=60", 'ETag: "a"', "X-New: 1")
        answer = cache.fetch(after=5)
        assert (answer.status, answer.body) == (200, b"x")
        assert "x-new" not in answer.headers
        assert str(answer.cache_status) == "requests-cache; fwd=stale; fwd-status=304"
    assert list(cache.entries.values()) == [before]
    assert [str(request.headers.first("if-none-match")) for request in cache.sent[1:]] == [
        'W/"a"',
        'W/"a"',
    ]


def test_confirmed_response_that_may_not_be_stored_any_more_goes(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, 'ETag: W/"a"', body=b"x")
    cache.fetch()
    cache.origin(304, "Cache-Control: no-store", 'ETag: "a"')
    assert cache.fetch(after=5).body == b"x"
    assert cache.entries == {}


def test_caller_who_names_the_strong_form_gets_304_from_what_is_confirmed(
    cache: SimulatedCache,
) -> None:
    cache.origin(200, SHORT, 'ETag: W/"a"', body=b"x")
    cache.fetch()
    cache.origin(304, 'ETag: "a"')
    assert cache.fetch('If-None-Match: "a"', after=5).status == 304
    assert len(cache.sent) == 2


def test_stale_response_is_reused_after_a_304(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, 'ETag: "a"', body=b"x")
    cache.fetch()
    cache.origin(304, 'ETag: "a"')
    answer = cache.fetch(after=5)
    assert (answer.status, answer.body) == (200, b"x")
    assert str(answer.cache_status) == "requests-cache; fwd=stale; fwd-status=304; stored"


def test_full_response_replaces_the_stale_one(cache: SimulatedCache) -> None:
    cache.origin(200, SHORT, 'ETag: "a"', body=b"old")
    cache.fetch()
    cache.origin(200, "Cache-Control: max-age=60", 'ETag: "b"', body=b"new")
    assert cache.fetch(after=5).body == b"new"
    assert [body for _, body in cache.entries.values()] == [b"new"]


def test_304_that_matches_nothing_is_asked_again_without_conditions(
    cache: SimulatedCache,
) -> None:
    cache.origin(200, SHORT, 'ETag: "a"', body=b"old")
    cache.fetch()
    cache.origin(304, 'ETag: "b"')
    cache.origin(200, 'ETag: "b"', body=b"new")
    assert cache.fetch(after=5).body == b"new"
    assert "if-none-match" not in cache.sent[-1].headers


def test_304_to_an_unconditional_request_is_handed_on(cache: SimulatedCache) -> None:
    cache.origin(304)
    assert cache.fetch().status == 304
    assert cache.entries == {}


def test_304_for_a_range_that_cannot_be_cut_is_asked_again(stored: Build, get: Get) -> None:
    variant = stored('ETag: "a"', "Vary: X", asked=("X: 1",))
    request = get("Range: bytes=0-1")
    fetch = decide(request, [variant], NOW)
    assert isinstance(fetch, Fetch)
    response = ResponseHead(304, stored('ETag: "a"').headers)
    outcome = after_response(request, response, fetch, NOW, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.fetch.set_fields == ()


def test_304_updates_every_nominated_variant_with_its_tag(cache: SimulatedCache) -> None:
    for n in (1, 2):
        cache.origin(200, SHORT, "Vary: X", 'ETag: "a"', body=b"x")
        cache.fetch(f"X: {n}", "Cache-Control: no-cache", after=n)
    assert len(cache.entries) == 2
    cache.origin(304, 'ETag: "a"', "Cache-Control: max-age=60")
    cache.fetch("X: 1", after=5)
    assert [cache.fetch(f"X: {n}").cache_status.hit for n in (1, 2)] == [True, True]
