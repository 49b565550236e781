"""How many responses of one URL are kept, and how few of them are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from requests_cache._exchange.known import Sibling, read_siblings, selected_by
from requests_cache.policy import Headers
from requests_cache.testing.origin import Answer, Request
from world import World

MOST = 32


@pytest.fixture(params=[False, True])
def keyed(request: pytest.FixtureRequest, world: World) -> World:
    """Give a world whose origin has a variant for each value of a field, with either rules."""
    world.use(cache_control=request.param, expire_after=100)

    def answer(asked: Request) -> Answer:
        number = asked.headers.get("x-request-id", "none")
        fields = (("Cache-Control", "max-age=100"), ("Vary", "X-Request-ID"))
        tag = ("ETag", f'"{number}"')
        if number in asked.headers.get("if-none-match", ""):
            return Answer(b"", (("Date", world.date()), *fields, tag), 304)
        return Answer(number.encode(), (("Date", world.date()), *fields, tag))

    world.answers(answer)
    return world


def fill(world: World, numbers: Iterable[int]) -> None:
    for number in numbers:
        world.get(f"X-Request-ID: {number}")


def count_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the keys that are read from the store from now on."""
    keys: list[str] = []
    cache = world.session.cache
    store, read_either = cache.responses, cache.read_either
    read, read_many, open_body = store.read, store.read_many, store.open_body

    def either(key: str, *beside: str) -> object:
        keys.append(key)
        return read_either(key, *beside)

    monkeypatch.setattr(store, "read", lambda key: keys.append(key) or read(key))
    monkeypatch.setattr(cache, "read_either", either)
    monkeypatch.setattr(store, "open_body", lambda key: keys.append(key) or open_body(key))

    def many(asked: Iterable[str]) -> object:
        asked = list(asked)
        keys.extend(asked)
        return read_many(asked)

    monkeypatch.setattr(store, "read_many", many)
    return keys


def test_variants_of_a_url_have_a_bound(keyed: World) -> None:
    fill(keyed, range(100))
    assert keyed.session.cache.response_count() == MOST
    hits = [n for n in range(100) if keyed.get(f"X-Request-ID: {n}", only_if_cached=True).ok]
    # The first one tells of the others, and stays.
    assert hits == [0, *range(100 - MOST + 1, 100)]
    told = [response.record.fields.get("siblings", ()) for response in keyed.session.cache.filter()]
    assert sum(map(len, told)) == MOST - 1


def test_the_least_recently_used_variant_goes(keyed: World) -> None:
    fill(keyed, range(MOST))
    fill(keyed, [1, 2])
    assert keyed.count == MOST
    fill(keyed, [100, 101])
    stored = [keyed.get(f"X-Request-ID: {n}", only_if_cached=True).ok for n in range(6)]
    assert stored == [True, True, True, False, False, True]


@pytest.mark.parametrize("stream", [False, True])
def test_a_hit_reads_no_other_variant(
    keyed: World, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(keyed, range(20))
    keys = count_reads(keyed, monkeypatch)
    response = keyed.get("X-Request-ID: 13", stream=stream)
    assert response.from_cache
    assert response.text == "13"
    assert len(set(keys)) == 2


def test_a_miss_reads_no_other_variant(keyed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(keyed, range(20))
    keys = count_reads(keyed, monkeypatch)
    assert keyed.get("X-Request-ID: 99").cache_status.fwd == "vary-miss"
    assert len(set(keys)) == 1


def test_variants_that_were_not_read_are_asked_about(world: World) -> None:
    """One look at the tags is enough; what a 304 is about is read then."""
    fields = (("Cache-Control", "max-age=100"), ("Vary", "X"))

    def answer(asked: Request) -> Answer:
        if "if-none-match" in asked.headers:
            return Answer(b"", (*fields, ("ETag", '"2"'), ("X-New", "1")), 304)
        value = asked.headers["x"]
        return Answer(value.encode(), (*fields, ("ETag", f'"{value}"')))

    def answer_plainly(asked: Request) -> Answer:
        return answer(asked._replace(headers={"x": asked.headers["x"]}))

    world.answers(answer_plainly)
    for number in range(1, 4):
        world.get(f"X: {number}")
    world.answers(answer)
    response = world.get("X: 9")
    assert set(world.asked.headers["if-none-match"].split(", ")) == {'"1"', '"2"', '"3"'}
    assert (response.text, response.revalidated) == ("2", True)
    assert world.session.cache.response_count() == 4
    assert world.get("X: 2").headers["X-New"] == world.get("X: 9").headers["X-New"] == "1"
    assert "X-New" not in world.get("X: 1").headers


def test_a_sibling_that_was_not_read_takes_the_place_of_the_first(keyed: World) -> None:
    fill(keyed, range(3))
    own = keyed.session.cache
    (first, *others) = own.filter()
    assert len(others) == 2
    keyed.says("Cache-Control: no-store", "Vary: X-Request-ID", status=410)
    keyed.session.settings.allowable_codes = [200, 410]
    keyed.get("X-Request-ID: 0", refresh=True)
    stored = [keyed.get(f"X-Request-ID: {n}", only_if_cached=True).text for n in (1, 2)]
    assert stored == ["1", "2"]
    assert first.url == others[0].url


@pytest.mark.parametrize("others", [None, [], [1, 2], "xy", [["x"], None], [[1] * 6, ["y"] * 6]])
def test_siblings_of_which_nothing_is_known_are_read(others: Any) -> None:
    siblings = read_siblings({"siblings": ["one", "two"], "others": others})
    assert siblings == {"one": None, "two": None}
    assert selected_by(Headers(), siblings) == ["one", "two"]


def test_a_sibling_is_described_by_what_selects_it() -> None:
    sibling = Sibling(("accept",), "digest", "GET", 200, 5.0, '"a"')
    head = sibling.head("key", "http://a.example/")
    assert (head.status, head.method, head.key, head.response_time) == (200, "GET", "key", 5.0)
    assert head.headers.fields == (("Vary", "accept"), ("ETag", '"a"'))
    assert [name for name, _ in head.variant] == ["accept"]


def test_parts_of_one_url_are_kept_beside_each_other(world: World) -> None:
    body = bytes(range(100))

    def answer(request: Request) -> Answer:
        first, last = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
        span = ("Content-Range", f"bytes {first}-{last}/100")
        fields = (("Cache-Control", "max-age=100"), ("ETag", '"a"'), span)
        return Answer(body[first : last + 1], fields, 206)

    world.answers(answer)
    for first in (0, 20, 40, 60):
        world.get(f"Range: bytes={first}-{first + 9}")
    for first in (0, 20, 40, 60):
        response = world.get(f"Range: bytes={first + 1}-{first + 8}")
        assert response.from_cache
        assert response.content == body[first + 1 : first + 9]


def test_responses_for_other_queries_are_read_only_if_they_may_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.says("Cache-Control: max-age=100", 'No-Vary-Search: params=("x")')
    for number in range(10):
        world.get(path=f"/thing?page={number}&x=1")
    keys = count_reads(world, monkeypatch)
    assert world.get(path="/thing?page=7&x=2").from_cache
    assert len(set(keys)) == 2
    keys.clear()
    assert not world.get(path="/thing?page=70&x=2").from_cache
    assert len(set(keys)) == 1


def test_storing_the_first_variant_anew_keeps_the_others(keyed: World) -> None:
    fill(keyed, range(3))
    assert not keyed.get("X-Request-ID: 0", force_refresh=True).from_cache
    stored = [keyed.get(f"X-Request-ID: {n}", only_if_cached=True).text for n in range(3)]
    assert stored == ["0", "1", "2"]


def test_response_with_a_validator_is_kept_for_a_month_after_it_has_expired(world: World) -> None:
    for tag, days in (('ETag: "a"', 30), ("X: 1", 1)):
        world.says("Cache-Control: max-age=100", tag)
        world.get()
        store = world.session.cache.responses
        (entry,) = (store.read(key) for key in store)
        assert entry is not None
        assert entry.keep_until is not None
        assert entry.expires is not None
        assert entry.keep_until - entry.expires == days * 86400
        world.session.cache.clear()


def test_what_a_304_confirms_is_kept_as_long_as_the_session_says(world: World) -> None:
    world.use(stale_if_error=True)
    world.says("Cache-Control: max-age=100", 'ETag: "a"', "Vary: X")
    world.get("X: 1")
    world.get("X: 2")
    world.says("Cache-Control: max-age=100", 'ETag: "a"', "Vary: X", status=304)
    for _ in range(2):
        assert {entry.keep_until for _, entry in world.session.cache.responses.scan()} == {None}
        world.get("X: 1", after=100)


def test_what_is_remembered_of_reading_is_bounded(
    keyed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_cache._memos.MOST_REMEMBERED", 2)
    fill(keyed, (1, 2, 3, 1, 2, 3))
    assert len(keyed.session.cache.used_variants.take()) < 2
