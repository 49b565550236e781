"""What is stored (RFC 9111, section 3), seen from outside."""

from __future__ import annotations

from typing import Any

import pytest
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests_cache import EXPIRE_IMMEDIATELY
from requests_cache.testing.origin import Answer
from world import World

FRESH = "Cache-Control: max-age=100"


@pytest.mark.parametrize("status", [200, 203, 204, 404, 410, 301, 308])
def test_statuses_with_a_lifetime_are_stored(world: World, status: int) -> None:
    world.says(FRESH, status=status)
    world.get()
    response = world.get()
    assert response.from_cache
    assert response.status_code == status


@pytest.mark.parametrize("status", [201, 302, 403, 500])
def test_statuses_without_lifetime_are_not_stored(world: World, status: int) -> None:
    world.says('ETag: "a"', status=status)
    world.get()
    assert not world.get().from_cache
    assert "if-none-match" not in world.asked.headers


@pytest.mark.parametrize("directive", ["no-store", "no-store, max-age=100", "max-age=1, No-Store"])
def test_no_store_leaves_nothing_in_the_store(world: World, directive: str) -> None:
    world.says(f"Cache-Control: {directive}")
    response = world.get()
    assert response.cache_status.detail == "no-store"
    assert world.session.cache.response_count() == 0


def test_private_response_is_stored_because_the_cache_is_private(world: World) -> None:
    world.says("Cache-Control: private, max-age=100")
    world.get()
    assert world.get().from_cache


def test_no_cache_response_is_validated_at_each_use(world: World) -> None:
    world.says("Cache-Control: no-cache, max-age=100", 'ETag: "a"')
    world.get()
    world.says('ETag: "a"', status=304)
    for _ in range(2):
        response = world.get()
        assert response.revalidated
        assert response.content == b"body"


def test_fields_named_by_no_cache_come_only_with_a_validation(world: World) -> None:
    lines = ['Cache-Control: no-cache="x-secret", max-age=100', "X-Secret: 1", 'ETag: "a"']
    world.says(*lines)
    assert world.get().headers["X-Secret"] == "1"
    assert "X-Secret" not in world.get().headers
    world.says(*lines, status=304)
    assert world.get(after=100).headers["X-Secret"] == "1"


def test_must_understand_lifts_no_store(world: World) -> None:
    world.says("Cache-Control: no-store, must-understand, max-age=100")
    world.get()
    assert world.get().from_cache


def test_fields_of_the_connection_are_not_stored(world: World) -> None:
    world.says(FRESH, "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "X: 2")
    assert world.get().headers["X-Hop"] == "1"
    headers = world.get().headers
    assert headers["X"] == "2"
    assert not {"X-Hop", "Connection", "Keep-Alive"} & set(headers)


def test_response_to_post_is_not_stored(world: World) -> None:
    world.says(FRESH)
    world.ask("POST", data=b"x")
    assert str(world.ask("POST", data=b"x").cache_status) == (
        "requests-cache; fwd=method; fwd-status=200; detail=pass-through"
    )
    assert not world.get().from_cache


def test_response_to_post_that_is_what_get_would_give_answers_get(world: World) -> None:
    world.says(FRESH, f"Content-Location: {world.origin.url('/thing')}", body=b"made")
    assert world.ask("POST", data=b"x").cache_status.stored
    response = world.get()
    assert response.from_cache
    assert response.content == b"made"
    assert response.request.method == "GET"
    assert response.request.body is None


def test_response_to_post_replaces_what_get_had(world: World) -> None:
    lines = [FRESH, "Vary: Accept"]
    world.says(*lines, body=b"old")
    world.get("Accept: a/a")
    world.says(*lines, f"Content-Location: {world.origin.url('/thing')}", body=b"made")
    world.ask("POST", "Accept: b/b", data=b"x")
    assert world.session.cache.response_count() == 1
    response = world.get("Accept: b/b")
    assert response.from_cache
    assert response.content == b"made"


def test_body_that_is_cut_off_is_not_stored(world: World) -> None:
    world.says(FRESH, body=b"half", length=8)
    with pytest.raises(RequestException):
        world.get()
    assert world.session.cache.response_count() == 0


def test_streamed_body_that_is_cut_off_is_not_stored(world: World) -> None:
    world.says(FRESH, body=b"half", length=8)
    response = world.get(stream=True)
    with pytest.raises(RequestException):
        list(response.iter_content(2))
    assert world.session.cache.response_count() == 0


class Careless(HTTPAdapter):
    """A transport that does not count octets, as that of urllib3 before 2."""

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        resp.enforce_content_length = False
        return super().build_response(req, resp)


def test_body_that_is_shorter_than_announced_is_not_stored(world: World) -> None:
    world.session.mount("http://", Careless())
    world.says(FRESH, body=b"half", length=8)
    response = world.get()
    assert response.content == b"half"
    assert response.cache_status.detail == "incomplete"
    assert world.session.cache.response_count() == 0


def test_body_that_a_hook_has_decoded_is_stored(world: World) -> None:
    world.use(expire_after=100)
    read: list[bytes] = []
    hooks = {"response": lambda response, **options: read.append(response.content)}
    world.get(path="/gzip", hooks=hooks)
    assert world.get(path="/gzip").content == read[0]
    assert world.count == 1


def test_body_in_chunks_is_stored(world: World) -> None:
    world.answers(
        lambda request: Answer(iter([b"one ", b"two"]), (("Cache-Control", "max-age=9"),))
    )
    world.get()
    response = world.get()
    assert response.from_cache
    assert response.content == b"one two"
    assert "Transfer-Encoding" not in response.headers


def test_what_has_neither_lifetime_nor_validator_is_not_stored(world: World) -> None:
    world.use(expire_after=EXPIRE_IMMEDIATELY)
    world.says()
    assert world.get().cache_status.detail == "no lifetime and no validator"
    assert world.session.cache.response_count() == 0


def test_a_new_response_replaces_the_old_one(world: World) -> None:
    world.says(FRESH, body=b"old")
    world.get()
    world.says(FRESH, body=b"new")
    world.get(after=100)
    assert world.get().content == b"new"
    assert world.session.cache.response_count() == 1


@pytest.mark.parametrize("line", ["Cache-Control: no-store", FRESH])
def test_a_new_response_that_may_not_be_stored_removes_the_old_one(world: World, line: str) -> None:
    world.says(FRESH, body=b"old")
    world.get()
    world.says(line, body=b"newer")
    world.session.cache.max_response_size = 3
    assert world.get(refresh=True).cache_status.stored is False
    assert world.session.cache.response_count() == 0
