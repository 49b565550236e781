"""What a change on the origin does to the cache (RFC 9111, section 4.4)."""

from __future__ import annotations

import pytest
from world import World

FRESH = "Cache-Control: max-age=100"


def fill(world: World, *paths: str) -> None:
    for path in paths:
        world.says(FRESH, path=path)
        world.get(path=path)


def is_stored(world: World, path: str) -> bool:
    return bool(world.get("Cache-Control: only-if-cached", path=path).from_cache)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [200, 201, 204, 303])
def test_success_of_an_unsafe_method_invalidates(world: World, method: str, status: int) -> None:
    fill(world, "/a?x=1", "/b")
    world.says(status=status, path="/a")
    world.ask(method, path="/a?x=1", data=b"x")
    assert not is_stored(world, "/a?x=1")
    assert is_stored(world, "/b")


@pytest.mark.parametrize("status", [400, 404, 500])
def test_error_invalidates_nothing(world: World, status: int) -> None:
    fill(world, "/a")
    world.says(status=status, path="/a")
    world.ask("POST", path="/a")
    assert is_stored(world, "/a")


def test_safe_methods_invalidate_nothing(world: World) -> None:
    fill(world, "/a")
    world.ask("OPTIONS", path="/a")
    assert is_stored(world, "/a")


def test_location_and_content_location_are_invalid_too(world: World) -> None:
    fill(world, "/a", "/b", "/c")
    world.says(f"Location: {world.origin.url('/b')}", "Content-Location: /c", path="/a", status=201)
    world.ask("POST", path="/a")
    assert not any(is_stored(world, path) for path in ("/a", "/b", "/c"))


def test_what_lies_under_keys_of_the_programs_own_is_invalid_too(world: World) -> None:
    world.use(key_fn=lambda request, **options: str(request.url))
    fill(world, "/a", "/b", "/c")
    world.says("Location: /b", path="/a", status=201)
    world.ask("POST", path="/a")
    assert [is_stored(world, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_other_origins_are_left_alone(world: World) -> None:
    fill(world, "/a", "/b")
    elsewhere = world.origin.url("/b").replace("127.0.0.1", "localhost")
    world.says(f"Location: {elsewhere}", path="/a", status=201)
    world.ask("POST", path="/a")
    world.session.get(elsewhere)
    assert is_stored(world, "/b")
    world.says(f"Location: {elsewhere}", path="/a", status=201)
    world.ask("POST", path="/a")
    assert world.session.get(elsewhere).from_cache


def test_all_variants_are_invalid(world: World) -> None:
    lines = [FRESH, "Vary: Accept"]
    world.says(*lines)
    world.get("Accept: a/a")
    world.get("Accept: b/b")
    world.ask("PUT", data=b"x")
    assert world.session.cache.response_count() == 0


def test_a_session_that_only_reads_removes_nothing(world: World) -> None:
    fill(world, "/a")
    world.use(read_only=True)
    world.ask("POST", path="/a")
    assert is_stored(world, "/a")


def test_groups_named_by_an_unsafe_response_are_invalid(world: World) -> None:
    for path, groups in (("/a", '"one", "two"'), ("/b", '"One"'), ("/c", '"two"')):
        world.says(FRESH, f"Cache-Groups: {groups}", path=path)
        world.get(path=path)
    fill(world, "/plain")
    world.says('Cache-Group-Invalidation: "two"', path="/other")
    world.get(path="/other")
    assert is_stored(world, "/a")
    world.ask("POST", path="/other")
    assert [is_stored(world, path) for path in ("/a", "/b", "/c", "/plain")] == [
        False,
        True,
        False,
        True,
    ]
