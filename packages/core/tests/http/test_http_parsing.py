"""Header fields as they come in the wild, from the wire to the decision."""

from __future__ import annotations

import pytest
from world import World


@pytest.mark.parametrize(
    "lines",
    [
        ["Cache-Control: max-age=100"],
        ['Cache-Control: max-age="100"'],
        ["CACHE-CONTROL:  MAX-AGE=100"],
        ['Cache-Control: foo, max-age=100 , bar="a, max-age=0"'],
        ["Cache-Control: max-age=100", "Cache-Control: max-age=5000"],
        ["Cache-Control: public", "Cache-Control: max-age=100"],
        ["Cache-Control: , , max-age=100,"],
        ["Cache-Control: max-age=100, s-maxage=1"],
    ],
)
def test_lifetime_of_a_hundred_seconds_is_read(world: World, lines: list[str]) -> None:
    world.says(*lines)
    world.get()
    assert world.get(after=99).from_cache
    assert not world.get(after=1).from_cache


def test_lifetime_beyond_all_numbers_is_long(world: World) -> None:
    world.says("Cache-Control: max-age=99999999999999999999")
    world.get()
    response = world.get(after=10 * 365 * 86400)
    assert response.from_cache
    assert response.cache_status.ttl == 2147483648 - 10 * 365 * 86400


@pytest.mark.parametrize("argument", ["-1", "abc", "1.5", "", "0x10", '"', "1 2"])
def test_lifetime_that_is_no_number_means_stale(world: World, argument: str) -> None:
    world.says(f"Cache-Control: max-age={argument}", 'ETag: "a"')
    world.get()
    assert not world.get().from_cache
    assert world.asked.headers["if-none-match"] == '"a"'


@pytest.mark.parametrize("value", ["0", "-1", "soon", "Thu, 99 Nov 2999 00:00:00 GMT"])
def test_expires_that_is_no_date_means_stale(world: World, value: str) -> None:
    world.says(f"Expires: {value}", 'ETag: "a"')
    world.get()
    assert not world.get().from_cache


def test_no_store_in_a_second_line_counts(world: World) -> None:
    world.says("Cache-Control: max-age=100", "Cache-Control: no-store")
    world.get()
    assert not world.get().from_cache


def test_repeated_fields_are_all_stored(world: World) -> None:
    world.says("Cache-Control: max-age=100", "Link: </a>", "X-Other: 1", "Link: </b>")
    first, second = world.get(), world.get()
    assert second.from_cache
    assert second.headers["Link"] == first.headers["Link"] == "</a>, </b>"
    assert second.raw.headers.getlist("Link") == ["</a>", "</b>"]
