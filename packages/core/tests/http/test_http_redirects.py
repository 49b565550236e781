"""Redirects, each a response of its own (RFC 9110, section 15.4), seen from outside."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from requests import Response, TooManyRedirects
from requests_cache.testing.origin import Answer, Request
from world import World

FRESH = "Cache-Control: max-age=100"


def trail(response: Response) -> list[tuple[int, str]]:
    """Give status and path of a response and of all on the way to it."""
    return [(r.status_code, urlsplit(r.url).path) for r in (*response.history, response)]


@pytest.fixture
def moved(world: World) -> World:
    """Give a world with two redirects that may be stored, and what they lead to."""
    world.says("Location: /two", path="/one", status=301, body=b"to two")
    world.says("Location: /three", path="/two", status=308, body=b"to three")
    world.says(FRESH, path="/three", body=b"here")
    world.use(expire_after=100)
    return world


def test_permanent_redirects_are_followed_from_the_cache(moved: World) -> None:
    first, second = moved.get(path="/one"), moved.get(path="/one")
    assert moved.count == 3
    assert trail(first) == trail(second) == [(301, "/one"), (308, "/two"), (200, "/three")]
    assert second.from_cache
    assert [hop.from_cache for hop in second.history] == [True, True]
    assert [hop.content for hop in second.history] == [b"to two", b"to three"]
    assert second.content == b"here"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_redirect_that_states_no_lifetime_is_asked_again(world: World, status: int) -> None:
    world.says("Location: /two", path="/one", status=status)
    world.says(FRESH, path="/two")
    world.use(expire_after=100)
    for _ in range(2):
        response = world.get(path="/one")
        assert trail(response) == [(status, "/one"), (200, "/two")]
    assert response.from_cache
    assert not response.history[0].from_cache
    assert world.origin.count("/one") == 2
    assert world.origin.count("/two") == 1


@pytest.mark.parametrize("status", [302, 303, 307])
def test_redirect_that_states_a_lifetime_is_stored(world: World, status: int) -> None:
    world.says(FRESH, "Location: /two", path="/one", status=status)
    world.says(FRESH, path="/two")
    world.get(path="/one")
    assert world.get(path="/one").history[0].from_cache
    assert world.get(path="/one", after=100).history[0].from_cache is False


def test_redirect_is_answered_with_the_request_that_comes_next(moved: World) -> None:
    first = moved.get(path="/one", allow_redirects=False)
    second = moved.get(path="/one", allow_redirects=False)
    assert not first.from_cache
    assert second.from_cache
    for response in (first, second):
        assert trail(response) == [(301, "/one")]
        assert response.next.url == moved.origin.url("/two")


def test_what_a_redirect_leads_to_comes_when_its_caller_reads_it(moved: World) -> None:
    response = moved.get(path="/one", stream=True)
    assert not response.cache_status.stored
    assert response.content == b"here"
    assert response.cache_status.stored


def test_stale_target_is_fetched_behind_a_stored_redirect(moved: World) -> None:
    moved.get(path="/one")
    moved.says(FRESH, path="/three", body=b"new")
    assert moved.get(path="/one", refresh=False, after=50).content == b"here"
    moved.session.cache.delete(urls=[moved.origin.url("/three")])
    response = moved.get(path="/one")
    assert response.content == b"new"
    assert [hop.from_cache for hop in response.history] == [True, True]


def test_308_keeps_method_and_body(world: World) -> None:
    world.says(FRESH, "Location: /echo", path="/one", status=308)
    response = world.ask("POST", path="/one", data=b"kept")
    assert trail(response) == [(308, "/one"), (200, "/echo")]
    assert response.json()["method"] == "POST"
    assert response.json()["body"] == "kept"


def test_303_after_post_is_a_get_that_the_cache_may_answer(world: World) -> None:
    world.says(FRESH, path="/two", body=b"there")
    world.get(path="/two")
    world.says("Location: /two#part", path="/one", status=303)
    # The success of POST invalidates what its Location names, so it is fetched anew.
    response = world.ask("POST", path="/one", data=b"x")
    assert response.content == b"there"
    assert response.request.method == "GET"
    assert world.get(path="/two").from_cache


def test_redirects_without_end_are_an_error(world: World) -> None:
    world.says(FRESH, "Location: /one", path="/one", status=301)
    with pytest.raises(TooManyRedirects):
        world.get(path="/one")
    assert world.count == 1


@pytest.mark.parametrize("cleared", [False, True])
def test_a_redirect_to_where_it_came_from_that_sets_a_cookie_is_followed_once(
    world: World, cleared: bool
) -> None:
    def answer(request: Request) -> Answer:
        if "ok=1" in request.headers.get("cookie", ""):
            return Answer(b"here", (("Cache-Control", "max-age=100"),))
        fields = ("Cache-Control", "max-age=100"), ("Location", "/one"), ("Set-Cookie", "ok=1")
        return Answer(b"", fields, 302)

    world.answers(answer, "/one")
    for _ in range(3):
        assert world.get(path="/one").content == b"here"
        if cleared:
            world.session.cookies.clear()
    assert cleared or world.count == 2


def test_redirect_is_not_stored_without_the_secret_that_it_leads_to(world: World) -> None:
    world.says(FRESH, "Location: /echo?token=sesame", path="/one", status=301)
    for _ in range(2):
        response = world.get(path="/one")
        assert response.json()["query"] == {"token": "sesame"}
        assert response.history[0].cache_status.detail == "secret-in-location"
    assert world.origin.count("/one") == 2


def test_cookies_on_the_way_are_set(world: World) -> None:
    world.says(FRESH, "Location: /two", "Set-Cookie: way=on", path="/one", status=301)
    world.says(FRESH, path="/two")
    world.get(path="/one")
    world.session.cookies.clear()
    world.get(path="/one")
    assert world.session.cookies["way"] == "on"
