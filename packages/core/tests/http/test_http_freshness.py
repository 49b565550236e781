"""Freshness and age (RFC 9111, section 4.2), seen from outside."""

from __future__ import annotations

from world import World


def test_response_is_fresh_until_its_age_reaches_max_age(world: World) -> None:
    world.says("Cache-Control: max-age=60")
    world.get()
    assert world.get(after=59).from_cache
    assert not world.get(after=1).from_cache


def test_age_is_sent_with_every_hit_and_grows(world: World) -> None:
    world.says("Cache-Control: max-age=60")
    assert "Age" not in world.get().headers
    assert [world.get(after=10).headers["Age"] for _ in range(3)] == ["10", "20", "30"]


def test_received_age_counts(world: World) -> None:
    world.says("Cache-Control: max-age=60", "Age: 40")
    world.get()
    assert world.get(after=19).headers["Age"] == "59"
    assert not world.get(after=1).from_cache


def test_age_that_is_no_number_is_ignored(world: World) -> None:
    world.says("Cache-Control: max-age=60", "Age: old")
    world.get()
    assert world.get(after=59).headers["Age"] == "59"


def test_old_date_makes_a_response_old(world: World) -> None:
    world.says("Cache-Control: max-age=60", f"Date: {world.date(-50)}")
    world.get()
    assert world.get(after=5).headers["Age"] == "55"
    assert not world.get(after=5).from_cache


def test_expires_counts_from_date(world: World) -> None:
    world.says(f"Date: {world.date()}", f"Expires: {world.date(60)}")
    world.get()
    assert world.get(after=59).from_cache
    assert not world.get(after=1).from_cache


def test_max_age_goes_before_expires(world: World) -> None:
    world.says("Cache-Control: max-age=60", "Expires: 0")
    world.get()
    assert world.get(after=59).from_cache


def test_heuristic_is_a_tenth_of_the_time_since_modification(world: World) -> None:
    world.says(f"Last-Modified: {world.date(-1000)}")
    world.get()
    assert world.get(after=99).from_cache
    assert not world.get(after=1).from_cache
    assert "if-modified-since" in world.asked.headers


def test_heuristic_is_not_for_every_status(world: World) -> None:
    world.says(f"Last-Modified: {world.date(-1000)}", status=403)
    world.get()
    assert not world.get().from_cache


def test_public_allows_a_heuristic_for_any_status(world: World) -> None:
    world.says(f"Last-Modified: {world.date(-1000)}", "Cache-Control: public", status=403)
    world.get()
    assert world.get().from_cache


def test_immutable_response_is_not_validated_while_fresh(world: World) -> None:
    world.use(always_revalidate=True)
    world.says("Cache-Control: max-age=60, immutable", 'ETag: "a"')
    world.get()
    assert world.get(after=59).from_cache
    assert world.count == 1
    world.get(after=1)
    assert world.count == 2


def test_expiration_of_a_hit_is_that_of_http(world: World) -> None:
    world.says("Cache-Control: max-age=60", "Age: 20")
    world.get()
    response = world.get()
    assert response.expires.timestamp() == world.now + 40
    assert not response.is_expired
