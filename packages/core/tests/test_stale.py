"""What happens when a stored response has expired."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest
import requests
from requests import Request, Response
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]
PATIENCE = 10.0  # seconds; reached only by a failing test


def counted(origin: Origin, path: str = "/count") -> None:
    """Have the origin answer with the number of the request."""
    origin.answers[path] = lambda request: Answer(b"%d" % origin.count(path))


def test_an_expired_response_is_fetched_anew(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    counted(origin)
    session = make_session(expire_after=10)
    assert session.get(origin.url("/count")).text == "1"
    set_time(1009.9)
    assert session.get(origin.url("/count")).text == "1"
    set_time(1010)
    assert session.get(origin.url("/count")).text == "2"
    assert session.get(origin.url("/count")).from_cache


@pytest.mark.parametrize("serializer", ["default", "json"])
@pytest.mark.parametrize("path", ["/etag", "/last-modified"])
def test_an_expired_response_with_a_validator_is_validated(
    path: str, serializer: str, origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, serializer=serializer)
    first = session.get(origin.url(path))
    set_time(1010)
    second = session.get(origin.url(path))
    assert (second.from_cache, second.revalidated, second.is_expired) == (True, True, False)
    assert second.content == first.content
    assert second.created_at.timestamp() == 1010
    third = session.get(origin.url(path))
    assert (third.from_cache, third.revalidated) == (True, False)
    assert origin.count() == 2
    stats = session.cache.stats.as_dict()
    counted = {name: stats[name] for name in ("misses", "revalidated", "hits", "stale")}
    assert counted == {"misses": 1, "revalidated": 1, "hits": 1, "stale": 0}
    assert stats["saved_bytes"] == 2 * len(first.content)


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize(
    "validator",
    [
        ("ETag", '"folded\r\n line"'),
        ("ETag", '"not Latin-1: \u20ac"'),
        ("ETag", '"nul \x00"'),
        ("Last-Modified", "Wed, 21 Oct 2015\r\n 07:28:00 GMT"),
    ],
)
def test_a_validator_that_cannot_be_sent_is_left_out(
    validator: tuple[str, str],
    cache_control: bool,
    origin: Origin,
    make_session: Sessions,
) -> None:
    session = make_session(expire_after=60, cache_control=cache_control)
    origin.answers["/odd"] = lambda request: Answer(b"body", (("Cache-Control", "max-age=60"),))
    first = session.get(origin.url("/odd"))
    response = requests.get(origin.url("/odd"), timeout=PATIENCE)
    response.headers[validator[0]] = validator[1]
    session.cache.save_response(response, first.cache_key)
    again = session.get(origin.url("/odd"), refresh=True)
    assert again.content == b"body"
    sent = origin.requests[-1].headers
    assert not {"if-none-match", "if-modified-since"} & sent.keys()


def test_a_304_updates_the_header_fields(origin: Origin, make_session: Sessions) -> None:
    def answer(request: object) -> Answer:
        if "if-none-match" in getattr(request, "headers", {}):
            return Answer(b"", (("ETag", '"1"'), ("X-New", "yes"), ("Content-Type", "a/b")), 304)
        return Answer(b"body", (("ETag", '"1"'), ("X-Old", "yes"), ("Content-Type", "text/x")))

    origin.answers["/thing"] = answer
    session = make_session()
    session.get(origin.url("/thing"))
    session.get(origin.url("/thing"), refresh=True)
    response = session.get(origin.url("/thing"))
    assert response.content == b"body"
    assert response.headers["X-New"] == response.headers["X-Old"] == "yes"
    assert response.headers["Content-Type"] == "a/b"


def test_the_callers_own_conditions_are_the_callers(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    """A 304 to them is for the caller, and says nothing about what is stored."""
    session = make_session(expire_after=10)
    session.get(origin.url("/etag"))
    origin.answers["/etag"] = lambda request: Answer(
        b"", (("ETag", request.headers["if-none-match"]),), 304
    )
    set_time(2000)
    response = session.get(origin.url("/etag"), headers={"If-None-Match": '"mine"'})
    assert response.status_code == 304
    assert not response.from_cache
    assert session.get(origin.url("/etag"), only_if_cached=True).status_code == 504


@pytest.mark.parametrize(
    ("path", "from_cache", "asked"),
    [("/etag", True, 2), ("/json", True, 1)],
)
def test_always_revalidate_asks_about_what_has_a_validator(
    path: str, from_cache: bool, asked: int, origin: Origin, make_session: Sessions
) -> None:
    session = make_session(always_revalidate=True)
    session.get(origin.url(path))
    assert session.get(origin.url(path)).from_cache is from_cache
    assert origin.count() == asked


def test_refresh_validates_and_force_refresh_fetches(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/etag"))
    assert session.get(origin.url("/etag"), refresh=True).revalidated
    assert not session.get(origin.url("/etag"), force_refresh=True).from_cache
    conditional = ["if-none-match" in request.headers for request in origin.requests]
    assert conditional == [False, True, False]


def test_refresh_without_a_validator_fetches(origin: Origin, make_session: Sessions) -> None:
    counted(origin)
    session = make_session()
    session.get(origin.url("/count"))
    assert session.get(origin.url("/count"), refresh=True).text == "2"
    assert session.get(origin.url("/count")).text == "2"


def test_what_expires_at_once_is_validated_at_every_use(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(expire_after=0)
    session.get(origin.url("/etag"))
    for _ in range(2):
        assert session.get(origin.url("/etag")).revalidated
    assert origin.count() == 3


def test_nothing_is_written_about_a_304_by_a_session_that_only_reads(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10)
    session.get(origin.url("/etag"))
    set_time(2000)
    session.settings.read_only = True
    for _ in range(2):
        assert session.get(origin.url("/etag")).revalidated
    assert origin.count() == 3


# When the origin fails


@pytest.mark.parametrize(
    ("setting", "now", "served"),
    [(True, 1e9, True), (100, 1109, True), (100, 1110, False), (False, 1020, False)],
)
def test_an_expired_response_is_used_when_the_origin_answers_with_an_error(
    setting: object,
    now: float,
    served: bool,
    origin: Origin,
    make_session: Sessions,
    set_time: Time,
) -> None:
    session = make_session(expire_after=10, stale_if_error=setting)
    session.get(origin.url("/json"))
    origin.failing = True
    set_time(now)
    response = session.get(origin.url("/json"))
    assert response.from_cache is served
    assert response.status_code == (200 if served else 500)
    assert session.cache.stats.stale == int(served)


def test_an_expired_response_is_used_when_there_is_no_connection(
    make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True)
    with Origin() as gone:
        url = gone.url("/etag")
        session.get(url)
    session.close()
    set_time(2000)
    response = session.get(url)
    assert response.from_cache
    assert response.is_expired
    assert session.get(url, force_refresh=True).from_cache
    session.settings.stale_if_error = False
    with pytest.raises(requests.ConnectionError):
        session.get(url)


def test_without_a_stored_response_the_failure_is_the_callers(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(stale_if_error=True)
    origin.failing = True
    assert session.get(origin.url("/json")).status_code == 500
    with pytest.raises(requests.ConnectionError):
        session.get("http://127.0.0.1:9/")


def status_after_expiry(status: int, origin: Origin, session: CachedSession, set_time: Time) -> int:
    """Give the status that a caller sees when what is stored expired before the origin failed."""
    set_time(1000)
    session.get(origin.url("/json"))
    origin.answers["/json"] = lambda request: Answer(b"failed", status=status)
    set_time(2000)
    return session.get(origin.url("/json")).status_code


@pytest.mark.parametrize("status", [400, 404, 408, 410, 418, 429, 451, 500, 501, 507, 520, 530])
def test_any_error_that_is_not_stored_is_a_failure_by_the_simple_rules(
    status: int, origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True)
    assert status_after_expiry(status, origin, session, set_time) == 200


@pytest.mark.parametrize("status", [401, 403, 407, 412, 416])
@pytest.mark.parametrize("cache_control", [False, True])
def test_who_is_not_let_in_any_more_is_told_so(
    cache_control: bool, status: int, origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True, cache_control=cache_control)
    assert status_after_expiry(status, origin, session, set_time) == status


def test_an_error_that_is_stored_is_no_failure(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True, allowable_codes=(200, 404))
    assert status_after_expiry(404, origin, session, set_time) == 404


@pytest.mark.parametrize(
    ("status", "seen"), [(400, 400), (404, 404), (410, 410), (429, 200), (500, 200), (530, 200)]
)
def test_with_the_rules_of_http_only_a_failure_of_the_server_is_one(
    status: int, seen: int, origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_if_error=True, cache_control=True)
    assert status_after_expiry(status, origin, session, set_time) == seen


# In the background


def test_an_expired_response_is_used_while_it_is_refreshed_once(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    go = Event()
    numbers = iter("12345")

    def answer(request: object) -> Answer:
        number = next(numbers)
        assert number == "1" or go.wait(PATIENCE)
        return Answer(number.encode())

    origin.answers["/slow"] = answer
    session = make_session(expire_after=10, stale_while_revalidate=True)
    session.get(origin.url("/slow"))
    set_time(2000)
    for _ in range(5):
        response = session.get(origin.url("/slow"))
        assert (response.text, response.is_expired) == ("1", True)
    go.set()
    session._refresher.wait(PATIENCE)
    assert session.get(origin.url("/slow")).text == "2"
    assert origin.count() == 2


def test_a_refresh_validates_what_can_be_validated_and_calls_no_hooks(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_while_revalidate=60)
    seen: list[Response] = []

    def hook(response: Response, **kwargs: object) -> None:
        seen.append(response)

    for path in ("/etag", "/json"):
        session.get(origin.url(path))
    set_time(1020)
    for path in ("/etag", "/json"):
        answer = session.get(origin.url(path), hooks={"response": hook})
        assert answer.is_expired
    session._refresher.wait(PATIENCE)
    assert [getattr(response, "is_expired", None) for response in seen] == [True, True]
    assert "if-none-match" in origin.requests[2].headers | origin.requests[3].headers
    for path in ("/etag", "/json"):
        assert not session.get(origin.url(path)).is_expired
    assert origin.count() == 4


def deleted_while_offline(session: CachedSession, others: object) -> None:
    session.cache.clear()
    session.settings.only_if_cached = True


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda session, others: others[0](), [0, 1]),
        (lambda session, others: session.cache.clear(), [1, 1]),
        (deleted_while_offline, [0, 1]),
    ],
    ids=["refreshed", "deleted", "deleted and offline"],
)
def test_a_refresh_begins_with_what_is_there_by_then(
    heard: bool,
    change: Callable[..., object],
    asked: list[int],
    origin: Origin,
    make_session: Sessions,
    set_time: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There may be many before it; of a hit of which nobody hears the request is made anew."""
    session = make_session(expire_after=10, stale_while_revalidate=True)
    if heard:
        session.events.listen(lambda event: None)
    session.get(origin.url("/etag"))
    set_time(1020)
    fetches: list[Callable[[], object]] = []
    monkeypatch.setattr(
        session, "refresh_in_background", lambda key, fetch, url: fetches.append(fetch)
    )
    for _ in range(3):
        assert session.get(origin.url("/etag")).is_expired
    change(session, fetches)
    before = origin.count()
    fetches[-1]()
    assert origin.count() == before + asked[heard]


def test_a_redirected_response_is_refreshed_where_it_is(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    origin.answers["/old"] = lambda request: Answer(b"", (("Location", "/etag"),), 302)
    session = make_session(expire_after=10, stale_while_revalidate=60)
    session.get(origin.url("/old"))
    set_time(1020)
    assert session.get(origin.url("/old")).is_expired
    # The redirect is refreshed, and on its way where it leads to.
    session._refresher.wait(PATIENCE)
    session._refresher.wait(PATIENCE)
    assert not session.get(origin.url("/old"), only_if_cached=True).is_expired


def test_a_refresh_that_fails_leaves_what_is_stored(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_while_revalidate=True)
    session.get(origin.url("/json"))
    set_time(1020)
    origin.failing = True
    for _ in range(2):
        assert session.get(origin.url("/json")).status_code == 200
        session._refresher.wait(PATIENCE)


def test_a_prepared_request_is_refreshed_too(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, stale_while_revalidate=True)
    request = Request("GET", origin.url("/json")).prepare()
    session.send(request)
    set_time(1020)
    assert session.send(request).is_expired
    session._refresher.wait(PATIENCE)
    assert not session.send(request).is_expired


def test_how_long_a_store_keeps_what_has_expired_follows_from_the_settings(
    make_session: Sessions, origin: Origin, set_time: Time
) -> None:
    day = 86400.0
    for options, grace in (
        ({}, day),
        ({"stale_if_error": 10 * day}, 10 * day),
        ({"stale_while_revalidate": 1}, day),
        ({"stale_if_error": True}, None),
    ):
        session = make_session(expire_after=10, **options)
        session.get(origin.url("/etag"))
        key = session.get(origin.url("/etag"), refresh=True).cache_key
        entry = session.cache.responses.read(str(key))
        assert entry.keep_until == (None if grace is None else 1010 + grace)
