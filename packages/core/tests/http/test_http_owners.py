"""An unsafe request invalidates what is stored for its URI, whoever asked (RFC 9111, 4.4)."""

from __future__ import annotations

from typing import Any

import pytest
from requests_cache import NEVER_EXPIRE, BaseStorage
from requests_cache._store.entry import NOTE_PREFIX
from requests_cache.testing.origin import Answer
from world import World

FRESH = "Cache-Control: max-age=100"


def stores(world: World) -> tuple[BaseStorage, BaseStorage]:
    cache = world.session.cache
    return cache.responses, cache.redirects


def is_stored(world: World, *lines: str, path: str = "/thing") -> bool:
    return bool(world.get(*lines, path=path, only_if_cached=True).from_cache)


@pytest.mark.parametrize(
    "lines",
    [
        ("X-CSRF-Token: 1",),
        ("X-XSRF-TOKEN: 1",),
        ("X-CSRFToken: 1",),
        ("csrf-token: 1",),
        ("Authorization: Bearer 1",),
        ("Cookie: session=1",),
        ("X-Api-Key: 1", "X-CSRF-Token: 2"),
        ("X-HTTP-Method-Override: PATCH",),
        ("X-Method-Override: DELETE", "Content-Type: text/plain"),
        ("Accept: other/type",),
        ("Idempotency-Key: 1", "If-Match: x", "Cache-Control: no-store"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"match_headers": True}, {"match_headers": ["Accept"]}])
def test_whatever_the_unsafe_request_carries(
    world: World, lines: tuple[str, ...], options: dict[str, object]
) -> None:
    world.use(**options)
    world.says(FRESH)
    world.get()
    assert is_stored(world)
    world.ask("POST", *lines, data=b"password=secret")
    assert not is_stored(world)


COOKIE = ("Cookie: session=1",)
OWNERS = [
    (),
    ("Authorization: Bearer ann",),
    ("Authorization: Bearer bob",),
    COOKIE,
    ("X-Api-Key: 1",),
    ("Accept: text/html",),
]


@pytest.mark.parametrize("who", OWNERS)
def test_what_is_stored_for_others_is_invalid_too(world: World, who: tuple[str, ...]) -> None:
    world.use(match_headers=["Accept"])
    world.says(FRESH)
    for owner in OWNERS:
        world.get(*owner)
        world.get(*owner, path="/thing?x=1")
    world.says(status=204)
    world.ask("DELETE", *who)
    world.says(FRESH)
    assert not any(is_stored(world, *owner) for owner in OWNERS)
    # Whose cookie it sent may be logged out by now.
    others = [owner for owner in OWNERS if owner != who or who != COOKIE]
    assert all(is_stored(world, *owner, path="/thing?x=1") for owner in others)


@pytest.mark.parametrize("checks", [True, False])
@pytest.mark.parametrize("arguments", [{"verify": False}, {"data": b"x"}, {}])
def test_what_is_asked_for_in_another_way_is_invalid_too(
    world: World, checks: bool, arguments: dict[str, Any]
) -> None:
    world.says(FRESH)
    world.session.verify, world.session.trust_env = checks, False
    world.get(**arguments, refresh=True)
    assert world.get(**arguments).from_cache
    world.use()
    assert is_stored(world) is (checks and not arguments)
    world.ask("PUT", data=b"x")
    world.session.verify, world.session.trust_env = checks, False
    assert not world.get(**arguments, only_if_cached=True).from_cache


@pytest.mark.parametrize("asked", ["b=2&a=1", "a=1&b=2"])
@pytest.mark.parametrize("changed", ["b=2&a=1", "a=1&b=2"])
def test_the_order_of_parameters_does_not_matter(world: World, asked: str, changed: str) -> None:
    world.says(FRESH)
    world.get(path=f"/thing?{asked}")
    world.get(path="/thing?a=1")
    world.ask("PUT", path=f"/thing?{changed}", data=b"x")
    assert not is_stored(world, path=f"/thing?{asked}")
    assert is_stored(world, path="/thing?a=1")


@pytest.mark.parametrize("status", [303, 307, 308])
def test_each_uri_of_a_redirected_request_is_invalid(world: World, status: int) -> None:
    world.says(FRESH)
    world.says(FRESH, path="/to")
    world.get("Cookie: a=b")
    world.get("Cookie: a=b", path="/to")
    world.says("Location: /to", status=status)
    world.ask("POST", "X-CSRF-Token: 1", data=b"x", allow_redirects=True)
    assert [request.method for request in world.origin.requests[-2:]] == [
        "POST",
        "GET" if status == 303 else "POST",
    ]
    assert not is_stored(world, "Cookie: a=b")
    assert not is_stored(world, "Cookie: a=b", path="/to")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_safe_methods_of_others_invalidate_nothing(world: World, method: str) -> None:
    world.says(FRESH)
    world.get("Cookie: a=b")
    world.ask(method, "Cookie: c=d")
    assert is_stored(world, "Cookie: a=b")


def test_post_that_is_declared_safe_is_unsafe_as_another_method(world: World) -> None:
    world.use(allowable_methods=["GET", "POST"])
    world.says(FRESH)
    world.get()
    world.ask("POST", data=b"x")
    assert is_stored(world)
    world.ask("POST", "X-HTTP-Method-Override: DELETE", data=b"x")
    assert not is_stored(world)


@pytest.mark.parametrize("match_headers", [False, True])
def test_response_to_post_that_answers_get_is_found_without_its_csrf_field(
    world: World, match_headers: bool
) -> None:
    world.use(match_headers=match_headers)
    world.says(FRESH, "Content-Location: /thing", body=b"new")
    # With a cookie it could be a login, after which nothing from before is found.
    assert world.ask("POST", "X-CSRF-Token: 1", data=b"x").cache_status.stored
    assert world.get(only_if_cached=True).content == b"new"


def test_a_key_function_of_ones_own_decides_alone(world: World) -> None:
    world.use(key_fn=lambda request, **options: f"{request.method} {request.headers['X-Who']}")
    world.says(FRESH)
    world.get("X-Who: ann")
    world.get("X-Who: bob")
    world.ask("PUT", "X-Who: ann", data=b"x")
    assert not is_stored(world, "X-Who: ann")
    assert is_stored(world, "X-Who: bob")


def test_what_is_stored_after_all_else_is_invalid_is_found(world: World) -> None:
    world.use(key_fn=lambda request, **options: str(request.url))
    world.says(FRESH, "Vary: Accept")
    world.get("Accept: a/a")
    world.get("Accept: b/b", "X-HTTP-Method-Override: DELETE")
    assert not is_stored(world, "Accept: a/a")
    assert is_stored(world, "Accept: b/b")


@pytest.mark.parametrize("who", [(), ("Cookie: a=b",)])
def test_what_is_stored_for_another_host_is_not_invalid(world: World, who: tuple[str, ...]) -> None:
    world.says(FRESH)
    hosts = [(), ("Host: a.example",), ("Host: b.example",)]
    for host in hosts:
        world.get(*host)
    world.ask("PUT", *who, "Host: a.example", data=b"x")
    assert [is_stored(world, *host) for host in hosts] == [True, False, True]


def test_what_a_note_cannot_say_is_left_out(world: World) -> None:
    world.says(FRESH)
    world.get("Cookie: a=b")
    cache = world.session.cache
    (name,) = (name.removeprefix(NOTE_PREFIX) for name in cache.redirects)
    cache.write_note(name, {**cache.read_note(name), 5: None, "0" * 64: "for ever"})
    world.get("Cookie: c=d")
    world.ask("PUT", data=b"x")
    assert not any(is_stored(world, cookie) for cookie in ("Cookie: a=b", "Cookie: c=d"))


def test_variants_of_others_are_invalid_too(world: World) -> None:
    world.says(FRESH, "Vary: Accept")
    for accept in ("a/a", "b/b"):
        world.get(f"Accept: {accept}", "Cookie: a=b")
    world.ask("PUT", data=b"x")
    assert world.session.cache.response_count() == 0


def test_what_nobody_in_particular_asked_for_needs_no_note(world: World) -> None:
    world.says(FRESH)
    world.get()
    world.get(path="/thing?a=1&b=2")
    assert list(world.session.cache.redirects) == []
    world.get("Cookie: a=b")
    ends = [[e.keep_until for _, e in store.scan()] for store in stores(world)]
    assert ends == [[world.now + 100 + 86400] * 3, [world.now + 100 + 86400]]


@pytest.mark.parametrize("status", [200, 304])
@pytest.mark.parametrize("again", [("Cookie: a=b",), ("Cookie: a=b", "Accept: b/b")])
def test_a_note_lasts_as_long_as_what_it_is_about(
    world: World, again: tuple[str, ...], status: int
) -> None:
    world.says(FRESH, 'ETag: "a"', "Vary: Accept")
    world.get("Cookie: a=b", "Accept: a/a")
    world.says(FRESH, 'ETag: "a"', "Vary: Accept", status=status)
    for after in (200, 50):
        world.get(*again, after=after)
        last, (note,) = ([e.keep_until or 0 for _, e in store.scan()] for store in stores(world))
        assert note == max(last)
    world.says("Cache-Control: max-age=1", "Vary: Accept")
    world.get(*again, refresh=True)
    assert [entry.keep_until for _, entry in stores(world)[1].scan()] == [note]


def test_notes_go_with_what_they_are_about(world: World) -> None:
    world.use(expire_after=NEVER_EXPIRE)
    world.says()
    world.get("Cookie: a=b")
    world.get("Cookie: c=d")
    cache = world.session.cache
    first, second = cache.responses
    cache.delete(first)
    assert len(list(cache.redirects)) == 1
    cache.delete(second)
    # What is deleted is compared with the whole of what is there now and then.
    cache.note_evicted([])
    assert list(cache.redirects) == []


def test_keys_of_a_uri_have_a_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_cache._exchange.keying._MOST_KEYS", 3)
    world.answers(lambda request: Answer(b"x", (("Cache-Control", "max-age=100"),)))
    for number in range(5):
        world.get(f"Cookie: a={number}")
    assert world.session.cache.response_count() == 3
    assert [is_stored(world, f"Cookie: a={n}") for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
