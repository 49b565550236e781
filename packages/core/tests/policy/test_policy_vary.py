"""Which request fields select a response (RFC 9111, section 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import Fetch, RequestHead, Serve, StoredHead, decide
from requests_cache.policy.selection import matches, normalise, selecting_fields

if TYPE_CHECKING:
    from .conftest import SimulatedCache

NOW = 1_700_000_000.0
FRESH = "Cache-Control: max-age=60"
Get = Callable[..., RequestHead]
Build = Callable[..., StoredHead]


def test_without_vary_every_request_matches(stored: Build, get: Get) -> None:
    assert matches(stored(), get("X: 1").headers)


def test_named_field_must_be_the_same(stored: Build, get: Get) -> None:
    head = stored("Vary: X, y", asked=("x: 1",))
    assert matches(head, get("X: 1").headers)
    assert not matches(head, get("X: 2").headers)
    assert not matches(head, get("X: 1", "Y: 1").headers)


def test_absent_field_matches_only_an_absent_one(stored: Build, get: Get) -> None:
    head = stored("Vary: X")
    assert matches(head, get().headers)
    assert not matches(head, get("X:").headers)


@pytest.mark.parametrize("value", ["*", "X, *"])
def test_star_never_matches(stored: Build, get: Get, value: str) -> None:
    assert not matches(stored(f"Vary: {value}"), get().headers)


def test_vary_lines_are_one_list(stored: Build) -> None:
    assert selecting_fields(stored("Vary: B, a", "vary: A,c").headers) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("x", ["X: 1,2"], ["X: 1 ,  2"]),
        ("x", ["X: 1", "X: 2"], ["X: 1, 2"]),
        ("accept-language", ["Accept-Language: en, de"], ["Accept-Language: DE,en"]),
        ("accept-language", ["Accept-Language: en;q=0.50"], ["Accept-Language: en ; Q=0.5"]),
        ("accept-language", ["Accept-Language: en;q=1, de"], ["Accept-Language: de, en"]),
        ("accept-encoding", ["Accept-Encoding: gzip, br;q=1.0"], ["Accept-Encoding: BR;q=1,gzip"]),
        ("accept", ["Accept: text/html;level=1"], ["Accept: TEXT/html; level=1"]),
        ("cookie", ["Cookie: a=1"], ["cookie: a=1"]),
    ],
)
def test_values_of_equal_meaning_are_equal(
    get: Get, name: str, one: list[str], other: list[str]
) -> None:
    assert normalise(name, get(*one).headers) == normalise(name, get(*other).headers)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("x", "X: 1, 2", "X: 2, 1"),
        ("x", "X: a", "X: A"),
        ("x", 'X: "1,2"', 'X: "1, 2"'),
        ("accept-language", "Accept-Language: en;q=0.5", "Accept-Language: en;q=0.4"),
        ("accept", 'Accept: text/html;v="A"', 'Accept: text/html;v="a"'),
        ("authorization", "Authorization: Basic a", "Authorization: Basic A"),
    ],
)
def test_values_of_other_meaning_are_not_equal(get: Get, name: str, one: str, other: str) -> None:
    assert normalise(name, get(one).headers) != normalise(name, get(other).headers)


def test_credentials_are_remembered_as_digest_only(get: Get) -> None:
    assert "secret" not in str(normalise("authorization", get("Authorization: secret").headers))


def test_each_variant_answers_its_own_requests(cache: SimulatedCache) -> None:
    for language in ("en", "de"):
        cache.origin(200, FRESH, "Vary: Accept-Language", body=language.encode())
        cache.fetch(f"Accept-Language: {language}")
    answers = [cache.fetch(f"Accept-Language: {one}").body for one in ("en", "de", "en")]
    assert answers == [b"en", b"de", b"en"]
    assert len(cache.sent) == 2


def test_most_recent_of_several_matches_is_used(stored: Build, get: Get) -> None:
    old = stored(FRESH, "Date: Tue, 14 Nov 2023 22:13:10 GMT")
    new = stored(FRESH, "Date: Tue, 14 Nov 2023 22:13:20 GMT", "Vary: X", asked=("X: 1",))
    decision = decide(get("X: 1"), [old, new], NOW)
    assert isinstance(decision, Serve)
    assert decision.stored == new


def test_mismatch_asks_with_the_tags_of_all_variants(stored: Build, get: Get) -> None:
    heads = [stored(f'ETag: "{tag}"', "Vary: X", FRESH, asked=(f"X: {tag}",)) for tag in "ab"]
    decision = decide(get("X: c"), heads, NOW)
    assert isinstance(decision, Fetch)
    assert decision.cache_status.fwd == "vary-miss"
    assert decision.set_fields == (("If-None-Match", '"a", "b"'),)


def test_304_lets_another_variant_answer_and_keeps_both(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, "Vary: X", 'ETag: "a"', body=b"same")
    cache.fetch("X: 1")
    cache.origin(304, 'ETag: "a"')
    answer = cache.fetch("X: 2")
    assert (answer.status, answer.body) == (200, b"same")
    assert [cache.fetch(f"X: {n}").body for n in (1, 2)] == [b"same", b"same"]
    assert len(cache.sent) == 2


def test_star_is_stored_for_validation(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, "Vary: *", 'ETag: "a"', body=b"x")
    cache.fetch()
    cache.origin(304, 'ETag: "a"')
    assert cache.fetch().body == b"x"
    assert cache.sent[-1].headers.first("if-none-match") == '"a"'
    assert len(cache.entries) == 1
