"""What is said of a plain call without preparing it is what requests would have prepared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from requests_cache import DO_NOT_CACHE, CachedSession, clock
from requests_cache._matching.owner import NOBODY
from requests_cache.testing.origin import Origin

_ORDINARY = "abcXYZ019._~!$&'()*+,;=:@/?-"


def urls() -> st.SearchStrategy[str]:
    """URLs as people write them, and some that requests writes in another way or refuses."""
    hosts = st.sampled_from(
        ["example.org", "Example.org", "127.0.0.1", "a", "a..b", ".a", "a.", "[::1]", "u@a", "é"]
    )
    ports = st.sampled_from(["", ":80", ":443", ":8080", ":080", ":0", ":65535", ":65536", ":"])
    targets = st.text(_ORDINARY, max_size=12) | st.text(f'{_ORDINARY} %#"\\é|<>[]', max_size=12)
    starts = st.sampled_from(
        [
            "/",
            "/a/",
            "/./",
            "/../b",
            "//",
            "?a=",
            "/?",
            "/?b=1&a=2&",
            "",
            "/a;jsessionid=",
            "/?sid=",
        ]
    )
    return st.builds(
        "{}://{}{}{}{}".format,
        st.sampled_from(["http", "https", "HTTP", "ftp", "http+unix"]),
        hosts,
        ports,
        starts,
        targets,
    )


def states() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "X-API-Key": st.just("secret"),
            "Accept": st.sampled_from(["a/b", None]),
            "X-Method-Override": st.just("PUT"),
            "Range": st.just("bytes=0-1"),
            "X-Bytes": st.just(b"bytes"),
            "X-Wrong": st.just("line\nbreak"),
        },
    )


class Signature(AuthBase):
    """Puts the URL into a header field."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Signature"] = str(request.url)
        return request


def described(request: requests.PreparedRequest) -> dict[str, Any]:
    """Give all that a prepared request is made of."""
    assert type(request._cookies) is RequestsCookieJar
    cookies = sorted(request._cookies.items())
    headers = list(request.headers.items())
    # Ours has been told who asks.
    own = {n: item for n, item in vars(request).items() if n not in ("asker", "asked_with")}
    return {**own, "headers": headers, "_cookies": cookies}


@settings(max_examples=400, deadline=None)
@given(
    url=urls(),
    headers=states(),
    auth=st.sampled_from([None, ("user", "password"), Signature()]),
    matched=st.sampled_from([False, True, ["Accept"]]),
    ignored=st.sampled_from([None, ["a", "X-API-Key"]]),
)
def test_key_and_request_are_those_that_requests_and_the_long_way_would_make(
    url: str, headers: dict[str, Any], auth: Any, matched: Any, ignored: Any
) -> None:
    with CachedSession(
        "plain", "memory", match_headers=matched, ignored_parameters=ignored
    ) as session:
        session.trust_env = False
        session.auth = auth
        session.headers.update(headers)
        state = session._fast_path.look_at(session)
        if state is None:
            return
        for asked in ("http://example.org/first", url):
            key = state.plain_calls.find_key(asked)
            if key is None:
                continue
            right = requests.Session.prepare_request(session, requests.Request("GET", asked))
            assert key == session.cache.create_key(right)
            lock = session.cache.matching.lock_of(right, NOBODY)
            assert state.plain_calls.says_nothing == (lock == "")
            assert right.url == asked


@settings(max_examples=400, deadline=None)
@given(
    url=urls(),
    headers=states(),
    auth=st.sampled_from([None, ("user", "password"), Signature()]),
    cookies=st.sampled_from([{}, {"c": "v"}]),
    method=st.sampled_from(["GET", "get", "POST"]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "headers": st.sampled_from([{}, {"X": "y"}]),
            "params": st.sampled_from([{}, {"a": 1}]),
            "auth": st.sampled_from([None, ("other", "password")]),
            "json": st.sampled_from([None, {}]),
            "data": st.sampled_from([{}, b"x"]),
            "cookies": st.sampled_from([None, {"d": "w"}]),
            "hooks": st.sampled_from([None, {"response": print}]),
        },
    ),
)
def test_requests_are_prepared_as_requests_does(
    url: str, headers: dict[str, Any], auth: Any, cookies: Any, method: str, options: dict[str, Any]
) -> None:
    with CachedSession("plain", "memory") as session:
        session.trust_env = False
        session.auth = auth
        session.headers.update(headers)
        session.cookies.update(cookies)
        for asked in ("http://example.org/first", url):
            prepared = []
            for prepare in (requests.Session.prepare_request, CachedSession.prepare_request):
                try:
                    request = requests.Request(method, asked, **options)
                    prepared.append(described(prepare(session, request)))
                except (requests.RequestException, ValueError) as error:
                    prepared.append({"error": repr(error)})
            assert prepared[0] == prepared[1]


def test_header_fields_in_a_plain_dictionary_are_left_to_requests(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    session.headers = {"X": "y"}  # type: ignore[assignment]  # what some people do
    assert session.prepare_request(requests.Request("GET", "http://a/")).headers["X"] == "y"
    assert not session.get(origin.url("/json")).from_cache
    assert session.get(origin.url("/json")).from_cache


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://a.example:8443/b/c.json", "http://127.0.0.1:8000/x?a=1&b=2"],
)
def test_a_usual_url_has_a_key_at_once(
    url: str, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    state = session._fast_path.look_at(session)
    assert state is not None
    assert state.plain_calls.find_key(url)


@pytest.mark.parametrize(
    "url",
    ["", "http://a", "http://A/", "http://a:/", "http://a:0/", "http://a:080/", "http://a:65536/"]
    + ["http://a/?", "http://a/./b", "http://a/b/..", "http://a/%7eb", "http://a/#b", "http:///"]
    + ["http://u:p@a/", "http://a b/", "http://\u00e9/", "ftp://a/", "http://a/?token=1"]
    + ["http://a/x;jsessionid=1", "http://a/x;JSESSIONID=1/b?q=1"],
)
def test_what_requests_writes_otherwise_and_what_is_secret_takes_the_long_way(
    url: str, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    state = session._fast_path.look_at(session)
    assert state is not None
    assert state.plain_calls.find_key(url) is None


def test_a_session_that_asks_for_ranges_takes_the_long_way(
    make_session: Callable[..., CachedSession],
) -> None:
    session = make_session()
    session.headers["range"] = "bytes=0-9"
    state = session._fast_path.look_at(session)
    assert state is not None
    assert state.plain_calls.find_key("http://a/") is None


def test_copies_share_nothing_with_each_other(make_session: Callable[..., CachedSession]) -> None:
    session = make_session()
    state = session._fast_path.look_at(session)
    assert state is not None
    calls = state.plain_calls
    one, other = (calls.prepare(requests.Request("GET", f"http://a/{n}")) for n in (1, 2))
    assert one is not None
    assert other is not None
    one.headers["X"] = "y"
    one.hooks["response"].append(print)
    one._cookies.set("c", "v")
    assert "X" not in other.headers
    assert other.hooks == {"response": []}
    assert not other._cookies


def test_the_first_hit_of_a_session_prepares_no_request_to_be_sent(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    url = origin.url("/json")
    session.get(url)
    second = CachedSession(backend=session.cache, autoclose=False)
    with patch.object(second, "_exchange", side_effect=AssertionError):
        assert second.get(url).from_cache


def test_a_miss_looks_for_the_response_and_for_a_redirect_once(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    cache = session.cache
    with (
        patch.object(cache.responses, "read", wraps=cache.responses.read) as response,
        patch.object(cache.redirects, "read", wraps=cache.redirects.read) as redirect,
    ):
        assert not session.get(origin.url("/html")).from_cache
    assert response.call_count == 1
    assert redirect.call_count == 1


def test_the_request_belongs_to_the_key_even_if_the_session_changes_in_between(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    """Another thread may give the session a credential; its answer must not be everybody's."""
    session = make_session()
    session.get(origin.url("/json"))
    read = session.cache.read_either

    def changing(key: str) -> Any:
        session.headers["X-API-Key"] = "secret"
        return read(key)

    with patch.object(session.cache, "read_either", changing):
        response = session.get(origin.url("/etag"))
    assert response.cache_key == session.cache.create_key(response.request)
    assert "X-API-Key" not in response.request.headers
    assert not session.get(origin.url("/etag")).from_cache


def test_a_stale_response_is_validated_with_what_the_look_has_found(
    origin: Origin,
    make_session: Callable[..., CachedSession],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = make_session(expire_after=10)
    first = session.get(origin.url("/etag"))
    later = clock.now() + 20
    monkeypatch.setattr(clock, "now", lambda: later)
    again = session.get(origin.url("/etag"))
    assert again.revalidated
    assert again.content == first.content


def test_who_replaces_what_prepares_requests_is_asked(
    origin: Origin,
    make_session: Callable[..., CachedSession],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tracing wraps methods of requests.Session."""
    prepare = requests.Session.prepare_request
    prepared: list[object] = []

    def tracing(self: requests.Session, request: requests.Request) -> requests.PreparedRequest:
        prepared.append(request.url)
        return prepare(self, request)

    monkeypatch.setattr(requests.Session, "prepare_request", tracing)
    make_session().get(origin.url("/json"))
    assert prepared == [origin.url("/json")]


def test_a_url_that_is_not_to_be_cached_takes_the_long_way(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session(urls_expire_after={"*/json": DO_NOT_CACHE})
    for _ in range(2):
        assert not session.get(origin.url("/json")).from_cache
    assert session.cache.response_count() == 0


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(other=st.sampled_from([{"Accept": "x/y"}, {"X-API-Key": "k"}, {}]))
def test_a_session_that_another_thread_changes_and_changes_back_makes_the_key_of_its_state(
    other: dict[str, str], make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    right = session.cache.create_key(session.prepare_request(requests.Request("GET", "http://a/")))
    session.headers["X-New"] = "state"
    state = session._fast_path.look_at(session)
    assert state is not None
    session.headers.update(other)
    key = state.plain_calls.find_key("http://a/")
    assert key == right
