"""What the cache says of itself, and what origins tell it beyond RFC 9111."""

from __future__ import annotations

from world import World

FRESH = "Cache-Control: max-age=100"


def status(world: World, *lines: str, **options: object) -> str:
    return str(world.get(*lines, **options).cache_status)


def test_cache_status_says_what_was_done(world: World) -> None:
    world.says(FRESH, 'ETag: "a"')
    assert status(world) == "requests-cache; fwd=uri-miss; fwd-status=200; stored"
    assert status(world, after=10) == "requests-cache; hit; ttl=90"
    assert status(world, "Cache-Control: no-cache") == (
        "requests-cache; fwd=request; fwd-status=200; stored"
    )
    assert status(world, after=100) == "requests-cache; fwd=stale; fwd-status=200; stored"
    world.says(FRESH, 'ETag: "a"', status=304)
    assert status(world, refresh=True) == "requests-cache; fwd=request; fwd-status=304; stored"
    assert status(world, "Cache-Control: only-if-cached", path="/other") == (
        "requests-cache; detail=only-if-cached"
    )


def test_cache_status_says_why_nothing_was_stored(world: World) -> None:
    world.says("Cache-Control: no-store")
    assert status(world) == "requests-cache; fwd=uri-miss; fwd-status=200; detail=no-store"
    assert status(world, "Cache-Control: no-store") == (
        "requests-cache; fwd=request; fwd-status=200; detail=pass-through"
    )


def test_cache_status_of_a_body_that_is_not_read_yet_says_nothing_of_storing(world: World) -> None:
    world.says(FRESH)
    response = world.get(stream=True)
    assert response.cache_status.stored is False
    assert response.content == b"body"
    assert response.cache_status.stored


def test_key_of_a_response_is_that_of_the_cache(world: World) -> None:
    world.says(FRESH)
    first, second = world.get(), world.get()
    assert first.cache_key == second.cache_key
    assert world.session.cache.contains(first.cache_key)
    assert world.session.cache.contains(url=first.url)


# No-Vary-Search


def test_other_query_is_answered_where_it_does_not_matter(world: World) -> None:
    lines = [FRESH, 'No-Vary-Search: params=("from")', 'ETag: "a"']
    world.says(*lines)
    world.get(path="/thing?q=1&from=here")
    response = world.get(path="/thing?q=1&from=there")
    assert response.from_cache
    assert response.url == world.origin.url("/thing?q=1&from=there")
    assert response.request.url == response.url
    assert not world.get(path="/thing?q=2&from=here").from_cache


def test_order_of_parameters_does_not_matter_where_the_origin_says_so(world: World) -> None:
    world.says(FRESH, "No-Vary-Search: key-order")
    world.get(path="/thing?a=1&b=2")
    assert world.get(path="/thing?b=2&a=1").from_cache


def test_without_the_field_every_difference_of_a_query_matters(world: World) -> None:
    world.says(FRESH)
    world.get(path="/thing?a=1&b=2")
    assert not world.get(path="/thing?b=2&a=1").from_cache
    assert not world.get(path="/thing?a=1&b=2&").from_cache


def test_304_freshens_the_response_of_the_other_query(world: World) -> None:
    lines = [FRESH, "No-Vary-Search: params", 'ETag: "a"']
    world.says(*lines)
    world.get(path="/thing?a=1")
    world.says(*lines, status=304)
    response = world.get(path="/thing?a=2", after=100)
    assert response.revalidated
    assert response.content == b"body"
    assert world.get(path="/thing?a=1").from_cache
    assert world.get(path="/thing?a=3").from_cache


def test_variant_that_a_304_makes_answers_other_queries(world: World) -> None:
    lines = [FRESH, "No-Vary-Search: params", "Vary: Accept", 'ETag: "a"']
    world.says(*lines)
    world.get("Accept: a/a", path="/thing?a=1")
    world.says(*lines, status=304)
    world.get("Accept: b/b", path="/thing?a=2")
    assert world.get("Accept: b/b", path="/thing?a=3").content == b"body"
    assert world.count == 2


def test_new_response_takes_the_place_of_that_of_the_other_query(world: World) -> None:
    lines = [FRESH, "No-Vary-Search: params"]
    world.says(*lines, body=b"old")
    world.get(path="/thing?a=1")
    world.says(*lines, body=b"new")
    world.get(path="/thing?a=2", after=100)
    for query in ("a=1", "a=2", "a=3"):
        response = world.get(path=f"/thing?{query}")
        assert response.from_cache
        assert response.content == b"new"
    assert world.session.cache.response_count() == 1
