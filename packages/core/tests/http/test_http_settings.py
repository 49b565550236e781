"""What settings do under HTTP: the table in docs/http-semantics.md, row by row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from requests import Response
from requests_cache import DO_NOT_CACHE, EXPIRE_IMMEDIATELY, NEVER_EXPIRE
from requests_cache.testing.origin import Answer
from world import World

FRESH = "Cache-Control: max-age=100"
TAG = 'ETag: "a"'

# Lifetimes


def test_expire_after_holds_for_responses_that_say_nothing(world: World) -> None:
    world.use(expire_after=50)
    world.says()
    world.get()
    assert world.get(after=49).from_cache
    assert not world.get(after=1).from_cache


@pytest.mark.parametrize("stated", ["Cache-Control: max-age=10", "Expires: {10}"])
def test_expire_after_is_weaker_than_what_a_response_says(world: World, stated: str) -> None:
    world.use(expire_after=50)
    world.says(stated.replace("{10}", world.date(10)))
    world.get()
    assert world.get(after=9).from_cache
    assert not world.get(after=1).from_cache


def test_expire_after_is_weaker_than_the_heuristic(world: World) -> None:
    world.use(expire_after=50)
    world.says(f"Last-Modified: {world.date(-100)}")
    world.get()
    assert not world.get(after=10).from_cache


def test_expire_after_is_only_for_statuses_that_need_no_stated_lifetime(world: World) -> None:
    world.use(expire_after=50)
    world.says(TAG, status=403)
    world.get()
    assert not world.get().from_cache


@pytest.mark.parametrize("options", [{}, {"expire_after": None}, {"expire_after": NEVER_EXPIRE}])
@pytest.mark.parametrize("lines", [(), (TAG,)])
def test_without_expire_after_a_response_that_says_nothing_is_kept_for_ever(
    world: World, options: dict[str, object], lines: tuple[str, ...]
) -> None:
    world.use(**options)
    world.says(*lines)
    world.get()
    response = world.get(after=1e9)
    assert response.from_cache
    assert response.expires is None
    assert world.count == 1


@pytest.mark.parametrize(
    "stated", ["Cache-Control: max-age=10", "Expires: {10}", "Last-Modified: {-100}"]
)
def test_without_expire_after_what_a_response_says_holds(world: World, stated: str) -> None:
    world.says(stated.replace("{10}", world.date(10)).replace("{-100}", world.date(-100)))
    world.get()
    assert world.get(after=9).from_cache
    assert not world.get(after=2).from_cache


def test_without_expire_after_no_lifetime_is_guessed_for_other_statuses(world: World) -> None:
    world.says(TAG, status=403)
    world.get()
    assert not world.get().from_cache


def test_with_a_lifetime_of_nothing_a_response_is_validated_before_each_use(world: World) -> None:
    world.use(expire_after=EXPIRE_IMMEDIATELY)
    world.says(TAG)
    world.get()
    world.says(TAG, status=304)
    for _ in range(2):
        assert world.get().revalidated
    assert world.count == 3


@pytest.mark.parametrize("how", ["request", "url"])
def test_specific_lifetime_replaces_what_the_response_says(world: World, how: str) -> None:
    world.use(urls_expire_after={"*/thing": 50} if how == "url" else None)
    options = {"expire_after": 50} if how == "request" else {}
    world.says("Cache-Control: max-age=10", "Expires: 0")
    world.get(**options)
    assert world.get(after=49, **options).from_cache
    assert not world.get(after=1, **options).from_cache


@pytest.mark.parametrize("how", ["session", "request", "url"])
def test_an_end_that_is_given_as_a_time_is_the_same_whenever_it_is_stored(
    world: World, how: str
) -> None:
    end = datetime.fromtimestamp(world.now + 100, UTC)
    world.use(
        expire_after=end if how == "session" else None,
        urls_expire_after={"*/bytes/*": end} if how == "url" else None,
        stale_if_error=30,
    )
    options = {"expire_after": end} if how == "request" else {}
    world.get(path="/bytes/1", **options)
    world.get(path="/bytes/3", **options)
    world.get(path="/bytes/2", after=60, **options)
    for path in ("/bytes/1", "/bytes/2"):
        assert world.get(path=path, after=19, **options).from_cache
    for path, after in (("/bytes/1", 2), ("/bytes/2", 0)):
        assert not world.get(path=path, after=after, **options).from_cache
        # What is stored after the end is stale at once.
        assert not world.get(path=path, **options).from_cache
    world.origin.failing = True
    assert world.get(path="/bytes/3", after=29, **options).from_cache
    assert world.get(path="/bytes/3", after=2, **options).status_code == 500


def test_a_setting_that_is_changed_holds_from_the_next_call_on(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    assert world.get(after=1).from_cache
    world.session.settings.always_revalidate = True
    world.says(TAG, status=304)
    assert world.get().revalidated
    world.session.settings.always_revalidate = False
    assert not world.get().revalidated


def test_specific_lifetime_is_remembered_with_the_response(world: World) -> None:
    world.says("Cache-Control: max-age=10")
    world.get(expire_after=50)
    assert world.get(after=49).from_cache


def test_specific_lifetime_is_remembered_until_the_response_is_validated(world: World) -> None:
    world.says("Cache-Control: max-age=10", TAG)
    world.get(expire_after=50)
    world.says("Cache-Control: max-age=10", TAG, status=304)
    assert world.get(after=50).revalidated
    assert not world.get(after=9).revalidated
    assert world.get(after=1).revalidated


def test_specific_lifetime_of_nothing_validates_each_time(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    assert world.get(expire_after=EXPIRE_IMMEDIATELY).revalidated


@pytest.mark.parametrize("directive", ["no-store", "no-cache"])
def test_specific_lifetime_is_weaker_than(world: World, directive: str) -> None:
    world.says(f"Cache-Control: {directive}", TAG)
    world.get(expire_after=50)
    assert not world.get(expire_after=50).from_cache


def test_specific_lifetime_is_weaker_than_directives_of_the_request(world: World) -> None:
    world.says(FRESH)
    world.get(expire_after=50)
    assert not world.get("Cache-Control: max-age=5", after=6).from_cache


def test_response_may_never_expire(world: World) -> None:
    world.says("Cache-Control: max-age=10")
    world.get(expire_after=NEVER_EXPIRE)
    response = world.get(after=10**9)
    assert response.from_cache
    assert response.expires is None
    assert str(response.cache_status) == "requests-cache; hit"


def test_do_not_cache_neither_uses_nor_fills_nor_empties(world: World) -> None:
    world.says(FRESH, body=b"stored")
    world.get()
    world.says(FRESH, body=b"other")
    response = world.get(expire_after=DO_NOT_CACHE)
    assert response.content == b"other"
    assert response.cache_status.fwd == "bypass"
    assert world.get().content == b"stored"


def test_do_not_cache_holds_for_urls(world: World) -> None:
    world.use(urls_expire_after={"*/thing": DO_NOT_CACHE})
    world.says(FRESH)
    world.get()
    assert world.session.cache.response_count() == 0


# Asking the origin


def test_always_revalidate(world: World) -> None:
    world.use(always_revalidate=True)
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    assert world.get().revalidated


def test_refresh_validates_what_is_immutable_too(world: World) -> None:
    world.says("Cache-Control: max-age=100, immutable", TAG)
    world.get()
    world.says(FRESH, TAG, status=304)
    assert world.get(refresh=True).revalidated


def test_force_refresh_fetches_without_conditions(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.says(FRESH, TAG, body=b"new")
    assert world.get(force_refresh=True).content == b"new"
    assert "if-none-match" not in world.asked.headers
    assert world.get().content == b"new"


def test_force_refresh_may_be_answered_by_what_is_stored_on_an_error(world: World) -> None:
    world.use(stale_if_error=True)
    world.says(FRESH)
    world.get()
    world.says(status=500)
    assert world.get(force_refresh=True).content == b"body"


@pytest.mark.parametrize("options", [{"only_if_cached": True}, {}])
def test_only_if_cached(world: World, options: dict[str, bool]) -> None:
    world.says(FRESH)
    world.get()
    if not options:
        world.use(only_if_cached=True)
    assert world.get(**options).from_cache
    assert world.get(after=100, **options).status_code == 504
    assert world.get(path="/other", **options).status_code == 504
    assert world.count == 1


def test_only_if_cached_gets_a_stale_response_that_may_stand_in_for_errors(world: World) -> None:
    world.use(stale_if_error=True, only_if_cached=False)
    world.says(FRESH)
    world.get()
    assert world.get(after=100, only_if_cached=True).content == b"body"
    assert world.count == 1


# What is stored


def test_read_only_uses_and_stores_nothing(world: World) -> None:
    world.says(FRESH, TAG)
    world.get()
    world.use(read_only=True)
    assert world.get(after=99).from_cache
    response = world.get(path="/max-age/100")
    assert response.cache_status.detail == "read_only"
    world.says(FRESH, TAG, status=304)
    response = world.get(after=1)
    assert response.revalidated
    assert response.cache_status.stored is False
    assert world.get().revalidated
    world.says("Cache-Control: no-store", body=b"other")
    assert world.get(refresh=True).content == b"other"
    assert world.session.cache.response_count() == 1


def test_filter_fn_keeps_responses_out(world: World) -> None:
    world.use(filter_fn=lambda response: b"no" not in response.content)
    world.says(FRESH, body=b"no")
    assert world.get().cache_status.detail == "filter_fn"
    world.says(FRESH, body=b"yes")
    world.get()
    assert world.get().from_cache


def test_filter_fn_keeps_stored_responses_from_being_used(world: World) -> None:
    world.says(FRESH)
    world.get()

    def is_new(response: Response) -> bool:
        return response.content == b"new"

    world.use(filter_fn=is_new)
    world.says(FRESH, body=b"new")
    assert not world.get().from_cache
    assert world.get().content == b"new"
    assert world.get().from_cache
    world.use(filter_fn=lambda response: response.content == b"newer")
    world.says(FRESH, body=b"newer")
    assert [world.get().content for _ in range(2)] == [b"newer"] * 2
    assert world.session.cache.response_count() == 2


def test_allowable_codes_limit_what_is_stored(world: World) -> None:
    world.use(allowable_codes=[200, 404])
    world.says(FRESH, status=410)
    assert world.get().cache_status.detail == "status excluded by setting"
    world.says(FRESH, status=404)
    world.get()
    assert world.get().from_cache


def test_allowable_codes_allow_nothing_that_http_forbids(world: World) -> None:
    world.use(allowable_codes=[200, 500], expire_after=100)
    world.says(status=500)
    world.get()
    assert not world.get().from_cache


def test_allowable_methods_declare_a_method_safe_to_repeat(world: World) -> None:
    world.use(allowable_methods=["GET", "POST"])
    world.says(FRESH)
    world.get()
    world.ask("POST", data=b"a")
    assert world.ask("POST", data=b"a").from_cache
    assert not world.ask("POST", data=b"b").from_cache
    assert world.get().from_cache


@pytest.mark.parametrize("stream", [False, True])
def test_length_that_is_not_announced_is_limited_too(world: World, stream: bool) -> None:
    fields = (("Cache-Control", "max-age=100"),)
    world.answers(lambda request: Answer(iter([b"one", b"two"]), fields))
    world.session.cache.max_response_size = 5
    response = world.get(stream=stream)
    assert response.content == b"onetwo"
    assert response.cache_status.detail == "too-large"
    assert world.session.cache.response_count() == 0


def test_largest_response_is_limited(world: World) -> None:
    world.session.cache.max_response_size = 3
    world.says(FRESH)
    assert world.get().cache_status.detail == "too-large"
    assert world.session.cache.response_count() == 0
