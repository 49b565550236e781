"""Methods of requests-cache 0.7 and 1.3, with their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from gzip import compress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from requests import Request
from requests_cache import CachedResponse, CachedSession, SQLiteCache
from requests_cache.errors import ConfigurationError
from requests_cache.testing.origin import Answer, Origin


@pytest.fixture(params=["memory", "sqlite", "filesystem"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CachedSession]:
    with CachedSession(tmp_path / "cache", backend=request.param, expire_after=60) as made:
        yield made


def fill(session: CachedSession, origin: Origin) -> None:
    for path in ("/bytes/100", "/json", "/bytes/1000"):
        session.get(origin.url(path))


def test_urls_are_an_iterator_and_a_method(session: CachedSession, origin: Origin) -> None:
    fill(session, origin)
    assert next(session.cache.urls) in session.cache.urls()
    assert session.cache.urls() == sorted(session.cache.urls)
    assert len(session.cache.urls()) == 3
    assert session.cache.urls(expired=False, valid=True) == session.cache.urls()


def test_responses_are_counted_and_sorted(
    session: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    fill(session, origin)
    session.get(origin.url("/gzip"), expire_after=-1)
    set_time(2000)
    for owner in (session.cache, session.cache.responses):
        assert owner.count() == 4
        assert owner.count(expired=False) == 1
        sizes = [response.size for response in owner.sorted("size", reversed=True, limit=2)]
        assert sizes == [1000, 100]
        assert [r.url for r in owner.sorted(expired=False)] == [origin.url("/gzip")]
        assert next(owner.sorted("expires", reversed=True)).expires is None
        keys = [response.cache_key for response in owner.sorted("key")]
        assert keys == sorted(session.cache.responses)
        with pytest.raises(ConfigurationError, match="'expires', 'size', 'key'"):
            owner.sorted("age")


def test_a_size_is_a_number_and_a_method(session: CachedSession, origin: Origin) -> None:
    fill(session, origin)
    assert session.cache.size == session.cache.size() > 1130
    assert session.cache.responses.size() > 1130


def test_a_cache_and_a_storage_print_what_they_hold(session: CachedSession, origin: Origin) -> None:
    session.get(origin.url("/redirect/1"))
    assert str(session.cache) == f"{session.cache!r}: 1 responses, 1 redirects"
    (key,) = session.cache.responses
    assert str(session.cache.responses) == f"{session.cache.responses!r}: 1 keys: {key}"
    for number in range(20):
        session.cache.responses[f"key{number}"] = number
    assert str(session.cache.responses).endswith(", ...")


@pytest.mark.parametrize("verify", [True, False])
def test_what_was_fetched_without_verifying_is_found_and_deleted(
    verify: bool, session: CachedSession, origin: Origin
) -> None:
    url, cache = origin.url("/json"), session.cache
    session.get(url, verify=verify)
    for how in ({"url": url}, {"request": Request("GET", url)}):
        assert cache.contains(**how)
        assert cache.contains(**how, verify=verify)
        assert not cache.contains(**how, verify=not verify)
    cache.delete(urls=[url], verify=not verify)
    assert cache.has_url(url)
    cache.delete(urls=[url])
    assert not cache.has_url(url)


@pytest.mark.parametrize(
    "delete",
    [
        lambda cache, url: cache.delete_url(url, "POST"),
        lambda cache, url: cache.delete_urls([url], "POST"),
        lambda cache, url: cache.delete(requests=[Request("POST", url)]),
    ],
)
def test_other_methods_than_get_are_found_and_deleted(
    delete: Callable[..., None], session: CachedSession, origin: Origin
) -> None:
    session.settings.allowable_methods = ("GET", "POST")
    url, cache = origin.url("/echo"), session.cache
    session.post(url)
    session.get(url)
    assert cache.has_url(url, "POST")
    assert not cache.has_url(url, "POST", data={"a": "b"})
    delete(cache, url)
    assert not cache.has_url(url, "POST")
    assert cache.has_url(url)


def test_a_session_deletes_what_has_expired(
    session: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    fill(session, origin)
    set_time(1100)
    session.remove_expired_responses(expire_after=10)
    assert len(session.cache.responses) == 3
    set_time(1200)
    session.remove_expired_responses()
    assert len(session.cache.responses) == 0


def test_a_session_is_wrapped_with_all_that_it_has(origin: Origin) -> None:
    other = requests.Session()
    other.headers["X-Mine"] = "1"
    other.mount("https://mine.test/", adapter := requests.adapters.HTTPAdapter())
    with CachedSession.wrap(other, backend="memory", expire_after=60) as session:
        assert session.get_adapter("https://mine.test/a") is adapter
        for _ in range(2):
            response = session.get(origin.url("/echo"))
        assert response.from_cache
        assert response.json()["headers"]["x-mine"] == "1"
        assert session.cookies is other.cookies


class TestRecreateKeys:
    """After a change of what is compared."""

    def test_responses_are_found_by_what_is_compared_now(
        self, session: CachedSession, origin: Origin
    ) -> None:
        session.get(origin.url("/json?page=1&t=5"))
        session.get(origin.url("/redirect/2"))
        session.settings.ignored_parameters = ["t"]
        assert session.cache.recreate_keys() == 0
        assert session.get(origin.url("/json?page=1&t=6")).from_cache
        redirected = session.get(origin.url("/redirect/2"))
        assert redirected.from_cache
        assert len(redirected.history) == 2

    def test_redirects_lead_to_the_new_keys(self, session: CachedSession, origin: Origin) -> None:
        origin.answers["/old"] = lambda request: Answer(b"", (("Location", "/json?t=5"),), 302)
        session.get(origin.url("/old"))
        session.cache.write_note("mine", 1)
        session.settings.ignored_parameters = ["t"]
        assert session.cache.recreate_keys() == 0
        found = session.get(origin.url("/old"))
        assert (found.from_cache, len(found.history)) == (True, 1)
        assert session.cache.read_note("mine") == 1

    def test_what_belongs_to_somebody_stays(self, session: CachedSession, origin: Origin) -> None:
        session.get(origin.url("/json?t=5"), headers={"Authorization": "Bearer a"})
        session.get(origin.url("/gzip?t=5"), verify=False)
        session.get(origin.url("/image?t=5"))
        keys = set(session.cache.responses)
        session.settings.ignored_parameters = ["t"]
        assert session.cache.recreate_keys() == 1
        assert len(keys & set(session.cache.responses)) == 1
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/image")).from_cache


def test_a_subclass_that_saves_in_its_own_way_is_called_once_for_each_response(
    origin: Origin, tmp_path: Path
) -> None:
    saved: list[tuple[str, str | None, bool]] = []

    class Counting(SQLiteCache):
        def save_response(self, response: Any, cache_key: Any = None, expires: Any = None) -> None:
            saved.append((response.url, cache_key, expires is not None))
            if "bytes" not in response.url:
                super().save_response(response, cache_key, expires)

    with CachedSession(backend=Counting(tmp_path / "cache"), expire_after=60) as session:
        for path in ("/json", "/redirect/1", "/bytes/2000000"):
            for _ in range(2):
                hit = session.get(origin.url(path))
            assert hit.from_cache is ("bytes" not in path)
        assert [url for url, _, _ in saved] == [
            origin.url(path) for path in ("/json", "/bytes/2000000", "/bytes/2000000")
        ]
        assert all(has_expiration for _, _, has_expiration in saved)
        assert saved[0][1] in session.cache.responses
        session.cache.save_response(requests.get(origin.url("/gzip")))
        assert len(saved) == 4
        assert session.get(origin.url("/gzip")).from_cache


def test_a_cache_whose_method_a_test_replaces_calls_the_double(origin: Origin) -> None:
    with CachedSession(backend="memory") as session:
        with patch.object(session.cache, "save_response") as double:
            session.get(origin.url("/json"))
        ((response, key, expires), _) = double.call_args
        assert (response.url, expires) == (origin.url("/json"), None)
        assert key not in session.cache.responses


def test_a_response_is_made_of_another_with_the_names_of_its_attributes(origin: Origin) -> None:
    when = datetime(2030, 1, 1, tzinfo=UTC)
    made = CachedResponse.from_response(
        requests.get(origin.url("/json")), cache_key="key", created_at=when, expires=when
    )
    assert (made.cache_key, made.created_at, made.expires) == ("key", when, when)


EDITS: dict[str, tuple[Callable[[CachedResponse], Any], Callable[[CachedResponse], Any], Any]] = {
    "a field added": (
        lambda r: r.headers.update({"X-New": "1"}),
        lambda r: [r.headers["X-New"], r.raw.headers.getlist("X-Two")],
        ["1", ["a", "b"]],
    ),
    "a field changed": (
        lambda r: r.headers.update({"x-one": "new"}),
        lambda r: [r.headers["X-One"], r.headers["X-Two"]],
        ["new", "a, b"],
    ),
    "a field deleted": (
        lambda r: r.headers.pop("X-Two"),
        lambda r: ["X-Two" in r.headers, r.headers["X-One"]],
        [False, "1"],
    ),
    "status": (lambda r: setattr(r, "status_code", 203), lambda r: r.status_code, 203),
    "reason": (lambda r: setattr(r, "reason", "Fine"), lambda r: r.reason, "Fine"),
    "encoding": (lambda r: setattr(r, "encoding", "latin-1"), lambda r: r.encoding, "latin-1"),
    "body": (
        lambda r: setattr(r, "_content", b"new"),
        lambda r: [r.content, r.size, r.raw.read()],
        [b"new", 3, b"new"],
    ),
    "times": (
        lambda r: setattr(r, "expires", datetime(2099, 1, 1, tzinfo=UTC)),
        lambda r: r.expires,
        datetime(2099, 1, 1, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("is_hit", [False, True])
def test_a_response_that_was_changed_is_stored_as_it_is(
    edit: str, coding: str, is_hit: bool, origin: Origin
) -> None:
    change, shown, expected = EDITS[edit]
    # Its own token is put back into a hit; it must not get into the store by this.
    fields = [("X-One", "1"), ("X-Two", "a"), ("X-Two", "b"), ("X-Echo", "tok-5e1f77a3b0c2")]
    coded = [("Content-Encoding", "gzip")] if coding == "gzip" else []
    body = compress(b"text") if coding == "gzip" else b"text"
    origin.answers["/it"] = lambda request: Answer(body, (*fields, *coded))
    with CachedSession(backend="memory") as session:
        session.headers["Authorization"] = "Bearer tok-5e1f77a3b0c2"
        url, cache = origin.url("/it"), session.cache
        key = str(session.get(url).cache_key)
        for store in (cache.responses.__setitem__, lambda k, r: cache.save_response(r, k)):
            found: Any = session.get(url) if is_hit else cache.responses[key]
            assert (found.headers["X-Echo"] == "tok-5e1f77a3b0c2") is is_hit
            change(found)
            store(key, found)
            again: Any = session.get(url)
            assert shown(cache.responses[key]) == shown(again) == expected
            assert session.get(url).headers["X-Echo"] == "tok-5e1f77a3b0c2"
            entry = cache.responses.read(key)
            assert entry is not None
            assert b"tok-5e1f77a3b0c2" not in entry.head + entry.body
            cache.delete(key)
            session.get(url)
