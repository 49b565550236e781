"""Classes, values and test doubles that requests takes: so does the cache, also for a hit."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from functools import partialmethod
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock, patch

import pytest
import requests
import requests_cache
from requests.cookies import RequestsCookieJar
from requests_cache import CachedSession, CacheMixin
from requests_cache._fast_path import of_requests
from requests_cache.testing.origin import Origin

STATE = (
    *("auth", "headers", "params", "verify", "cert", "cookies", "proxies", "trust_env", "stream"),
    *("hooks", "max_redirects", "adapters"),
)
OURS = ("get", "request", "send", "prepare_request", "merge_environment_settings")


def by_property(name: str, value: Any) -> type[CachedSession]:
    return type("Own", (CachedSession,), {name: property(lambda self: value, lambda self, v: None)})


def by_slot(name: str, value: Any) -> type[CachedSession]:
    return type("Own", (CachedSession,), {"__slots__": (name,)})


def by_getattribute(name: str, value: Any) -> type[CachedSession]:
    def read(self: Any, asked: str) -> Any:
        return value if asked == name else super(CachedSession, self).__getattribute__(asked)

    return type("Own", (CachedSession,), {"__getattribute__": read})


@pytest.mark.parametrize("make", [by_property, by_slot, by_getattribute])
@pytest.mark.parametrize("name", STATE)
def test_a_class_may_say_in_its_own_way_what_a_session_is(
    origin: Origin, name: str, make: Callable[[str, Any], type[CachedSession]]
) -> None:
    value = getattr(requests.Session(), name)
    with make(name, value)("own", "memory") as session:
        hits = [
            session.get(origin.url("/json"), timeout=timeout).from_cache
            for timeout in (None, None, 9)
        ]
    assert hits == [False, True, True]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("hooks", None), ("hooks", {}), ("headers", {}), ("headers", {"X": "y"})),
        *(("params", None), ("params", []), ("auth", ["u", "p"][:0]), ("verify", 1)),
        *(("cookies", requests.Session().cookies.copy()), ("stream", None), ("cert", ())),
    ],
)
def test_a_session_may_have_what_requests_takes(origin: Origin, name: str, value: Any) -> None:
    with CachedSession("own", "memory") as session:
        setattr(session, name, value)
        assert [session.get(origin.url("/json")).from_cache for _ in range(3)] == [
            False,
            True,
            True,
        ]


def test_a_token_in_a_property_is_sent_and_keeps_users_apart(origin: Origin) -> None:
    class Own(CachedSession):
        token = "ann"

        @property
        def auth(self) -> tuple[str, str]:
            return self.token, "secret"

        @auth.setter
        def auth(self, value: object) -> None:
            """Taken from the token."""

    with Own("own", "memory") as session:
        url = origin.url("/json")
        hits = [
            session.get(url).from_cache for session.token in ("ann", "ann", "bob", "ann", "bob")
        ]
    assert hits == [False, True, False, True, True]


@pytest.mark.parametrize("owner", [CachedSession, CacheMixin, requests.Session])
@pytest.mark.parametrize("name", OURS)
def test_a_double_in_the_place_of_a_method_is_called_and_nothing_is_sent(
    origin: Origin, owner: type, name: str
) -> None:
    """For a URL that is known, too, and before and after the session was made."""
    url = origin.url("/json")
    with CachedSession("own", "memory") as session:
        session.get(url)
        session.get(url)
        if owner is requests.Session and name == "send":
            session.cache.clear()
        with patch.object(owner, name, side_effect=KeyError) as double:
            for one in (session, CachedSession(backend=session.cache, autoclose=False)):
                with pytest.raises(KeyError):
                    one.get(url)
        assert double.call_count == 2
        assert origin.count() == 1
        assert session.get(url).status_code == 200


@pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, names in of_requests.STEPS.items() for name in names],
)
def test_each_step_of_requests_is_taken_while_it_is_replaced(
    origin: Origin, owner: Any, name: str
) -> None:
    if name == "get_netrc_auth":
        pytest.skip("only called where there is a netrc file")
    url = origin.url("/json")
    with CachedSession("own", "memory") as session:
        for _ in range(3):
            session.get(url)
        with patch.object(owner, name, side_effect=KeyError), pytest.raises(KeyError):
            session.get(url)
        assert session.get(url).from_cache


def test_an_unknown_release_of_requests_takes_the_long_way(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_requests, "steps", None)
    monkeypatch.setattr(of_requests, "_READ", frozenset())
    with CachedSession("own", "memory") as session:
        assert session._fast_path.look_at(session) is None
        assert [session.get(origin.url("/json")).from_cache for _ in range(2)] == [False, True]


@pytest.mark.parametrize("where", ["class", "base", "session", "class of the session"])
def test_a_method_that_is_set_later_is_used_from_then_on_and_until_it_goes(
    origin: Origin, where: str
) -> None:
    class Base(CachedSession):
        pass

    class Own(Base):
        mine = 1

    def send(self: Any, request: requests.PreparedRequest, **kwargs: Any) -> Any:
        raise KeyError

    class Raising(Own):
        pass

    Raising.send = send  # type: ignore[method-assign]  # its purpose
    url = origin.url("/json")
    with Own("own", "memory") as session:
        session.mine = 1
        for _ in range(3):
            session.get(url)
        del session.mine
        if where == "class of the session":
            session.__class__ = Raising
        else:
            owner: Any = {"class": Own, "base": Base, "session": session}[where]
            owner.send = send.__get__(session) if where == "session" else send
        with pytest.raises(KeyError):
            session.get(url)
        if where == "class of the session":
            session.__class__ = Own
        else:
            del owner.send
        assert session.get(url).from_cache


def test_another_thread_that_changes_the_session_for_a_moment_leaves_nothing(
    origin: Origin,
) -> None:
    """While a request is on its way, the session is another user's."""
    url = origin.url("/json")
    with CachedSession("own", "memory", match_headers=["A"]) as session:
        session.headers["X-API-Key"] = "ann"
        session.get(origin.url("/etag"))
        exchange = CacheMixin._exchange

        def with_another(self: Any, *args: Any, **kwargs: Any) -> Any:
            session.headers["X-API-Key"] = "bob"
            try:
                return exchange(self, *args, **kwargs)
            finally:
                session.headers["X-API-Key"] = "ann"

        with patch.object(CacheMixin, "_exchange", with_another):
            sent = [session.get(url).request, session.get(url, headers={"A": "1"}).request]
        assert [request.headers["X-API-Key"] for request in sent] == ["ann", "ann"]
        hits = [session.get(url), session.get(url, headers={"A": "1"})]
        assert [hit.from_cache for hit in hits] == [True, True]


def test_classes_of_sessions_go_with_the_last_reference(origin: Origin) -> None:
    references = []
    for _ in range(3):
        own = type("Own", (CachedSession,), {})
        with own("own", "memory") as session:
            session.get(origin.url("/json"))
            session.get(origin.url("/json"))
        references += [weakref.ref(own), weakref.ref(session.cache)]
        del own, session
    with requests_cache.enabled("own", "memory"):
        requests.get(origin.url("/json"), timeout=10)
        references += [weakref.ref(requests.Session), weakref.ref(requests_cache.get_cache())]
    gc.collect()
    assert [reference() for reference in references] == [None] * len(references)


def test_what_a_session_remembers_is_bounded_in_bytes_and_by_the_cache(origin: Origin) -> None:
    with CachedSession("own", "memory", max_entries=3) as session:
        for number in range(10):
            session.get(origin.url(f"/bytes/{number}"))
            session.get(origin.url(f"/bytes/{number}"))
        state = session._fast_path.look_at(session)
        assert state is not None
        assert len(state.memo.calls) <= 3


def test_a_jar_of_another_class_is_taken(origin: Origin) -> None:
    class Jar(RequestsCookieJar):
        pass

    with CachedSession("own", "memory") as session:
        session.cookies = Jar()
        session.cookies.set("a", "b")
        response = session.get(origin.url("/json"))
    assert response.request.headers["Cookie"] == "a=b"


def without(name: str) -> Callable[[], Any]:
    def make() -> Any:
        response = requests.Response()
        response.status_code, response._content = 200, b"double"
        delattr(response, name)
        return response

    return make


def having(**attributes: Any) -> Callable[[], Any]:
    def make() -> Any:
        response = requests.Response()
        response.status_code, response._content = 200, b"double"
        vars(response).update(attributes)
        return response

    return make


def mocked(make: Callable[..., Any], **options: Any) -> Callable[[], Any]:
    def double() -> Any:
        said = {"history": [], "is_redirect": False, "raw": None, "content": b"double"}
        return make(**options, **said, status_code=200)

    return double


DOUBLES: dict[str, Callable[[], Any]] = {
    "a mock": mocked(Mock),
    "a mock of anything": mocked(MagicMock),
    "a mock of a response": mocked(Mock, spec=requests.Response),
    "three attributes": mocked(SimpleNamespace),
    **{f"no {name}": without(name) for name in ("cookies", "url", "request", "reason", "encoding")},
    "a number as a header field": having(headers={"Content-Length": 6}),
    "a header field of None": having(headers={"X-Nothing": None}),
    "header fields in a list": having(headers={"Set-Cookie": ["a=b", "c=d"]}),
    "header fields in bytes": having(headers={b"Server": b"double"}),
    "a status in text": having(status_code="200"),
    "a status of None": having(status_code=None),
    "a URL in bytes": having(url=b"http://a.example/"),
    "a number as encoding": having(encoding=5),
}


@pytest.mark.parametrize("options", [{}, {"cache_control": True}, {"disabled": True}])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("double", DOUBLES)
def test_what_is_no_response_is_handed_on_as_requests_does(
    double: str, stream: bool, options: dict[str, Any]
) -> None:
    answers = [DOUBLES[double]() for _ in range(2)]
    with (
        patch("requests.adapters.HTTPAdapter.send", side_effect=answers),
        CachedSession("own", "memory", **options) as session,
    ):
        given = [session.get("http://a.example/", stream=stream) for _ in answers]
        assert all(one is other for one, other in zip(given, answers, strict=True))
        assert [one.content for one in given] == [b"double"] * 2
        assert session.cache.response_count() == 0


@pytest.mark.parametrize("answer", ["text", None, 5, {}])
@pytest.mark.parametrize("stream", [False, True])
def test_what_a_double_of_a_session_gives_is_handed_on(answer: object, stream: bool) -> None:
    with (
        patch.object(requests.Session, "send", return_value=answer),
        CachedSession("own", "memory") as session,
    ):
        given: object = session.get("http://a.example/", stream=stream)
    assert given is answer


def call_of(verb: str) -> dict[str, Any]:
    return {"data": b"given"} if verb in ("post", "put", "patch") else {"params": {"given": "1"}}


def by_method(verb: str) -> dict[str, Any]:
    def own(self: Any, url: str, **options: Any) -> Any:
        return getattr(requests.Session, verb)(self, url, **call_of(verb), **options)

    return {verb: own}


def by_partial(verb: str) -> dict[str, Any]:
    return {verb: partialmethod(getattr(requests.Session, verb), **call_of(verb))}


@pytest.mark.parametrize("make", [by_method, by_partial])
@pytest.mark.parametrize("verb", ["get", "head", "options", "post", "put", "patch", "delete"])
def test_a_verb_of_the_class_below_gets_what_the_caller_gave(
    verb: str, make: Callable[[str], dict[str, Any]], origin: Origin
) -> None:
    """It gives the rest, which was `None` already and could not be given twice."""
    below = type("Below", (requests.Session,), make(verb))
    own = type("Own", (CacheMixin, below), {})
    seen = []
    for session in (below(), own(backend="memory")):
        with session:
            request = getattr(session, verb)(origin.url("/echo")).request
        seen.append((request.method, request.url, request.body))
    assert seen[0] == seen[1]
    assert "given" in f"{seen[0]}"
