"""A cache in words of responses: what the contract of all caches does not ask."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from requests import Request, Response
from requests_cache import BaseCache, CachedSession, DictStorage
from requests_cache._store.entry import NOTE_PREFIX
from requests_cache.backends.base import Entry
from requests_cache.errors import ConfigurationError
from requests_cache.testing.origin import Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]


@pytest.fixture
def session(origin: Origin, make_session: Sessions, set_time: Time) -> CachedSession:
    """Give a session with responses received at 1000, 1100 and 1200, each for 150 seconds."""
    made = make_session(expire_after=150)
    for number in range(3):
        set_time(1000 + 100 * number)
        made.get(origin.url(f"/json?{number}"))
    return made


def numbers(responses: object) -> list[str]:
    return [response.url[-1] for response in responses]  # type: ignore[attr-defined]  # of responses


# Keys


def test_the_key_of_a_request_can_be_asked_for_in_several_ways() -> None:
    cache = BaseCache()
    request = Request("GET", "http://site.test/", params={"a": "1"})
    key = cache.create_key(request)
    assert cache.create_key(request.prepare()) == key
    assert cache.create_key(url="http://site.test/?a=1") == key
    assert cache.create_key(method="POST", url="http://site.test/?a=1") != key
    assert cache.create_key(request, verify=False) != key


def test_the_callers_key_function_gets_what_the_caller_gives() -> None:
    seen: list[object] = []

    def key_fn(request: object, **kwargs: object) -> str:
        seen.append(kwargs["anything"])
        return "mine"

    cache = BaseCache(key_fn=key_fn)
    assert cache.create_key(Request("GET", "http://site.test/"), anything=1) == "mine"
    assert seen == [1]


@pytest.mark.parametrize("secret", ["one", b"one", ["zero", "one"], (b"zero", b"one")])
def test_the_newest_secret_key_makes_the_digests(secret: object) -> None:
    request = Request("GET", "http://site.test/", auth=("ann", "pw")).prepare()
    assert BaseCache(secret_key=secret).create_key(request) == (
        BaseCache(secret_key="one").create_key(request)
    )
    assert BaseCache().create_key(request) != BaseCache(secret_key="one").create_key(request)


def test_a_cache_has_a_name_and_shows_it() -> None:
    assert BaseCache("mine").name == BaseCache(cache_name="mine").cache_name == "mine"
    assert repr(BaseCache()) == "<BaseCache(cache_name='http_cache')>"


def test_a_pickled_cache_is_made_again_as_it_was() -> None:
    cache = BaseCache("mine", ignored_parameters=["a"], match_credentials=False)
    again = pickle.loads(pickle.dumps(cache))
    assert repr(again) == repr(cache)
    assert again.matching.ignored == cache.matching.ignored


# What is listed


@pytest.mark.parametrize(
    ("now", "options", "expected"),
    [
        (1200, {}, "012"),
        (1200, {"expired": False}, "12"),
        (1200, {"valid": False}, "0"),
        (1200, {"valid": False, "expired": False, "invalid": True}, ""),
        (1200, {"older_than": 150}, "0"),
        (1200, {"older_than": timedelta(seconds=100)}, "01"),
        (1200, {"older_than": 0}, "012"),
        (1200, {"older_than": 100, "expired": False}, "1"),
        (1200, {"older_than": 50, "valid": False}, "0"),
        (9999, {"expired": False}, ""),
    ],
)
def test_responses_are_filtered_by_every_condition_at_once(
    now: float,
    options: dict[str, object],
    expected: str,
    session: CachedSession,
    set_time: Time,
) -> None:
    """Defect q."""
    set_time(now)
    assert "".join(numbers(session.cache.filter(**options))) == expected  # type: ignore[arg-type]  # a table


def test_a_wrong_age_is_named(session: CachedSession) -> None:
    with pytest.raises(ConfigurationError, match="older_than=-1 is negative"):
        list(session.cache.filter(older_than=-1))
    with pytest.raises(ConfigurationError, match="older_than='x'"):
        session.cache.delete(older_than="x")  # type: ignore[arg-type]  # wrong on purpose


def test_responses_urls_and_counts_agree(session: CachedSession, set_time: Time) -> None:
    cache = session.cache
    assert cache.response_count() == len(list(cache.urls)) == len(list(cache.values())) == 3
    assert cache.response_count(check_expiry=True) == 2
    assert numbers(cache.values(check_expiry=True)) == ["1", "2"]
    assert len(list(cache.keys())) == 3
    assert len(list(cache.keys(check_expiry=True))) == 2


# What is deleted


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"expired": True}, "12"),
        ({"older_than": 100}, "12"),
        ({"older_than": timedelta(seconds=99)}, "2"),
        ({"expired": True, "older_than": 99}, "2"),
        ({"invalid": True}, "012"),
        ({}, "012"),
    ],
)
def test_responses_are_deleted_by_condition(
    options: dict[str, object], left: str, session: CachedSession
) -> None:
    session.cache.delete(**options)  # type: ignore[arg-type]  # a table
    assert "".join(numbers(session.cache.values())) == left


def test_responses_are_deleted_by_request_and_by_url(
    session: CachedSession, origin: Origin
) -> None:
    session.cache.delete(
        requests=[Request("GET", origin.url("/json?0"))], urls=[origin.url("/json?1")]
    )
    assert numbers(session.cache.values()) == ["2"]
    session.cache.delete_urls([origin.url("/json?2"), origin.url("/missing")])
    assert session.cache.response_count() == 0


def test_an_earlier_name_still_works_with_a_warning(session: CachedSession) -> None:
    with pytest.warns(DeprecationWarning, match="is now remove_expired_responses"):
        session.cache.remove_old_entries()
    assert numbers(session.cache.values()) == ["1", "2"]


@pytest.mark.parametrize(
    ("expire_after", "left"),
    [
        (None, "12"),
        (10, "012"),
        (0, ""),
        (datetime(1970, 1, 1, tzinfo=UTC), ""),
        (-1, "012"),
    ],
)
def test_expired_responses_are_removed_after_a_new_lifetime_was_given(
    expire_after: object, left: str, session: CachedSession
) -> None:
    session.cache.remove_expired_responses(expire_after)  # type: ignore[arg-type]  # a table
    assert "".join(numbers(session.cache.values())) == left


def test_a_new_lifetime_counts_from_now(session: CachedSession) -> None:
    session.cache.reset_expiration(50)
    assert {response.expires_at for response in session.cache.values()} == {1250}
    session.cache.reset_expiration()
    assert {response.expires_at for response in session.cache.values()} == {None}
    assert len(next(session.cache.values()).content) > 0


# Saving by hand


def test_a_response_and_its_redirects_can_be_saved_by_hand(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    with make_session().cache_disabled():
        response = make_session(expire_after=0).get(origin.url("/redirect/2"))
    cache = BaseCache()
    cache.save_response(response, expires=datetime.fromtimestamp(1060, UTC))
    assert cache.has_url(origin.url("/json"))
    for path in ("/redirect/2", "/redirect/1", "/json"):
        stored = cache.get_response(cache.create_key(url=origin.url(path)))
        assert stored.content == response.content
        assert stored.expires_at == 1060
    cache.save_response(response, "mine", 1070)
    assert cache.get_response("mine").expires_at == 1070
    assert cache.get_response("yours", "default") == "default"
    assert cache.contains(request=Request("GET", origin.url("/json")))
    assert not cache.contains()


def test_everything_can_be_copied_from_another_cache(
    session: CachedSession, origin: Origin
) -> None:
    session.get(origin.url("/redirect/1"))
    other = BaseCache()
    other.update(session.cache)
    assert sorted(other.urls) == sorted(session.cache.urls)
    assert sorted(other.keys()) == sorted(session.cache.keys())
    with CachedSession(backend=other) as warm:
        assert warm.get(origin.url("/redirect/1")).history


# The dictionary


def test_a_dictionary_keeps_other_values_as_they_are() -> None:
    value = [1]
    storage = DictStorage({"a": value}, b=2)
    assert storage["a"] is value
    assert dict(storage) == {"a": [1], "b": 2}
    assert storage.read("b") == Entry(*storage.serializer.encode(2))
    assert storage.read("c") is None
    storage.clear()
    assert len(storage) == 0


def test_a_dictionary_gives_a_new_response_each_time(session: CachedSession) -> None:
    """Defect n."""
    response = next(session.cache.values())
    storage = DictStorage()
    storage["a"] = response
    one, other = storage["a"], storage["a"]
    assert one is not other
    one.headers["X-Mine"] = "1"
    assert "X-Mine" not in other.headers
    assert other.content == response.content


# What is not a response


def test_a_note_is_kept_copied_and_given_up_when_it_cannot_be_read() -> None:
    cache, other = BaseCache(), BaseCache(serializer="json")
    cache.write_note("name", {"a": 1})
    other.update(cache)
    assert other.read_note("name") == {"a": 1}
    assert other.read_note("other") is None
    other.redirects.write(f"{NOTE_PREFIX}name", Entry(b"damaged", b""))
    assert other.read_note("name") is None


def test_a_redirect_to_what_is_no_key_leads_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    cache = BaseCache()
    cache.redirects.write("alias", Entry(*cache.redirects.serializer.encode(7)))
    assert cache.get_response("alias") is None
    assert "it is not the key of a response" in caplog.text


def test_of_many_that_cannot_be_read_the_first_ones_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As when a cache is opened with another key."""
    cache = BaseCache()
    for number in range(25):
        cache.responses.write(f"key-{number}", Entry(b"damaged", b""))
    with caplog.at_level(logging.DEBUG, "requests_cache"):
        assert cache.response_count() == 0
        assert list(cache.urls) == []
    told = [(record.levelno, record.getMessage()) for record in caplog.records]
    warned = [text for level, text in told if level == logging.WARNING]
    assert [text.partition(" cannot")[0][-5:] for text in warned[:10]] == [
        f"key-{number}" for number in range(10)
    ]
    assert len(warned) == 11
    assert warned[-1].endswith("more that cannot be read is logged with level DEBUG")
    assert sum(level == logging.DEBUG for level, _ in told) == 40
    assert cache.stats.invalid == 50


@pytest.mark.parametrize("key", [None, "key"])
@pytest.mark.parametrize("lacks", ["request", "url"])
def test_a_response_that_does_not_say_what_it_answers_is_not_saved(
    key: str | None, lacks: str
) -> None:
    response = Response()
    response.status_code = 200
    response.url = "http://site.test/"
    response.request = Request("GET", "http://site.test/").prepare()
    response._content = b"x"
    BaseCache("x").save_response(response, key)
    setattr(response, lacks, None)
    with pytest.raises(ConfigurationError, match=f"has no {lacks}, .* set response.{lacks}"):
        BaseCache("x").save_response(response, key)
