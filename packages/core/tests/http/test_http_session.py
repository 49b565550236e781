"""A session that follows HTTP is still a session: hooks, cookies, streams, credentials, stores."""

from __future__ import annotations

from io import BytesIO

import pytest
from requests import Response
from requests_cache import EXPIRE_IMMEDIATELY
from requests_cache.backends.base import BaseCache
from requests_cache.errors import StorageUnavailableError
from requests_cache.testing.origin import Answer, Request
from world import World

FRESH = "Cache-Control: max-age=100"
TAG = 'ETag: "a"'


def test_hooks_are_called_once_for_each_answer(world: World) -> None:
    seen: list[int] = []

    def note(response: Response, **options: object) -> None:
        seen.append(response.status_code)

    world.session.hooks["response"] = [note]
    world.says(FRESH, TAG)
    world.get()
    world.get()
    world.says(FRESH, TAG, status=304)
    world.get(after=100)
    world.ask("HEAD", after=100)
    world.says(FRESH, 'ETag: "b"')
    world.get(after=100)
    world.ask("HEAD", after=100)
    world.get(force_refresh=True)
    assert seen == [200] * 7


def test_hook_that_changes_the_answer_is_obeyed(world: World) -> None:
    def replace(response: Response, **options: object) -> Response:
        changed = Response()
        changed.status_code = 299
        return changed

    world.says(FRESH)
    world.get()
    assert world.get(hooks={"response": replace}).status_code == 299


def test_hooks_are_called_once_where_parts_are_joined(world: World) -> None:
    seen: list[int] = []
    fields = (("Cache-Control", "max-age=9"), ("ETag", '"a"'))

    def answer(request: Request) -> Answer:
        spans = {"bytes=0-3": (b"0123", "0-3"), "bytes=4-": (b"456789", "4-9")}
        body, span = spans[request.headers["range"]]
        return Answer(body, (*fields, ("Content-Range", f"bytes {span}/10")), 206)

    world.answers(answer)
    world.get("Range: bytes=0-3")
    hooks = {"response": lambda response, **options: seen.append(response.status_code)}
    assert world.get(hooks=hooks).content == b"0123456789"
    assert seen == [200]


def test_cookies_of_a_stored_response_are_set_again(world: World) -> None:
    world.session.settings.replay_cookies = True
    world.says(FRESH, "Set-Cookie: one=1", "Set-Cookie: two=2")
    world.get()
    world.session.cookies.clear()
    response = world.get()
    assert response.from_cache
    assert dict(response.cookies) == dict(world.session.cookies) == {"one": "1", "two": "2"}


def test_streamed_response_is_stored_when_it_has_been_read(world: World) -> None:
    body = b"0123456789" * 10_000
    world.says(FRESH, body=body)
    response = world.get(stream=True)
    assert not response.from_cache
    assert b"".join(response.iter_content(1000)) == body
    response = world.get(stream=True)
    assert response.from_cache
    assert b"".join(response.iter_content(1000)) == body


def test_streamed_response_that_is_given_up_is_not_stored(world: World) -> None:
    world.says(FRESH, body=b"0123456789" * 10_000)
    response = world.get(stream=True)
    next(response.iter_content(10))
    response.close()
    assert world.session.cache.response_count() == 0


def test_streamed_response_is_validated(world: World) -> None:
    body = b"0123456789" * 10_000
    world.says(FRESH, TAG, body=body)
    world.get()
    world.says(FRESH, TAG, status=304)
    response = world.get(after=100, stream=True)
    assert response.revalidated
    assert b"".join(response.iter_content(1000)) == body
    assert world.get().content == body


def test_variant_made_by_a_304_while_streaming_has_its_own_body(world: World) -> None:
    body = b"0123456789" * 10_000
    lines = [FRESH, "Vary: Accept", TAG]
    world.says(*lines, body=body)
    world.get("Accept: a/a")
    world.says(*lines, status=304)
    for _ in range(2):
        response = world.get("Accept: b/b", stream=True)
        assert b"".join(response.iter_content(1000)) == body
    assert world.get("Accept: a/a").content == body
    assert world.count == 2


def test_coded_body_is_kept_as_it_came(world: World) -> None:
    world.use(expire_after=100)
    first, second = world.get(path="/gzip"), world.get(path="/gzip")
    assert second.from_cache
    assert second.content == first.content
    raw = world.get(path="/gzip", stream=True).raw.read(decode_content=False)
    assert len(raw) == int(first.headers["Content-Length"])


# Credentials


def test_credentials_have_caches_of_their_own(world: World) -> None:
    world.says(FRESH)
    world.get("Authorization: one")
    assert world.get("Authorization: one").from_cache
    assert not world.get("Authorization: two").from_cache
    assert not world.get().from_cache


def test_secrets_are_not_stored_and_validation_works_without_them(world: World) -> None:
    world.says(FRESH, TAG, "Content-Location: /thing?token=sesame", "Link: </x?api_key=sesame>")
    path = "/thing?token=sesame"
    world.get("Authorization: Bearer sesame", path=path)
    world.says(FRESH, TAG, "Link: </y?api_key=sesame>", status=304)
    response = world.get("Authorization: Bearer sesame", path=path, after=100)
    assert response.revalidated
    assert world.asked.query == {"token": "sesame"}
    response = world.get("Authorization: Bearer sesame", path=path)
    assert response.from_cache
    assert response.headers["Link"] == "</y?api_key=sesame>"
    for _, entry in world.session.cache.responses.scan(bodies=True):
        assert b"sesame" not in entry.head


def test_response_to_post_is_stored_without_the_secrets_of_its_body(world: World) -> None:
    world.says(FRESH, f"Content-Location: {world.origin.url('/thing')}")
    world.ask("POST", data={"password": "sesame"})
    assert world.get().from_cache
    for _, entry in world.session.cache.responses.scan(bodies=True):
        assert b"sesame" not in entry.head


def test_post_whose_body_is_read_only_once_is_sent(world: World) -> None:
    world.says(FRESH)
    response = world.ask("POST", data=iter([b"x"]), path="/echo")
    assert response.status_code == 200


def test_body_that_can_be_read_only_once_has_no_key(world: World) -> None:
    class Once(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    world.use(allowable_methods=["PUT"])
    world.says(FRESH)
    response = world.ask("PUT", data=Once(b"x"))
    assert response.cache_status.detail == "body-not-repeatable"


# The store


def test_deleting_by_url_deletes_all_variants(world: World) -> None:
    world.says(FRESH, "Vary: Accept")
    path = "/thing?b=2&a=1"
    world.get("Accept: a/a", path=path)
    world.get("Accept: b/b", path=path)
    url = world.origin.url(path)
    assert world.session.cache.contains(url=url)
    world.session.cache.delete(urls=[url])
    assert world.session.cache.response_count() == 0


def test_store_that_fails_is_gone_without(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.says(FRESH)
    world.get()

    def fail(*args: object, **kwargs: object) -> None:
        raise StorageUnavailableError("not there")

    for name in ("read", "read_many", "write", "rewrite_head", "bulk_delete", "open_body"):
        monkeypatch.setattr(world.session.cache.responses, name, fail)
    response = world.get(after=1)
    assert not response.from_cache
    assert response.content == b"body"
    assert not response.cache_status.stored
    monkeypatch.undo()


def test_store_that_fails_while_writing_leaves_the_answer_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.says(FRESH, TAG)
    world.get()

    def fail(*args: object, **kwargs: object) -> None:
        raise StorageUnavailableError("not there")

    monkeypatch.setattr(world.session.cache.responses, "rewrite_head", fail)
    world.says(FRESH, TAG, status=304)
    response = world.get(after=100)
    assert response.content == b"body"
    assert not response.cache_status.stored


def test_simple_session_does_not_take_what_does_not_answer_it(world: World) -> None:
    """Sessions of both kinds may share a store; a part or a HEAD is not the answer to GET."""
    world.says(FRESH, "Content-Range: bytes 0-3/10", body=b"0123", status=206)
    world.get("Range: bytes=0-3")
    world.says(FRESH, path="/head")
    world.ask("HEAD", path="/head")
    world.says(FRESH, path="/whole")
    world.get(path="/whole")
    simple = world.use(cache_control=False)
    world.says(FRESH, body=b"0123456789")
    assert simple.get(world.origin.url("/thing")).content == b"0123456789"
    assert simple.get(world.origin.url("/head")).content == b"body"
    assert simple.get(world.origin.url("/whole")).from_cache


def test_what_a_simple_session_stored_is_validated(world: World) -> None:
    simple = world.use(cache_control=False)
    world.says(TAG, "Vary: Accept-Language")
    simple.get(world.origin.url("/thing"), headers={"Accept-Language": "de"})
    world.use(expire_after=EXPIRE_IMMEDIATELY)
    world.says(TAG, "Vary: Accept-Language", status=304)
    response = world.get("Accept-Language: de")
    assert response.revalidated
    assert response.content == b"body"
    simple = world.use(cache_control=False)
    assert simple.get(world.origin.url("/thing"), headers={"Accept-Language": "de"}).from_cache


@pytest.mark.parametrize("lines", [(), (TAG,), ("Vary: Accept",), ("Cache-Control: max-age=9",)])
def test_no_store_holds_whoever_stored_the_response(world: World, lines: tuple[str, ...]) -> None:
    world.use(cache_control=False)
    world.says("Cache-Control: no-store, stale-if-error=99", *lines)
    world.get()
    world.use(cache_control=True, stale_if_error=True)
    response = world.get()
    assert not response.from_cache
    assert response.cache_status.fwd == "vary-miss"
    assert "if-none-match" not in world.asked.headers
    # The answer that may not be stored takes the place of the one that should not have been.
    assert world.session.cache.response_count() == 0


def test_no_store_holds_when_the_origin_fails(world: World) -> None:
    world.use(cache_control=False)
    world.says("Cache-Control: no-store")
    world.get()
    world.use(cache_control=True, stale_if_error=True)
    world.says(status=500)
    assert world.get().status_code == 500


def test_sessions_of_both_kinds_may_share_one_cache_object(world: World) -> None:
    cache = BaseCache()
    world._make_cache = lambda: cache
    world.says(FRESH)
    world.use(cache_control=False)
    world.get()
    world.use(cache_control=True)
    assert world.get().from_cache
