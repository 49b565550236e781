"""The short way to a hit gives what the long way gives, whatever is done to a session."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.auth import HTTPBasicAuth
from requests.exceptions import InvalidHeader, InvalidURL
from requests_cache import CachedSession, clock, init_backend
from requests_cache._exchange import asking, chain
from requests_cache._fast_path.fast_path import FastPath
from requests_cache._fast_path.held import may_have_netrc
from requests_cache._fast_path.of_requests import fingerprint
from requests_cache._matching.keys import Matching
from requests_cache.backends.base import Entry
from requests_cache.models.response import CachedResponse
from requests_cache.testing.origin import Answer, Origin

PATHS = (
    *("/json", "/json?a=1", "/max-age/100", "/vary", "/cookies", "/redirect/1", "/etag"),
    *(
        "/gzip",
        "/status/404",
        "/balanced",
        "/visit",
        "/visit/vary",
        "/json?api_key=a",
        "/mine",
        "/json?%41=",
    ),
)
LANGUAGES = ("en", "de")
SETTINGS = (
    *("expire_after", "read_only", "always_revalidate", "cache_control"),
    *("match_cookies", "replay_cookies", "on_error", "stale_while_revalidate"),
)
BODIES: tuple[dict[str, Any], ...] = (
    *({"json": {"a": 1, "b": [True, None]}}, {"json": {"b": [True, None], "a": 1}}),
    *({"json": {"a": True, "b": [1, None]}}, {"json": {"a": 1.0}}, {"json": []}, {"json": "text"}),
    *({"json": float("nan")}, {"json": {"a": 1}, "data": {"a": "1"}}, {"json": {"password": "p"}}),
    *({"data": {"a": "1", "b": "2"}}, {"data": {"b": "2", "a": 1}}, {"data": {"a": [1, "x"]}}),
    *({"data": "a=1&b=2"}, {"data": b"a=1&b=2"}, {"data": "gr\u00fc\u00dfe"}, {"data": b"\xff"}),
    *({"data": ""}, {"data": {}}, {"data": [("a", "1"), ("a", "2")]}, {"data": {"a": None}}, {}),
)
# Of a store that holds its entries itself more is remembered than of one that reads them each time.
STORES: dict[str, dict[str, Any]] = {
    "memory": {"backend": "memory"},
    "sqlite": {"backend": "sqlite", "use_memory": True},
    "memory, rules of HTTP": {"backend": "memory", "cache_control": True},
    "sqlite, rules of HTTP": {"backend": "sqlite", "use_memory": True, "cache_control": True},
    "memory, JSON": {"backend": "memory", "serializer": "json"},
    "sqlite, signed": {"backend": "sqlite", "use_memory": True, "secret_key": "secret"},
}


class Adding(CachedSession):
    """Sends more than was asked for."""

    language = "en"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> Any:
        request.headers["Accept-Language"] = self.language
        kwargs["timeout"] = kwargs.get("timeout") or 10
        return super().send(request, **kwargs)


class AddingMore(Adding):
    """Calls what may be replaced below it."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> Any:
        return super().send(request, **kwargs)


KINDS: dict[str, tuple[type[CachedSession], str]] = {
    **{store: (CachedSession, store) for store in STORES},
    "a class that adds to what is sent": (Adding, "memory, rules of HTTP"),
}


class Pair:
    """Two sessions of their own caches; the second never takes the short way."""

    def __init__(self, origin: Origin, kind: str) -> None:
        self.origin = origin
        self.now = 1000.0
        self.steps = 0
        self.hooks_run = [0, 0]
        made, store = KINDS[kind]
        methods = ("GET", "HEAD", "POST")
        self.sessions = tuple(
            made("fast_path", expire_after=50, allowable_methods=methods, **STORES[store])
            for _ in range(2)
        )
        self.sessions[1]._fast_path.look_at = lambda session: None  # type: ignore[method-assign]  # its purpose

    def both(self, action: Callable[[CachedSession, int], Any]) -> list[Any]:
        """Do something with each session; give what came out, or the error.

        An unsafe request says a word that nobody else says; here the second session does.
        """
        self.steps += 1
        results = []
        with patch.object(chain, "new_event", lambda: ("event", str(self.steps))):
            for number, session in enumerate(self.sessions):
                try:
                    results.append(action(session, number))
                except (requests.RequestException, ValueError, TypeError) as error:
                    results.append(repr(error))
        return results

    def close(self) -> None:
        self.origin.failing = False
        for session in self.sessions:
            session.close()


def refreshed(session: CachedSession) -> None:
    """Wait until what is refreshed in the background is."""
    if "_refresher" in vars(session):
        session._refresher.wait(10)


def seen(response: requests.Response, session: CachedSession) -> dict[str, Any]:
    """Give all that a caller can see of a response and of what it did to the session."""
    headers = {n: v for n, v in response.headers.items() if n not in ("Date", "Age")}
    return {
        "status": response.status_code,
        "content": response.content,
        "headers": headers,
        "url": response.url,
        "history": [hop.status_code for hop in response.history],
        "from_cache": getattr(response, "from_cache", None),
        "key": getattr(response, "cache_key", None),
        "key of request": session.cache.create_key(response.request),
        "cookies": sorted(response.cookies.items()),
        "jar": sorted(session.cookies.items()),
        "sent": response.request.headers.get("Cookie"),
        "encoding": response.encoding,
        "reason": response.reason,
        "asked": (response.request.method, response.request.body),
        "is expired": getattr(response, "is_expired", None),
        "cache status": str(getattr(response, "cache_status", None)),
    }


def calls() -> st.SearchStrategy[dict[str, Any]]:
    values = st.sampled_from(["1", 1, True, 1.0, "x y", None, [1], [True, None], ("1", 1.0)])
    return st.fixed_dictionaries(
        {"path": st.sampled_from(PATHS)},
        optional={
            "params": st.dictionaries(st.just("a"), values, max_size=1),
            "headers": st.dictionaries(
                st.sampled_from(["Accept-Language", "accept-language", "X-Other", "Cookie"]),
                st.sampled_from([*LANGUAGES, None]),
                max_size=2,
            ),
            "allow_redirects": st.booleans(),
            "stream": st.booleans(),
            "timeout": st.just(5),
            "verify": st.sampled_from([True, False, None]),
            "auth": st.sampled_from([("user", "pass"), HTTPBasicAuth("user", "pass")]),
            "cookies": st.just({"c": "1"}),
            "refresh": st.booleans(),
            "expire_after": st.sampled_from([0, 10]),
            "body": st.sampled_from(BODIES),
        },
    )


def changes() -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(
        st.tuples(st.just("header"), st.sampled_from([*LANGUAGES, None])),
        st.tuples(st.just("auth"), st.sampled_from([None, ("a", "b"), HTTPBasicAuth("a", "b")])),
        st.tuples(st.just("password"), st.sampled_from(["b", "c"])),
        st.tuples(st.just("params"), st.sampled_from([{}, {"s": "1"}, {"a": [1, True]}])),
        st.tuples(st.just("hook"), st.booleans()),
        st.tuples(st.just("cookie"), st.booleans()),
        st.tuples(st.just("visit"), st.sampled_from(["/balanced", "/visit"])),
        st.tuples(st.just("login"), st.sampled_from(["/login/ann", "/login/ben"])),
        st.tuples(st.just("cookie value"), st.sampled_from(["1", "2"])),
        st.tuples(st.just("cookie word"), st.none()),
        st.tuples(st.just("match_cookies"), st.sampled_from([None, ("visit",), ()])),
        st.tuples(st.just("replay_cookies"), st.booleans()),
        st.tuples(st.just("expire_after"), st.sampled_from([5, 50])),
        st.tuples(
            st.just("methods"), st.sampled_from([("GET", "HEAD"), ("HEAD",), ("GET", "POST")])
        ),
        st.tuples(st.just("stale_while_revalidate"), st.sampled_from([True, 20, False])),
        st.tuples(st.just("failing"), st.booleans()),
        st.tuples(st.just("language"), st.sampled_from(LANGUAGES)),
        st.tuples(st.just("filter"), st.booleans()),
        st.tuples(st.just("picky"), st.none()),
        st.tuples(st.just("partition"), st.sampled_from(["ann", "ben", None])),
        st.tuples(st.just("key of URL"), st.booleans()),
        st.tuples(st.just("on_error"), st.sampled_from(["raise", "bypass"])),
        st.tuples(st.just("verify"), st.booleans()),
        st.tuples(st.just("clock"), st.sampled_from([1, 30, 60])),
        st.tuples(st.just("clear"), st.none()),
        st.tuples(st.just("delete"), st.sampled_from(PATHS)),
        st.tuples(st.just("read_only"), st.booleans()),
    )


def change(pair: Pair, what: str, value: Any) -> None:
    """Change the state of both sessions, or the world around them."""
    change_world(pair, what, value)
    for number, session in enumerate(pair.sessions):
        if what == "header":
            session.headers.pop("Accept-Language", None)
            session.headers.update({"Accept-Language": value} if value else {})
        elif what == "api_key":
            session.headers["X-API-Key"] = value
        elif what == "key of URL":
            session.cache.match(key_fn=_url_of if value else None)
        elif what in ("auth", "params", "verify", "stream", "partition", "language"):
            setattr(session, what, deepcopy(value))
        elif what == "hook":
            hook = _counting_hook(pair, number)
            session.hooks["response"] = [hook] if value else []
        elif what == "cookie":
            session.cookies.clear()
            session.cookies.update({"k": "v"} if value else {})
        elif what == "visit":
            with session.cache_disabled():
                session.get(pair.origin.url(value))
        elif what == "cookie value":
            for cookie in session.cookies:
                cookie.value = value
        elif what == "cookie word":
            with session.cache_disabled():
                session.get(pair.origin.url("/json"), auth=("who", "it is"))
        elif what == "methods":
            session.settings.allowable_methods = value
        elif what == "filter":
            session.settings.filter_fn = (lambda response: True) if value else None
        elif what == "picky":
            session.settings.filter_fn = lambda response: "a=1" not in response.url
        elif what == "reject":
            session.settings.filter_fn = lambda response: False
        elif what == "key_fn":
            numbers = count()
            session.cache.matching = Matching(
                key_fn=lambda request, numbers=numbers, **kwargs: str(next(numbers) // 2)
            )
        elif what == "cache":
            session.cache = init_backend("memory")
        elif what == "attribute":
            session.prepare_request = _preparing_otherwise(session)  # type: ignore[method-assign]  # its purpose
        elif what in SETTINGS:
            setattr(session.settings, what, value)
        elif what == "clear":
            session.cache.clear()
        elif what == "delete":
            session.cache.delete_url(pair.origin.url(value))


def change_world(pair: Pair, what: str, value: Any) -> None:
    """Change what no session hears of."""
    if what == "clock":
        pair.now += value
    elif what == "login":
        pair.both(lambda session, _: session.post(pair.origin.url(value), {"password": "p"}))
    elif what == "failing":
        pair.origin.failing = value
    elif what == "password":
        for auth in (session.auth for session in pair.sessions):
            if isinstance(auth, HTTPBasicAuth):
                auth.password = value


def _preparing_otherwise(session: CachedSession) -> Callable[..., requests.PreparedRequest]:
    prepare = session.prepare_request

    def prepare_otherwise(request: requests.Request) -> requests.PreparedRequest:
        request.params = {"otherwise": "1"}
        return prepare(request)

    return prepare_otherwise


def _url_of(request: requests.PreparedRequest, **kwargs: Any) -> str:
    return str(request.url)


def _counting_hook(pair: Pair, number: int) -> Callable[..., None]:
    def hook(response: requests.Response, **kwargs: Any) -> None:
        pair.hooks_run[number] += 1

    return hook


def let_users_in(origin: Origin) -> None:
    """Have `/login/<name>` set a cookie, and `/mine` answer with it."""
    for name in ("ann", "ben"):
        answer = Answer(b"in", (("Set-Cookie", f"sid={name}; Path=/"),))
        origin.answers[f"/login/{name}"] = lambda request, answer=answer: answer  # type: ignore[misc]  # bound now
    origin.answers["/mine"] = lambda request: Answer(request.headers.get("cookie", "").encode())


@pytest.fixture(scope="module")
def shared_origin() -> Iterator[Origin]:
    """An origin that also sets cookies: of a balancer, and of a visitor who says nothing."""
    with Origin() as origin:
        visit = ("Set-Cookie", "visit=v; Path=/")
        answers = {
            "/balanced": [("Set-Cookie", "AWSALB=x; Path=/")],
            "/visit": [visit],
            "/visit/vary": [visit, ("Vary", "Cookie")],
        }
        for path, fields in answers.items():
            answer = Answer(b"page", (("Cache-Control", "max-age=60"), *fields))
            origin.answers[path] = lambda request, answer=answer: answer  # type: ignore[misc]  # bound now
        let_users_in(origin)
        yield origin


@pytest.mark.parametrize("store", KINDS)
@settings(
    # Each single change is also tried by itself, below.
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chosen=st.lists(calls(), min_size=1, max_size=3),
    changed=st.lists(changes(), min_size=1, max_size=8),
)
def test_both_ways_give_the_same(
    store: str,
    chosen: list[dict[str, Any]],
    changed: list[tuple[str, Any]],
    shared_origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same few calls come again after each change, so that what is remembered is put to use."""
    pair = Pair(shared_origin, store)
    monkeypatch.setattr(clock, "now", lambda: pair.now)
    try:
        for one_change in (("clock", 0), *changed):
            change(pair, *one_change)
            for call in (*chosen, *chosen):
                compare(pair, call)
    finally:
        pair.close()


CHANGED_PATHS = ("/json", "/vary", "/cookies", "/etag", "/visit", "/visit/vary")
CHANGES = [
    ("header", "de"),
    ("auth", ("a", "b")),
    ("params", {"s": "1"}),
    ("hook", True),
    ("cookie", True),
    ("cookie", False),
    ("visit", "/balanced"),
    ("visit", "/visit"),
    ("cookie value", "2"),
    ("cookie word", None),
    ("match_cookies", ("visit",)),
    ("replay_cookies", True),
    ("api_key", "secret"),
    ("expire_after", 5),
    ("methods", ("HEAD",)),
    ("filter", True),
    ("reject", True),
    ("picky", None),
    ("partition", "ann"),
    ("key of URL", True),
    ("on_error", "raise"),
    ("verify", False),
    ("clock", 60),
    ("clear", None),
    ("key_fn", True),
    ("always_revalidate", True),
    ("cache_control", True),
    ("cache", None),
    ("attribute", None),
    ("stream", True),
]


@pytest.mark.parametrize(
    ("what", "value", "path", "store"),
    # Each change with each path and with each store, and each path with each store: all three with
    # one another would be six times as many.
    [
        (*one_change, path, [*STORES][(number + place) % len(STORES)])
        for number, one_change in enumerate(CHANGES)
        for place, path in enumerate(CHANGED_PATHS)
    ],
)
def test_each_change_is_noticed(
    what: str,
    value: Any,
    path: str,
    store: str,
    shared_origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A remembered call, a change, the same call: nothing of before the change is left."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        # With one of these requests ignores `session.verify = False`.
        monkeypatch.delenv(name, raising=False)
    pair = Pair(shared_origin, store)
    monkeypatch.setattr(clock, "now", lambda: pair.now)
    try:
        for call in ({"path": path}, {"path": path, "params": {"a": 1}}) * 2:
            compare(pair, call)
        change(pair, what, value)
        for call in ({"path": path}, {"path": path, "params": {"a": True}}) * 2:
            compare(pair, call)
    finally:
        pair.close()


def compare(pair: Pair, step: dict[str, Any]) -> None:
    options = dict(step)
    url, body = pair.origin.url(options.pop("path")), options.pop("body", None)
    asked: list[list[str]] = [[], []]

    def call(session: CachedSession, number: int) -> dict[str, Any]:
        before = pair.origin.count()
        try:
            verb = session.get if body is None else session.post
            return seen(verb(url, **options, **(body or {})), session)
        finally:
            # One of a hit, too, if that was stale.
            refreshed(session)
            asked[number] = sorted(map(repr, pair.origin.requests[before:]))

    one, other = pair.both(call)
    assert one == other
    assert asked[0] == asked[1]
    assert pair.hooks_run[0] == pair.hooks_run[1]
    stats = [session.cache.stats.as_dict() for session in pair.sessions]
    assert stats[0] == stats[1]


@pytest.mark.parametrize("store", STORES)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paths=st.lists(st.sampled_from(PATHS), min_size=2, max_size=8),
    headers=st.dictionaries(st.sampled_from(["Accept-Language", "X"]), st.sampled_from(LANGUAGES)),
)
def test_prepared_requests_give_the_same_both_ways(
    store: str,
    paths: list[str],
    headers: dict[str, str],
    shared_origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = Pair(shared_origin, store)
    monkeypatch.setattr(clock, "now", lambda: pair.now)
    try:
        for number, path in enumerate((*paths, *paths)):
            request = requests.Request("GET", shared_origin.url(path), headers=headers).prepare()
            # It is prepared: what is done to a session now has no part in it.
            for session in pair.sessions:
                session.headers["Accept-Language"] = LANGUAGES[number % len(LANGUAGES)]
                session.auth, session.params = (f"{number % 3}", ""), {"page": number}
            one, other = pair.both(lambda s, _, r=request: seen(s.send(r), s))  # type: ignore[misc]
            assert one == other
    finally:
        pair.close()


def short_ways(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record what the short way gives."""
    found: list[Any] = []
    answer = FastPath.answer_call

    def recording(self: FastPath, *args: Any) -> Any:
        found.append(answer(self, *args))
        return found[-1]

    monkeypatch.setattr(FastPath, "answer_call", recording)
    return found


@pytest.mark.parametrize("size", [10, 100_000, 3_000_000])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_an_ordinary_hit_takes_the_short_way(
    origin: Origin,
    backend: str,
    stream: bool,
    size: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But for a body that is not to be held in memory, which is read in pieces."""
    found, is_long = short_ways(monkeypatch), backend == "sqlite" and stream and size > 1_000_000
    options: dict[str, Any] = {"params": {"a": 1}, "headers": {"X": "y"}, "stream": stream}
    keys: set[str | None] = set()
    with CachedSession(tmp_path / "cache", backend) as session:
        for number in range(4):
            if number == 2 and not is_long:
                # What is known is not looked for again.
                monkeypatch.setattr(session.cache, "read_either", None)
                monkeypatch.setattr(session.cache, "open_either", None)
            response = session.get(origin.url(f"/bytes/{size}"), **options)
            assert (response.from_cache, len(response.content)) == (number > 0, size)
            keys.add(response.cache_key)
        assert keys == {*session.cache.responses}
    hits = [isinstance(one, CachedResponse) for one in found]
    assert hits == [False, *[not is_long] * 3]
    assert is_long or response is found[-1]


WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "JSON in a POST": ({"allowable_methods": ("POST",)}, {"json": {"a": [1, None]}}),
    "a form in a POST": ({"allowable_methods": ("GET", "POST")}, {"data": {"a": "1"}}),
    "stale, simple rules": ({"expire_after": 1, "stale_while_revalidate": True}, {}),
    "stale, rules of HTTP": ({"cache_control": True, "stale_while_revalidate": 3600}, {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_ordinary_way_needs_no_exchange(
    way: str, origin: Origin, monkeypatch: pytest.MonkeyPatch, set_time: Callable[[float], None]
) -> None:
    options, body = WAYS[way]
    let_go, path = Event(), "/page"

    def answer(request: object) -> Answer:
        if way.startswith("stale") and origin.count(path) > 1:
            assert let_go.wait(10)
        return Answer(b"%d" % origin.count(path), (("Cache-Control", "max-age=1"),))

    origin.answers[path] = answer
    with CachedSession("fast_path", "memory", **options) as session:
        verb = session.post if body else session.get
        verb(origin.url(path), **body)
        if way.startswith("stale"):
            set_time(1010)
        for _ in range(2):
            verb(origin.url(path), **body)
        monkeypatch.setattr(session, "_exchange", None)
        for _ in range(3):
            response = verb(origin.url(path), **body)
            assert (response.text, response.from_cache) == ("1", True)
        let_go.set()
        refreshed(session)
        fresh = verb(origin.url(path), **body)
        assert (fresh.text, origin.count()) == (("2", 2) if way.startswith("stale") else ("1", 1))


def test_who_has_logged_in_gets_his_own_pages_without_an_exchange(origin: Origin) -> None:
    let_users_in(origin)
    with CachedSession("fast_path", "memory") as session:
        for name in ("ann", "ben", "ann"):
            session.post(origin.url(f"/login/{name}"), data={"password": "p"})
            first = session.get(origin.url("/mine"))
            assert (first.text, first.from_cache) == (f"sid={name}", False)
            session.get(origin.url("/mine"))
            with patch.object(session, "_exchange", None):
                again = session.get(origin.url("/mine"))
            assert (again.text, again.from_cache) == (f"sid={name}", True)
            assert again.request.headers["Cookie"] == f"sid={name}"


@pytest.mark.parametrize(("during", "first"), [("Asking", "ben"), ("read_either", "ann")])
def test_who_becomes_another_in_another_thread_gets_his_own_pages(
    origin: Origin, during: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is on its way to the store is still that of the one before."""
    let_users_in(origin)
    with CachedSession("fast_path", "memory") as session:
        for name in ("ben", "ann"):
            session.post(origin.url(f"/login/{name}"), data={"password": "p"})
        owner: Any = asking if during == "Asking" else session.cache
        found = getattr(owner, during)

        def become_ben(*args: Any) -> Any:
            monkeypatch.setattr(owner, during, found)
            given = found(*args)
            session.post(origin.url("/login/ben"), data={"password": "p"})
            return given

        monkeypatch.setattr(owner, during, become_ben)
        texts = [session.get(origin.url("/mine")).text for _ in range(3)]
        assert texts == [f"sid={first}", "sid=ben", "sid=ben"]


@pytest.mark.parametrize("way", ["get", "request"])
def test_a_class_that_adds_to_what_is_sent_gets_what_it_has_sent(origin: Origin, way: str) -> None:
    """The fast path answers what comes to our `send`, and sees what has been added by then."""
    url, found = origin.url("/vary"), list[Any]()
    with Adding("fast_path", "memory", cache_control=True) as session:
        answer = session._fast_path.answer_prepared

        def recording(*args: Any, **more: Any) -> Any:
            found.append(answer(*args, **more))
            return found[-1]

        session._fast_path.answer_prepared = recording  # type: ignore[method-assign]  # its purpose
        call = session.get if way == "get" else lambda url: session.request("GET", url)
        for session.language in ("en", "en", "en", "de", "de", "en"):
            response = call(url)
            assert response.json()["language"] == session.language
            assert response.request.headers["Accept-Language"] == session.language
        assert response.from_cache
        assert [isinstance(one, CachedResponse) for one in found[:4]] == [False, True, True, False]
        assert origin.count() == 2


@pytest.mark.parametrize("where", ["class", "class between", "session"])
def test_a_send_that_is_replaced_again_is_called(origin: Origin, where: str) -> None:
    url, sent = origin.url("/json"), list[str]()
    kind = AddingMore if where == "class between" else Adding
    with kind("fast_path", "memory") as session:
        owner: Any = session if where == "session" else Adding
        for number in "aabb":
            below = super(Adding, session).send

            def send(*args: Any, number: str = number, below: Any = below, **more: Any) -> Any:
                sent.append(number)
                return below(args[-1], **more)

            with patch.object(owner, "send", send):
                response = session.get(url)
        assert response.from_cache
    assert sent == ["a", "a", "b", "b"]


@pytest.mark.parametrize("given", [None, True, False])
@pytest.mark.parametrize("name", ["verify", "stream"])
def test_what_a_session_says_holds_unless_a_call_says_otherwise(
    shared_origin: Origin, name: str, given: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    pair = Pair(shared_origin, "sqlite")
    found = short_ways(monkeypatch)
    try:
        change(pair, name, name == "stream")
        for more in ({name: given}, {}, {name: given, "params": {"a": "1"}}) * 3:
            compare(pair, {"path": "/json", **more})
        assert sum(isinstance(one, CachedResponse) for one in found) >= 2
        # Then requests verifies, whatever the session says.
        monkeypatch.setenv("CURL_CA_BUNDLE", "/none")
        for _ in range(2):
            compare(pair, {"path": "/json"})
    finally:
        pair.close()


def test_what_has_expired_is_read_once(
    origin: Origin,
    make_session: Callable[..., CachedSession],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, url, now = make_session(expire_after=50), origin.url("/etag"), [1000.0]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    session.get(url)
    session.get(url)
    for _ in range(2):
        now[0] += 60
        look = session.cache.read_either
        with patch.object(session.cache, "read_either", wraps=look) as looking:
            assert session.get(url).revalidated
            assert looking.call_count == 1
            assert session.get(url).from_cache
            assert session.get(url).from_cache
            looking.reset_mock()
            assert session.get(url).from_cache
            assert looking.call_count == 0


def test_what_a_filter_refuses_is_left_to_the_exchange_until_it_lets_it_through(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, wants = list[bool](), True

    def is_wanted(response: requests.Response) -> bool:
        asked.append(wants)
        return wants

    with CachedSession("fast_path", "memory", filter_fn=is_wanted) as session:
        counts = []
        for wants in (True, True, False, False, False, True, True):  # noqa: B007  # read above
            asked.clear()
            response = session.get(origin.url("/json"))
            counts.append((len(asked), getattr(response, "from_cache", None)))
    # What is stored is asked for, and what comes in its place.
    assert counts[1] == counts[-2] == counts[-1] == (1, True)
    assert counts[3:5] == [(2, False)] * 2


@pytest.mark.parametrize("numbers", [["1", "2", "2", "2"], [None] * 4])
@pytest.mark.parametrize("options", [{}, {"cache_control": True}, {"backend": "sqlite"}])
def test_a_filter_sees_who_asked_first(
    origin: Origin, numbers: list[str | None], options: dict[str, Any], tmp_path: Path
) -> None:
    seen: list[tuple[object, bool]] = []

    def is_wanted(response: requests.Response) -> bool:
        seen.append((response.request.headers.get("X"), "Age" in response.headers))
        return True

    options = {"backend": "memory", "filter_fn": is_wanted, **options}
    with CachedSession(tmp_path / "cache", **options) as session:
        for number in numbers:
            headers = {"X": number} if number else None
            response = session.get(origin.url("/max-age/60"), headers=headers)
            assert response.request.headers.get("X") == number
    assert seen == [(numbers[0], False)] * 4


def test_a_key_function_gives_nobody_what_is_somebodys(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    """It does not tell one owner from another; the record does."""
    session = make_session(key_fn=_url_of)
    url = origin.url("/json")
    for name in ("ann", "ben", None, "ann"):
        auth = None if name is None else (name, "pw")
        assert not session.get(url, auth=auth).from_cache
        assert session.get(url, auth=auth).from_cache
        assert session.get(url, auth=auth).from_cache


class Broken(Exception):
    """What the store of somebody else raises."""


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_a_store_raises_is_raised_if_that_was_asked_for(origin: Origin, times: int) -> None:
    with CachedSession("fast_path", "memory", on_error="raise") as session:
        url = origin.url("/json")
        for _ in range(times):
            session.get(url)
        with (
            patch.object(session.cache.responses, "read", side_effect=Broken),
            pytest.raises(Broken),
        ):
            session.get(url)
        assert session.get(url).from_cache == (times > 0)


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        ({}, 1),
        ({"serializer": "json"}, 1),
        ({"secret_key": "secret"}, 1),
        ({"serializer": "pickle"}, 1),
    ],
    ids=["default", "json", "signed", "pickle"],
)
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_the_same_bytes_are_read_once(
    origin: Origin, options: dict[str, Any], calls: int, backend: str, tmp_path: Path
) -> None:
    with CachedSession(tmp_path / "cache", backend, **options) as session:
        url = origin.url("/json")
        first = session.get(url).json()
        assert session.get(url).from_cache
        decode = session.cache.serializer.decode
        with patch.object(session.cache.serializer, "decode", wraps=decode) as decoding:
            answers = [session.get(url) for _ in range(3)]
            assert decoding.call_count == 0
            assert all(answer.from_cache and answer.json() == first for answer in answers)
            (key,) = session.cache.responses
            entry = session.cache.responses.read(key)
            assert entry is not None
            session.cache.responses.write(key, entry._replace(head=entry.head[:-1] + b"?"))
            assert not session.get(url).from_cache


def test_a_serializer_of_somebody_else_is_asked_each_time(origin: Origin) -> None:
    class Counting(type(CachedSession("x", "memory").cache.serializer)):  # type: ignore[misc]  # its purpose
        decoded = 0

        def decode(self, head: bytes, body: bytes | None) -> object:
            type(self).decoded += 1
            return super().decode(head, body)

    with CachedSession("fast_path", "memory", serializer=Counting()) as session:
        for _ in range(3):
            session.get(origin.url("/json"))
        assert Counting.decoded == 2


def test_a_jar_that_tells_nobody_takes_the_short_way_and_shows_in_the_request(
    shared_origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cookies of a balancer and of a visit; one of the program's is another matter."""
    found = short_ways(monkeypatch)
    with CachedSession("fast_path", "memory") as session:
        session.get(shared_origin.url("/balanced"))
        session.get(shared_origin.url("/visit"))
        url = shared_origin.url("/json")
        for _ in range(2):
            response = session.get(url, timeout=5)
        assert response is found[-1]
        assert response.request.headers["Cookie"] == "AWSALB=x; visit=v"
        session.cookies.set("sid", "1")
        assert not session.get(url, timeout=5).from_cache
        assert not isinstance(found[-1], CachedResponse)


def test_a_cookie_is_sent_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    with Origin() as origin, CachedSession("fast_path", "memory", expire_after=1) as session:
        answer = Answer(b"", (("Set-Cookie", "AWSALB=x; Max-Age=100"),))
        origin.answers["/balanced"] = lambda request: answer
        sent: list[str | None] = []

        def note(request: Any) -> Answer:
            sent.append(request.headers.get("cookie"))
            return Answer(b"")

        origin.answers["/page"] = note
        session.get(origin.url("/balanced"))
        now = clock.now()
        for later in (0, 50, 200):
            monkeypatch.setattr("time.time", lambda later=later: now + later)
            response = session.get(origin.url("/page"))
            assert not response.from_cache
            assert session.get(origin.url("/page")).from_cache
        assert sent == ["AWSALB=x", "AWSALB=x", None]


def test_age_is_that_of_the_hit_and_is_made_when_it_is_read(
    origin: Origin, make_session: Callable[..., CachedSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(cache_control=True)
    url = origin.url("/max-age/100")
    session.get(url)
    began = clock.now()
    ages = []
    for later in (10, 20):
        monkeypatch.setattr(clock, "now", lambda later=later: began + later)
        ages.append(session.get(url))
    monkeypatch.setattr(clock, "now", lambda: began + 90)
    assert [abs(int(hit.headers["Age"]) - n) <= 1 for hit, n in zip(ages, (10, 20), strict=True)]
    ttls = [status.ttl or 0 for hit in ages if (status := hit.cache_status)]
    assert [ttl // 10 * 10 in (70, 80, 90) for ttl in ttls] == [True, True]
    copies = [pickle.loads(pickle.dumps(hit)) for hit in ages]
    assert [copy.headers["Age"] for copy in copies] == [hit.headers["Age"] for hit in ages]
    assert origin.count() == 1


def test_a_netrc_file_that_appears_is_noticed(
    origin: Origin,
    make_session: Callable[..., CachedSession],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    session = make_session()
    assert not session.get(origin.url("/json")).from_cache
    assert session.get(origin.url("/json")).from_cache
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert not session.get(origin.url("/json")).from_cache, "it has a password now"


def test_a_class_that_prepares_requests_its_own_way_is_respected(origin: Origin) -> None:
    class Signing(CachedSession):
        def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
            prepared = super().prepare_request(request)
            prepared.url = f"{prepared.url}?n={self.number}"
            return prepared

        number = 0

    with Signing("signing", "memory") as session:
        for session.number in (1, 1, 2):
            response = session.get(origin.url("/json"))
        assert not response.from_cache
        assert origin.count("/json") == 2


@pytest.mark.parametrize(
    ("url", "options"),
    [(b"{url}", {}), ("{url}", {"params": [("a", "1")]}), ("{url}", {"headers": {b"X": "1"}})],
)
def test_a_call_that_is_not_ordinary_goes_the_long_way_to_the_same_answer(
    shared_origin: Origin,
    url: str | bytes,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A URL of bytes, parameters as a list, a name of bytes."""
    found = short_ways(monkeypatch)
    plain = shared_origin.url("/json")
    asked = plain.encode() if isinstance(url, bytes) else plain
    with CachedSession("fast_path", "memory") as session:
        first, second = (session.get(asked, **options) for _ in range(2))
    assert not first.from_cache
    assert second.from_cache
    assert second.json() == first.json()
    assert not any(found)


@pytest.mark.parametrize(("given", "taken"), [({"NETRC": "/none"}, "NETRC"), ({}, "HOME")])
def test_whether_there_is_a_netrc_file_is_left_to_requests_in_unusual_environments(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], taken: str
) -> None:
    """NETRC may name a file anywhere, and without HOME requests asks the system's user table."""
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("NETRC", raising=False)
    assert not may_have_netrc()
    monkeypatch.delenv(taken, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert may_have_netrc()


def test_a_response_that_the_long_way_has_to_give_is_read_once(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    """The short way would read what a session with `cache_control` has stored in vain."""
    url = origin.url("/max-age/100")
    session = make_session()
    CachedSession(backend=session.cache, cache_control=True, autoclose=False).get(url)
    for _ in range(3):
        cache = session.cache
        with patch.object(cache.responses, "read", wraps=cache.responses.read) as read:
            assert session.get(url).from_cache
        assert read.call_count == 1


def test_a_body_that_is_damaged_later_is_noticed(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    """Its head is the one that was checked before."""
    session = make_session(backend="sqlite", use_memory=True)
    url = origin.url("/json")
    content = session.get(url).content
    assert all(session.get(url).from_cache for _ in range(3))
    (key,) = session.cache.responses
    entry = session.cache.responses.read(key)
    assert entry is not None
    session.cache.responses.write(key, entry._replace(body=bytes(len(entry.body))))
    response = session.get(url)
    assert (response.from_cache, response.content) == (False, content)
    assert origin.count("/json") == 2


@pytest.mark.parametrize("size", [10, 20_000])
def test_a_response_that_got_another_lifetime_has_it(
    origin: Origin, make_session: Callable[..., CachedSession], size: int
) -> None:
    """Its head is another one; its body, with the checksum, is the one that was there before."""
    session = make_session(backend="sqlite", use_memory=True)
    url = origin.url(f"/bytes/{size}")
    session.get(url)
    assert all(session.get(url).from_cache for _ in range(3))
    session.cache.reset_expiration(datetime(2000, 1, 1, tzinfo=UTC))
    assert not session.get(url).from_cache


@pytest.mark.parametrize("backend", ["memory", "sqlite", "filesystem"])
@pytest.mark.parametrize(
    ("size", "stream"), [(0, False), (9, False), (20_000, True), (150_000, False)]
)
@pytest.mark.parametrize("how", ["clear", "delete", "another process"])
def test_what_was_deleted_is_a_miss_whatever_its_size(
    tmp_path: Path, origin: Origin, how: str, size: int, stream: bool, backend: str
) -> None:
    url = origin.url(f"/bytes/{size}")
    with CachedSession(str(tmp_path / "c"), backend) as session:
        seen = []
        for number in range(6):
            if number == 3 and how == "clear":
                session.cache.clear()
            elif number == 3 and how == "delete":
                session.cache.delete(urls=url)
            elif number == 3:
                session.cache.responses.clear()
            response = session.get(url, stream=stream)
            seen.append((response.from_cache, len(response.content)))
    once = [(False, size), (True, size), (True, size)]
    assert seen == once * 2


def test_a_filter_that_raises_on_the_short_way_raises_on_the_long_one(origin: Origin) -> None:
    raises = False

    def is_wanted(response: requests.Response) -> bool:
        if raises:
            raise LookupError("no opinion")
        return True

    with CachedSession(backend="memory", filter_fn=is_wanted) as session:
        for _ in range(2):
            session.get(origin.url("/json"))
        raises = True
        with pytest.raises(LookupError, match="no opinion"):
            session.get(origin.url("/json"))


class Sending(CachedSession):
    """A session with a `send` of its own."""

    def send(self, request: Any, **kwargs: Any) -> Any:
        return super().send(request, **kwargs)


@pytest.mark.parametrize(
    ("url", "options"),
    [("http://", {}), ("http://a.test/", {"headers": {"X": "a\nb"}}), ("http://[a.test/", {})],
)
def test_what_cannot_be_prepared_is_the_error_of_requests(url: str, options: Any) -> None:
    expected = InvalidHeader if options else InvalidURL
    for kind in (CachedSession, Sending):
        with kind(backend="memory") as session:
            for call in (session.get, partial(session.request, "GET")):
                with pytest.raises(expected):
                    call(url, **options)


def test_what_is_no_function_has_no_fingerprint_and_plain_urls_are_bounded(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fingerprint([fingerprint, len]) is None
    monkeypatch.setattr("requests_cache._fast_path.plain_calls._MOST_REMEMBERED", 1)
    with Sending(backend="memory") as session:
        for query in ("", "?1", "?2"):
            assert session.get(origin.url(f"/json{query}")).status_code == 200
        state = session._fast_path._state
        assert state is not None
        assert len(state.plain_calls._plain) == 1


def test_a_copy_that_is_another_request_takes_the_long_way(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread may change a request while it is looked at."""
    with CachedSession(backend="memory") as session:
        request = requests.Request("GET", origin.url("/vary")).prepare()
        copy = requests.PreparedRequest.copy
        changed = copy(request)
        changed.headers["Accept-Language"] = "de"
        monkeypatch.setattr(requests.PreparedRequest, "copy", lambda self: copy(changed))
        assert session.send(request).json() is not None


@pytest.mark.parametrize("value", [5, "a response with more"])
def test_a_pickle_that_is_no_plain_response_is_left_to_the_long_way(
    value: object, origin: Origin
) -> None:
    with CachedSession(backend="memory", serializer="pickle") as session:
        first = session.get(origin.url("/json"))
        (key,) = session.cache.responses
        stored: Any = value
        if value != 5:
            stored = session.cache.responses[key]
            stored.note = "mine"
        session.cache.responses.write(key, Entry(*session.cache.serializer.encode(stored)))
        again = session.get(origin.url("/json"))
        assert (again.from_cache, again.content) == (value != 5, first.content)


@pytest.mark.parametrize("path", ["/vary", "/empty", "/redirect/1"])
@pytest.mark.parametrize("whose", ["a partition's", "a jar's", "nobody's"])
def test_what_varies_and_what_has_a_history_is_a_hit_for_whoever_asks(
    origin: Origin, path: str, whose: str
) -> None:
    """For a partition, and for a jar, an exchange looks whose it is."""
    origin.answers["/empty"] = lambda request: Answer(b"", (("Vary", ""),))
    with CachedSession(backend="memory", expire_after=60) as session:
        mine: Any = session.for_partition("mine") if whose == "a partition's" else session
        if whose == "a jar's":
            session.cookies.set("visit", "1")
        found = [mine.get(origin.url(path)).from_cache for _ in range(3)]
        assert found == [False, True, True]


@pytest.mark.parametrize("has_cookies", [False, True])
def test_a_response_that_was_saved_with_its_history_is_a_hit(
    origin: Origin, has_cookies: bool
) -> None:
    """Where there are cookies an exchange says which of them a hop has set."""
    with CachedSession(backend="memory") as session:
        if has_cookies:
            session.cookies.set("visit", "1", domain="elsewhere.test")
        session.cache.save_response(requests.get(origin.url("/redirect/1"), timeout=10))
        assert all(session.get(origin.url("/json")).from_cache for _ in range(3))


def test_a_streamed_body_that_has_become_large_is_read_in_pieces(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found, size = short_ways(monkeypatch), [10]
    origin.answers["/growing"] = lambda request: Answer(bytes(size[0]))
    with CachedSession(tmp_path / "cache", "sqlite") as session:
        ask = partial(session.get, origin.url("/growing"), stream=True)
        assert [len(ask().content) for _ in range(3)] == [10] * 3
        size[0] = 3_000_000
        assert len(ask(force_refresh=True).content) == size[0]
        assert [len(ask().content) for _ in range(2)] == size * 2
        assert origin.count() == 2
    assert [isinstance(one, CachedResponse) for one in found] == [False, True, True, *[False] * 3]
