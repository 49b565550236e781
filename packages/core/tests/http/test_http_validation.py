"""Asking the origin whether a stored response still holds (RFC 9111, section 4.3)."""

from __future__ import annotations

import pytest
from requests_cache._exchange import heads
from world import World

FRESH = "Cache-Control: max-age=100"
TAG = 'ETag: "a"'


def test_stale_response_is_validated_with_both_validators(world: World) -> None:
    modified = world.date(-1000)
    world.says(FRESH, TAG, f"Last-Modified: {modified}")
    world.get()
    world.says(FRESH, TAG, status=304)
    response = world.get(after=100)
    assert world.asked.headers["if-none-match"] == '"a"'
    assert world.asked.headers["if-modified-since"] == modified
    assert response.from_cache
    assert response.revalidated
    assert (response.status_code, response.reason, response.content) == (200, "OK", b"body")
    assert str(response.cache_status) == "requests-cache; fwd=stale; fwd-status=304; stored"


def test_304_starts_a_new_lifetime(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    end = world.get(after=100).expires_unix
    response = world.get(after=99)
    assert response.from_cache
    assert not response.revalidated
    assert response.headers["Age"] == "99"
    assert response.expires_unix == end == world.now + 1


def test_304_updates_the_stored_fields_but_not_those_of_the_body(world: World) -> None:
    world.says(FRESH, TAG, "Content-Type: a/b", "X-Kept: 1", "X-Two: 1", "X-Two: 2")
    world.get()
    world.says(FRESH, TAG, "Content-Encoding: br", "X-New: 2", "X-Two: 3", status=304)
    for response in (world.get(after=100), world.get()):
        assert response.headers["Content-Type"] == "a/b"
        assert response.headers["Content-Length"] == "4"
        assert "Content-Encoding" not in response.headers
        assert [response.headers[name] for name in ("X-Kept", "X-New", "X-Two")] == ["1", "2", "3"]
        assert response.content == b"body"


def test_a_304_that_sets_cookies_sets_those_of_the_jar(world: World) -> None:
    world.says(FRESH, TAG, "Set-Cookie: session=old")
    world.get()
    world.says(FRESH, TAG, "Set-Cookie: session=new", status=304)
    for after in (100, 0):
        response = world.get(after=after)
        assert response.from_cache
        assert response.cookies["session"] == world.session.cookies["session"] == "new"


def test_full_response_replaces_the_stale_one(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, 'ETag: "b"', body=b"changed")
    response = world.get(after=100)
    assert not response.from_cache
    assert response.content == b"changed"
    assert world.get().content == b"changed"


def test_weak_tags_validate_too(world: World) -> None:
    world.says(FRESH, 'ETag: W/"a"')
    world.get()
    world.says(FRESH, 'ETag: W/"a"', status=304)
    assert world.get(after=100).revalidated
    assert world.asked.headers["if-none-match"] == 'W/"a"'


def test_304_with_the_strong_form_of_a_weak_tag_answers_and_updates_nothing(world: World) -> None:
    world.says(FRESH, 'ETag: W/"a"')
    world.get()
    world.says(FRESH, 'ETag: "a"', "X-New: 1", status=304)
    for _ in range(3):
        response = world.get(after=100)
        assert response.revalidated
        assert (response.status_code, response.content) == (200, b"body")
        assert "X-New" not in response.headers
        assert not response.cache_status.stored
    assert world.count == 4


def test_304_with_a_tag_confirms_what_was_asked_about_by_its_date(world: World) -> None:
    world.says(FRESH, f"Last-Modified: {world.date(-1000)}")
    world.get()
    world.says(FRESH, 'ETag: "later"', status=304)
    assert world.get(after=100).revalidated
    assert world.count == 2


def test_304_that_names_another_tag_is_asked_again(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, 'ETag: "other"', status=304)
    response = world.get(after=100)
    assert "if-none-match" not in world.asked.headers
    assert world.count == 3
    assert response.status_code == 304


def test_stored_response_that_a_304_forbids_to_store_is_served_once_more(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says("Cache-Control: no-store", TAG, status=304)
    response = world.get(after=100)
    assert (response.status_code, response.content) == (200, b"body")
    assert not response.cache_status.stored
    assert world.session.cache.response_count() == 0


# The caller's own conditions


def test_caller_gets_304_from_the_cache(world: World) -> None:
    world.says(FRESH, TAG, "Content-Type: a/b")
    world.get()
    response = world.get('If-None-Match: "x", "a"')
    assert response.from_cache
    assert (response.status_code, response.reason, response.content) == (304, "Not Modified", b"")
    assert response.headers["ETag"] == '"a"'
    assert "Content-Length" not in response.headers
    assert world.get().content == b"body"


def test_caller_gets_304_by_date_from_the_cache(world: World) -> None:
    world.says(FRESH, f"Last-Modified: {world.date(-1000)}")
    world.get()
    assert world.get(f"If-Modified-Since: {world.date(-10)}").status_code == 304
    assert world.get(f"If-Modified-Since: {world.date(-2000)}").status_code == 200
    assert world.count == 1


def test_condition_that_fails_gets_the_stored_response(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    response = world.get('If-None-Match: "other"')
    assert response.from_cache
    assert response.content == b"body"


def test_condition_on_an_empty_cache_is_the_origins(world: World) -> None:
    world.says(TAG, status=304)
    response = world.get('If-None-Match: "a"')
    assert response.status_code == 304
    assert world.asked.headers["if-none-match"] == '"a"'
    assert world.session.cache.response_count() == 0


def test_callers_tag_is_sent_with_ours(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    response = world.get('If-None-Match: "mine"', after=100)
    assert world.asked.headers["if-none-match"] == '"mine", "a"'
    assert (response.status_code, response.content) == (200, b"body")


def test_304_for_the_callers_tag_is_the_callers(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says('ETag: "mine"', status=304)
    response = world.get('If-None-Match: "mine"', after=100)
    assert response.status_code == 304
    assert not response.from_cache
    world.says(FRESH, TAG, status=304)
    assert world.get().content == b"body"


def test_conditions_for_the_origin_are_forwarded(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(status=412)
    assert world.get('If-Match: "other"').status_code == 412
    assert world.asked.headers["if-match"] == '"other"'
    assert world.get().content == b"body"


# HEAD


def test_head_is_answered_from_a_response_to_get(world: World) -> None:
    world.says(FRESH, "Content-Type: a/b")
    world.get()
    response = world.ask("HEAD")
    assert response.from_cache
    assert response.content == b""
    assert response.headers["Content-Length"] == "4"
    assert response.headers["Content-Type"] == "a/b"
    assert response.request.method == "HEAD"
    assert world.get().content == b"body"


def test_head_of_a_coded_response_has_no_body(world: World) -> None:
    path = "/gzip"
    world.use(expire_after=100)
    body = world.get(path=path).content
    assert world.ask("HEAD", path=path).content == b""
    assert world.get(path=path).content == body
    assert world.count == 1


def test_response_to_head_does_not_answer_get(world: World) -> None:
    world.says(FRESH)
    world.ask("HEAD")
    assert world.ask("HEAD").from_cache
    response = world.get()
    assert not response.from_cache
    assert response.content == b"body"
    assert world.get().from_cache
    assert world.ask("HEAD").from_cache


def test_head_that_agrees_updates_the_response_to_get(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, "X-New: 1")
    world.ask("HEAD", after=100)
    response = world.get(after=99)
    assert response.from_cache
    assert response.headers["X-New"] == "1"
    assert response.content == b"body"


def test_head_that_disagrees_removes_the_response_to_get(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, 'ETag: "b"')
    world.ask("HEAD", refresh=True)
    response = world.get()
    assert not response.from_cache
    assert response.headers["ETag"] == '"b"'


def test_304_to_head_freshens_the_response_to_get(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    assert world.ask("HEAD", after=100).status_code == 200
    response = world.get()
    assert response.from_cache
    assert response.content == b"body"


def test_answer_shows_the_request_without_the_conditions_of_the_cache(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, 'ETag: "b"', body=b"changed")
    first = world.get('If-None-Match: "mine"', after=100)
    assert world.asked.headers["if-none-match"] == '"mine", "a"'
    assert first.request.headers["If-None-Match"] == '"mine"'
    world.says(FRESH, 'ETag: "c"', body=b"changed again")
    second = world.get(after=100)
    assert world.asked.headers["if-none-match"] == '"b"'
    assert "If-None-Match" not in second.request.headers
    assert "If-None-Match" not in world.get().request.headers


@pytest.mark.parametrize(
    "said",
    [
        "X-New: 1",
        "Set-Cookie: a=1",
        "Location: /back?token=secret",
        "Content-Encoding: gzip",
        "Vary: Accept",
        "Content-Type: text/html",
        "Cache-Control: no-cache",
        "Connection: close, X-Kept",
    ],
)
@pytest.mark.parametrize("stored", ["X-Kept: 1", "Content-Encoding: x-unknown", "Vary: Accept"])
def test_what_a_304_has_written_is_described_as_it_is_stored(
    said: str, stored: str, world: World
) -> None:
    world.says("Cache-Control: max-age=0", TAG, stored)
    world.get("Accept: text/html")
    world.says(TAG, said, status=304)
    for _ in range(2):
        assert world.get("Accept: text/html", after=5).revalidated
        for response in world.session.cache.responses.values():
            remembered = heads.stored_head(response, response.request.url)
            heads._described.clear()
            assert heads.stored_head(response, response.request.url) == remembered
