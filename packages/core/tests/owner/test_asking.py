"""Who asks: auth objects, partitions, pickled sessions, and what the log says of it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from requests import PreparedRequest, Request
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from requests.cookies import RequestsCookieJar
from requests_cache import BaseCache, CachedSession
from requests_cache._exchange.jar_marks import Marks, counts, going
from requests_cache._matching.auth import identify_auth
from requests_cache.testing.origin import Origin
from sites import Accounts, Public
from web import Call, Says, Visitor, Web

MakeSession = Callable[..., CachedSession]


def shows(**attributes: Any) -> AuthBase:
    class Signs(AuthBase):
        """Makes another credential for each request."""

        number = 0

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            Signs.number += 1
            request.headers["Authorization"] = f"Signed {Signs.number}"
            return request

    auth = Signs()
    vars(auth).update(attributes)
    return auth


def client(**attributes: str | None) -> SimpleNamespace:
    return SimpleNamespace(**attributes)


SIGNERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "OAuth 1": (
        {"client": client(client_key="k", client_secret="s", resource_owner_secret="ann")},
        {"client": client(client_key="k", client_secret="s", resource_owner_secret="bob")},
    ),
    "Signature Version 4": (
        {"access_id": "k", "signing_key": client(secret_key="ann")},
        {"access_id": "k", "signing_key": client(secret_key="bob")},
    ),
    "botocore": (
        {"credentials": client(access_key="k", secret_key="ann", token=None)},
        {"credentials": client(access_key="k", secret_key="bob", token=None)},
    ),
    "NTLM": ({"username": "u", "password": "ann"}, {"username": "u", "password": "bob"}),
}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("kind", SIGNERS)
def test_who_signs_each_request_is_found_again_and_only_he(
    kind: str, rules: bool, origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session(cache_control=rules, expire_after=60)
    ann, bob = SIGNERS[kind]
    url = origin.url("/json")
    assert not session.get(url, auth=shows(**ann)).from_cache
    hit = session.get(url, auth=shows(**ann))
    assert hit.from_cache
    assert session.cache.create_key(hit.request) == hit.cache_key
    assert not session.get(url, auth=shows(**bob)).from_cache
    assert not session.get(url).from_cache


def test_a_user_with_a_wrong_password_finds_nothing() -> None:
    one, other = (identify_auth(HTTPDigestAuth("ann", password)) for password in ("a", "b"))
    assert one is not None
    assert other is not None
    assert one.words != other.words
    assert identify_auth(HTTPBasicAuth("ann", "a")) is None


def test_partitions_keep_apart_and_are_not_stored(
    origin: Origin, make_session: MakeSession
) -> None:
    session: Any = make_session(partition="alice-by-name")
    url = origin.url("/json")
    assert not session.get(url, headers={"Authorization": "Bearer 1"}).from_cache
    assert session.get(url, headers={"Authorization": "Bearer 2"}).from_cache
    bob = session.for_partition("bob")
    assert not bob.get(url).from_cache
    assert bob.get(url).from_cache
    again = session.for_partition("alice-by-name").get(url)
    assert again.from_cache
    assert session.cache.create_key(again.request) == again.cache_key
    stored = b"".join(entry.head for entry in session.cache.responses.data.values())
    assert b"alice-by-name" not in stored


def test_a_pickled_session_keeps_the_marks_of_its_jar() -> None:
    with Web(**{"a.test": Accounts()}) as web:
        visitor = Visitor(web, BaseCache())
        visitor.post("a.test/login", data={"user": "alice"})
        first = visitor.get("a.test/account")
        again: Any = pickle.loads(pickle.dumps(visitor.session))
        request = again.prepare_request(_get("http://a.test/account"))
        response = again.send(request, proxies=visitor.session.proxies)
        assert response.cache_key == first.cache_key or not response.from_cache
        assert again.cookies._requests_cache_marks.arrived.keys()


def _get(url: str) -> Any:
    from requests import Request

    return Request("GET", url)


def test_no_value_of_a_cookie_is_stored(tmp_path: Any) -> None:
    with Web(**{"a.test": Accounts(home="a.test/account")}) as web:
        cache = CachedSession(str(tmp_path / "c"), "sqlite", autoclose=False).cache
        visitor = Visitor(web, cache)
        visitor.hits(["a.test/", "a.test/account"])
        visitor.post("a.test/login", data={"user": "alice"})
        visitor.hits(["a.test/", "a.test/account"] * 2)
        values = [cookie.value for cookie in visitor.session.cookies]
        cache.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert values
    assert not any((value or "").encode() in stored for value in values)


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://ann:s3cretWord@a.test/", None),
        ("http://a.test/x;jsessionid=S3CRETWORD/page", None),
        ("http://b.test/", "a.test"),
    ],
)
def test_a_cookie_that_has_its_place_of_the_request_is_known_again_and_tells_nothing(
    url: str, host: str | None, rules: bool
) -> None:
    class Here(Public):
        def says(self, call: Call) -> Says:
            says = super().says(call)
            lines = [f"{name}={value}" for name, value in says.new.items()]
            says.new = {}
            says.fields = {"Set-Cookie": lines[0]}
            return says

    with Web(**{"a.test": Here("rotating")}) as web:
        visitor = Visitor(web, BaseCache(), cache_control=rules, expire_after=60)
        headers = {"Host": host} if host else None
        answers = [visitor.session.get(url, headers=headers) for _ in range(2)]
        assert answers[1].from_cache
        assert answers[1].cookies.get_dict() == answers[0].cookies.get_dict()
        stored = b"".join(entry.head for _, entry in visitor.session.cache.entries(bodies=True))
        assert b"s3cretword" not in stored.lower()


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_a_session_id_that_other_fields_of_an_answer_repeat_is_not_stored(rules: bool) -> None:
    class Telling(Accounts):
        def says(self, call: Call) -> Says:
            says = super().says(call)
            if sid := says.new.get("sid"):
                says.fields.update({"X-Session": sid, "ETag": '"1"', "Link": f"</next?s={sid}>"})
            return says

    with Web(**{"a.test": Telling()}) as web:
        visitor = Visitor(web, BaseCache(), cache_control=rules)
        first = visitor.get("a.test/")
        hit = visitor.get("a.test/")
        assert hit.from_cache
        assert hit.headers["X-Session"] == first.cookies["sid"]
        stored = b"".join(entry.head for _, entry in visitor.session.cache.entries(bodies=True))
        assert first.cookies["sid"].encode() not in stored


def test_the_words_of_a_cookie_stay_few_however_many_logins_it_has_seen() -> None:
    with Web(**{"a.test": Accounts(renew=False)}) as web:
        visitor = Visitor(web, BaseCache())
        visitor.get("a.test/")
        for number in range(50):
            visitor.post("a.test/login", data={"user": f"u{number % 3}"})
        jar: Any = visitor.session.cookies
        marks = jar._requests_cache_marks.arrived.values()
        assert all(len(mark.words) <= 4 for mark in marks)
        for number in range(200):
            visitor.get("a.test/x", bearer=f"u{number}")
        assert all(len(mark.words) <= 64 for mark in marks)
        assert not visitor.get("a.test/x", bearer="u0").from_cache
        assert visitor.get("a.test/x", bearer="u0").from_cache


def test_a_cookie_that_goes_from_two_places_has_the_words_of_both() -> None:
    class TwoPlaces(Accounts):
        def says(self, call: Call) -> Says:
            says = super().says(call)
            if sid := says.new.get("sid"):
                says.fields["Set-Cookie"] = f"sid={sid}; Path=/account"
            return says

    with Web(**{"a.test": TwoPlaces(renew=False)}) as web:
        cache = BaseCache()
        for name in ("alice", "bob"):
            visitor = Visitor(web, cache)
            visitor.hits(["a.test/", "a.test/account"])
            # It goes to the login from one place, to the account from both.
            visitor.post("a.test/login", data={"user": name})
            assert visitor.hits(["a.test/account"] * 2) == 1
        assert Visitor(web, cache).get("a.test/account").headers["X-Whom"] == "nobody"


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_what_is_sent_while_a_login_is_on_its_way_is_found_by_nobody_after_it(rules: bool) -> None:
    with Web(**{"a.test": Accounts(renew=False)}) as web:
        visitor = Visitor(web, BaseCache(), cache_control=rules)
        visitor.get("a.test/")
        web.says_first = False
        web.meanwhile = lambda: visitor.get("a.test/account")
        visitor.post("a.test/login", data={"user": "alice"})
        page = visitor.get("a.test/account")
        assert not page.from_cache
        assert page.headers["X-Whom"] == "alice"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("cookies", ["none", "visitor", "balancer", "rotating", "csrf"])
def test_a_hit_behind_redirects_shows_what_its_caller_would_send(
    cookies: str, rules: bool, stream: bool
) -> None:
    class Leading(Public):
        def says(self, call: Call) -> Says:
            says = super().says(call)
            says.to = {"/x": "a.test/y", "/y": "a.test/z"}.get(call.path)
            return says

    cache = BaseCache()
    with Web(**{"a.test": Leading(cookies)}) as web:
        extras: list[dict[str, Any]] = [
            {},
            {"headers": {"Authorization": "Bearer x"}},
            {"cookies": {"by": "hand"}},
        ]
        for extra in extras:
            for _ in range(2):
                visitor = Visitor(web, cache, cache_control=rules)
                for _ in range(3):
                    answer = visitor.get("a.test/x", stream=stream, **extra)
                    assert answer.content
                jar = [f"{cookie.name}={cookie.value}" for cookie in visitor.session.cookies]
                sent = "; ".join(sorted([*jar, *(["by=hand"] if "cookies" in extra else [])]))
                assert answer.from_cache
                for hop in (*answer.history, answer):
                    shown = hop.request.headers.get("Cookie", "")
                    assert "; ".join(sorted(shown.split("; "))) == sent
                    assert hop.request.headers.get("Authorization") == extra.get("headers", {}).get(
                        "Authorization"
                    )
                assert cache.create_key(answer.request) == answer.cache_key


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("cookies", ["none", "visitor", "rotating"])
def test_a_query_by_post_that_is_taken_for_a_get_is_found_again(cookies: str, rules: bool) -> None:
    with Web(**{"a.test": Public(cookies)}) as web:
        visitor = Visitor(web, BaseCache(), cache_control=rules)
        asked = {"json": {"q": "1"}, "headers": {"X-HTTP-Method-Override": "GET"}}
        answers = [visitor.post("a.test/search", **asked) for _ in range(4)]
        assert answers[0].cache_status.stored
        assert all(answer.from_cache for answer in answers[1:])


def test_programs_are_bounded_and_a_jar_without_cookies_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("requests_cache._exchange.jar_marks._MOST_PROGRAMS", 1)
    marks, request = Marks(), Request("GET", "http://a.test/").prepare()
    for pair in (("a", "1"), ("b", "2")):
        marks._note_program(pair, ())
    assert list(marks.programs) == [("b", "2")]
    assert not counts(RequestsCookieJar())
    assert not list(going({"a": "b"}, request))


def test_no_cookie_says_who_is_asking_where_cookies_are_ignored(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session(ignored_parameters=["Cookie"], expire_after=60)
    session.get(origin.url("/json"), cookies={"session": "ann"})
    assert session.get(origin.url("/json"), cookies={"session": "bob"}).from_cache
