"""Stale responses in place of waiting and of errors (RFC 5861), seen from outside."""

from __future__ import annotations

import threading

import pytest
from requests import RequestException
from requests_cache.testing.origin import Answer, Request
from world import World

WHILE = "Cache-Control: max-age=10, stale-while-revalidate=20"
ON_ERROR = "Cache-Control: max-age=10, stale-if-error=20"


def test_stale_response_is_served_while_it_is_refreshed(world: World) -> None:
    world.says(WHILE, body=b"old")
    world.get()
    world.says(WHILE, body=b"new")
    response = world.get(after=15)
    assert response.content == b"old"
    assert str(response.cache_status) == "requests-cache; hit; ttl=-5"
    world.refreshed()
    response = world.get()
    assert response.from_cache
    assert response.content == b"new"
    assert world.count == 2


def test_refresh_in_the_background_validates(world: World) -> None:
    world.says(WHILE, 'ETag: "a"')
    world.get()
    world.says(WHILE, 'ETag: "a"', status=304)
    world.get("X-Own: 1", "Authorization: mine", after=15)
    world.get("X-Own: 1", after=0)
    world.refreshed()
    assert world.asked.headers["if-none-match"] == '"a"'
    assert world.asked.headers["x-own"] == "1"
    hits = world.session.cache.stats.hits
    assert world.get().headers["Age"] == "0"
    assert world.session.cache.stats.hits == hits + 1


def test_refresh_sends_the_secrets_of_the_request(world: World) -> None:
    world.says(WHILE)
    world.get("Authorization: Basic c2VzYW1l")
    world.get("Authorization: Basic c2VzYW1l", after=15)
    world.refreshed()
    assert world.count == 2
    assert world.asked.headers["authorization"] == "Basic c2VzYW1l"


def test_refresh_asks_for_the_whole_where_the_caller_asked_for_less(world: World) -> None:
    world.says(WHILE, 'ETag: "a"', body=b"0123456789")
    world.get()
    assert world.get("Range: bytes=0-3", 'If-None-Match: "b"', after=15).content == b"0123"
    world.refreshed()
    assert "range" not in world.asked.headers
    assert world.asked.headers["if-none-match"] == '"a"'


def test_there_is_one_refresh_however_many_hits(world: World) -> None:
    world.says(WHILE)
    world.get()
    go_on = threading.Event()

    def slow(request: Request) -> Answer:
        go_on.wait(10)
        return Answer(b"new", (("Cache-Control", "max-age=10"),))

    world.answers(slow)
    assert [world.get(after=1).content for _ in range(11)][-1] == b"body"
    assert [world.get().content for _ in range(5)] == [b"body"] * 5
    go_on.set()
    world.refreshed()
    assert world.count == 2


def test_errors_of_the_refresh_are_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.says(WHILE)
    world.get()
    world.breaks()
    assert world.get(after=15).content == b"body"
    world.refreshed()
    assert "fails" in caplog.text


def test_hooks_are_not_called_for_the_refresh(world: World) -> None:
    called: list[int] = []
    world.session.hooks["response"] = [lambda r, **kwargs: called.append(r.status_code)]
    world.says(WHILE)
    world.get()
    called.clear()
    world.get(after=15)
    world.refreshed()
    assert called == [200]


def test_window_to_refresh_ends(world: World) -> None:
    world.says(WHILE)
    world.get()
    assert not world.get(after=31).from_cache


def test_setting_may_allow_to_serve_while_refreshing(world: World) -> None:
    world.use(stale_while_revalidate=20, expire_after=10)
    world.says(body=b"old")
    world.get()
    world.says(body=b"new")
    assert world.get(after=15).content == b"old"
    world.refreshed()
    assert world.get().content == b"new"


def test_refreshing_a_stream_leaves_the_caller_the_old_body(world: World) -> None:
    old = b"old" * 100_000
    world.says(WHILE, body=old)
    world.get()
    world.says(WHILE, body=b"new")
    response = world.get(after=15, stream=True)
    world.refreshed()
    assert b"".join(response.iter_content(1000)) == old
    assert world.get().content == b"new"


# Errors


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_stale_response_stands_in_for_an_error(world: World, status: int) -> None:
    world.says(ON_ERROR)
    world.get()
    world.says(status=status)
    response = world.get(after=29)
    assert response.content == b"body"
    assert response.headers["Age"] == "29"
    assert str(response.cache_status) == (
        f"requests-cache; fwd=stale; fwd-status={status}; detail=stale-if-error"
    )
    assert world.get(after=2).status_code == status


def test_stale_response_stands_in_for_a_connection_that_breaks(world: World) -> None:
    world.says(ON_ERROR)
    world.get()
    world.breaks()
    response = world.get(after=29)
    assert response.content == b"body"
    assert str(response.cache_status) == "requests-cache; fwd=stale; detail=stale-if-error"
    with pytest.raises(RequestException):
        world.get(after=2)


def test_stale_response_stands_in_for_a_body_that_is_cut_off(world: World) -> None:
    world.says(ON_ERROR)
    world.get()
    world.says(ON_ERROR, body=b"new", length=100)
    assert world.get(after=29).content == b"body"


def test_stale_response_stands_in_for_an_origin_that_is_gone(world: World) -> None:
    world.says(ON_ERROR)
    world.get()
    world.origin.__exit__()
    assert world.get(after=29).content == b"body"


def test_without_permission_the_error_is_let_through(world: World) -> None:
    world.says("Cache-Control: max-age=10")
    world.get()
    world.breaks()
    with pytest.raises(RequestException):
        world.get(after=10)
    world.says(status=503)
    assert world.get().status_code == 503


def test_setting_may_allow_stale_on_error(world: World) -> None:
    world.use(stale_if_error=True)
    world.says("Cache-Control: max-age=10")
    world.get()
    world.breaks()
    assert world.get(after=86400).content == b"body"


@pytest.mark.parametrize("directive", ["must-revalidate", "no-cache"])
def test_response_may_forbid_stale_on_error(world: World, directive: str) -> None:
    world.use(stale_if_error=True)
    world.says(f"Cache-Control: max-age=10, {directive}", 'ETag: "a"')
    world.get()
    world.says(status=503)
    assert world.get(after=20).status_code == 503
    world.breaks()
    with pytest.raises(RequestException):
        world.get()


def test_client_error_is_no_failure_of_the_server(world: World) -> None:
    world.says(ON_ERROR)
    world.get()
    world.says(status=404)
    assert world.get(after=15).status_code == 404


def test_hooks_are_called_once_for_what_stands_in(world: World) -> None:
    called: list[int] = []
    world.session.hooks["response"] = [lambda r, **kwargs: called.append(r.status_code)]
    world.says(ON_ERROR)
    world.get()
    world.says(status=503)
    world.get(after=15)
    assert called == [200, 200]
