"""Whole sessions against a real origin: what is answered from the cache, and what is not."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from weakref import ref

import pytest
import requests
from requests import PreparedRequest, Request, Response
from requests_cache import BaseCache, CachedSession
from requests_cache._exchange.asking import Asking
from requests_cache.errors import ConfigurationError
from requests_cache.expiration import DO_NOT_CACHE, EXPIRE_IMMEDIATELY
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]


# Misses and hits


def test_the_second_request_is_answered_from_the_cache(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    first, second = (session.get(origin.url("/json?a=1")) for _ in range(2))
    assert (first.from_cache, second.from_cache) == (False, True)
    assert first.json() == second.json() == {"path": "/json", "query": {"a": "1"}}
    assert origin.count() == 1
    assert session.cache.stats.as_dict()["hits"] == 1
    assert session.cache.stats.as_dict()["misses"] == 1


def test_a_miss_has_the_attributes_of_a_hit(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=60)
    first, second = (session.get(origin.url("/json")) for _ in range(2))
    for name in ("cache_key", "created_at", "expires", "is_expired", "revalidated", "size"):
        assert getattr(first, name) == getattr(second, name), name
    set_time(1060)
    assert first.is_expired
    assert second.is_expired


def test_a_miss_with_an_error_status_has_the_times_of_its_copy(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(expire_after=60, allowable_codes=(200, 404))
    first, second = (session.get(origin.url("/status/404")) for _ in range(2))
    assert second.from_cache
    assert (first.created_at, first.expires) == (second.created_at, second.expires)
    assert first.expires is not None


def test_what_is_not_stored_has_no_key_and_no_expiry(
    origin: Origin, make_session: Sessions
) -> None:
    response = make_session().post(origin.url("/json"))
    assert response.cache_key is None
    assert response.created_at is None
    assert response.expires is None
    assert not response.is_expired
    assert response.size == len(response.content)


@pytest.mark.parametrize(
    ("settings", "method", "path", "stored"),
    [
        ({}, "GET", "/json", True),
        ({}, "HEAD", "/json", True),
        ({}, "POST", "/json", False),
        ({"allowable_methods": ["POST"]}, "POST", "/json", True),
        ({"allowable_methods": ["POST"]}, "GET", "/json", False),
        ({}, "GET", "/status/404", False),
        ({"allowable_codes": [200, 404]}, "GET", "/status/404", True),
        ({"read_only": True}, "GET", "/json", False),
        ({"expire_after": DO_NOT_CACHE}, "GET", "/json", False),
        ({"expire_after": EXPIRE_IMMEDIATELY}, "GET", "/json", False),
        ({"urls_expire_after": {"*/json": DO_NOT_CACHE}}, "GET", "/json", False),
        ({"filter_fn": lambda response: b"path" in response.content}, "GET", "/json", True),
        ({"filter_fn": lambda response: False}, "GET", "/json", False),
    ],
)
def test_what_is_stored_follows_from_the_settings(
    settings: dict[str, object],
    method: str,
    path: str,
    stored: bool,
    origin: Origin,
    make_session: Sessions,
) -> None:
    session = make_session(**settings)
    for _ in range(2):
        response = session.request(method, origin.url(path))
    assert response.from_cache is stored
    assert origin.count() == (1 if stored else 2)
    assert session.cache.response_count() == (1 if stored else 0)


def test_head_and_get_have_responses_of_their_own(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    assert session.head(origin.url("/json")).content == b""
    assert session.get(origin.url("/json")).content != b""
    assert session.head(origin.url("/json")).from_cache
    assert origin.count() == 2


def test_a_stored_response_that_the_filter_refuses_is_fetched_anew(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    session.settings.filter_fn = lambda response: not getattr(response, "from_cache", False)
    assert not session.get(origin.url("/json")).from_cache
    assert origin.count() == 2


def test_a_part_of_a_response_is_neither_stored_nor_answered_from_the_whole(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    response = session.get(origin.url("/json"), headers={"Range": "bytes=0-1"})
    assert not response.from_cache
    assert origin.count() == 2


def test_certificates_that_are_not_verified_make_another_request(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    assert not session.get(origin.url("/json"), verify=False).from_cache
    assert session.get(origin.url("/json"), verify=False).from_cache
    session.verify = False
    request = Request("GET", origin.url("/json")).prepare()
    assert session.send(request).from_cache
    assert origin.count() == 2


def test_prepared_requests_share_the_cache(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    request = session.prepare_request(Request("GET", origin.url("/json")))
    assert session.send(request).from_cache
    settings = session.merge_environment_settings(request.url, {}, None, None, None)
    assert session.send(request, **settings).from_cache


# Bodies of requests


def test_requests_are_told_apart_by_their_bodies(origin: Origin, make_session: Sessions) -> None:
    session = make_session(allowable_methods=["POST"])
    bodies: list[dict[str, object]] = [
        {"data": {"a": "1"}},
        {"data": b"bytes"},
        {"json": {"a": 1}},
        {"files": {"f": ("name", b"content")}},
        {"params": {"a": "1"}},
    ]
    for expected in (False, True):
        for body in bodies:
            response = session.post(origin.url("/echo"), **body)  # type: ignore[arg-type]  # a table
            assert response.from_cache is expected, body
    assert origin.count() == len(bodies)


def test_a_file_is_sent_whole_and_known_again(
    origin: Origin, make_session: Sessions, tmp_path_factory: pytest.TempPathFactory
) -> None:
    session = make_session(allowable_methods=["POST"])
    path = tmp_path_factory.mktemp("files") / "file"
    path.write_bytes(b"..what is sent")
    for expected in (False, True):
        with path.open("rb") as file:
            file.seek(2)
            response = session.post(origin.url("/echo"), data=file)
        assert response.json()["body"] == "what is sent"
        assert response.from_cache is expected


def test_a_generator_is_sent_and_nothing_is_stored(origin: Origin, make_session: Sessions) -> None:
    seen: list[bytes] = []
    session = make_session(allowable_methods=["POST"])

    def pieces() -> object:
        seen.append(b"piece")
        yield b"piece"

    response = session.post(origin.url("/status/200"), data=pieces())
    assert response.status_code == 200
    assert not response.from_cache
    assert response.cache_status.detail == "body-not-repeatable"
    assert seen == [b"piece"]
    assert session.cache.response_count() == 0


# Options of a request


@pytest.mark.parametrize(
    "options",
    [
        {"expire_after": 60},
        {"expire_after": 0},
        {"expire_after": DO_NOT_CACHE},
        {"refresh": True},
        {"force_refresh": True},
        {"only_if_cached": False},
    ],
)
def test_options_of_a_request_never_reach_the_server(
    options: dict[str, object], origin: Origin, make_session: Sessions
) -> None:
    """Defect i."""
    make_session().get(origin.url("/json"), **options)  # type: ignore[arg-type]  # a table
    requests.get(origin.url("/json"), timeout=10)
    ours, plain = (request.headers for request in origin.requests)
    assert ours == plain


def test_settings_of_the_session_never_reach_the_server(
    origin: Origin, make_session: Sessions
) -> None:
    """Defect i."""
    session = make_session(
        expire_after=60, stale_if_error=True, stale_while_revalidate=5, always_revalidate=True
    )
    session.get(origin.url("/json"))
    requests.get(origin.url("/json"), timeout=10)
    ours, plain = (request.headers for request in origin.requests)
    assert ours == plain


def test_the_lifetime_of_one_request_comes_first(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=1000, urls_expire_after={"*/json": 100})
    assert session.get(origin.url("/json"), expire_after=10).expires.timestamp() == 1010
    assert session.get(origin.url("/json"), force_refresh=True).expires.timestamp() == 1100
    assert session.get(origin.url("/image")).expires.timestamp() == 2000
    assert session.expire_after == 1000
    session.expire_after = 5
    assert session.settings.expire_after == 5


@pytest.mark.parametrize(
    ("third", "fourth", "lifetimes"),
    [
        (60, None, (60, None)),
        (timedelta(60), {"*": 1}, (timedelta(60), {"*": 1})),
        (None, {"*": 1}, (None, {"*": 1})),
        ("json", 60, (60, None)),
        (None, 60, (60, None)),
    ],
)
def test_arguments_may_come_in_the_order_of_either_version(
    third: Any, fourth: Any, lifetimes: tuple[Any, Any]
) -> None:
    settings = CachedSession("a", "memory", third, fourth).settings
    assert (settings.expire_after, settings.urls_expire_after) == lifetimes


@pytest.mark.parametrize("rest", [(60, {"*": 1}, {"*": 2}), (60, 5), (None, {"*": 1}, (200, 404))])
def test_more_arguments_in_an_earlier_order_have_to_be_named(rest: tuple[Any, ...]) -> None:
    with pytest.raises(ConfigurationError, match="name those that come after the backend"):
        CachedSession("a", "memory", *rest)


def test_a_pattern_without_a_value_leaves_the_lifetime_to_the_session(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(expire_after=10, urls_expire_after={"*/json": None, "*": 20})
    assert session.get(origin.url("/json")).expires.timestamp() == 1010
    assert session.get(origin.url("/image")).expires.timestamp() == 1020


def test_a_request_that_is_not_to_be_cached_goes_past_what_is_stored(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    assert not session.get(origin.url("/json"), expire_after=DO_NOT_CACHE).from_cache
    assert session.get(origin.url("/json")).from_cache


def test_a_wrong_lifetime_is_an_error_before_anything_is_sent(
    origin: Origin, make_session: Sessions
) -> None:
    with pytest.raises(ConfigurationError, match="expire_after='soon'"):
        make_session().get(origin.url("/json"), expire_after="soon")
    assert origin.count() == 0


@pytest.mark.parametrize("by_setting", [True, False])
def test_only_if_cached_answers_504_rather_than_ask(
    by_setting: bool, origin: Origin, make_session: Sessions
) -> None:
    session = make_session(only_if_cached=by_setting)
    response = session.get(origin.url("/json"), only_if_cached=not by_setting)
    assert response.status_code == 504
    assert response.content == b""
    assert response.url == origin.url("/json")
    assert not response.from_cache
    assert response.request.url == origin.url("/json")
    assert session.post(origin.url("/json"), only_if_cached=not by_setting).status_code == 504
    assert origin.count() == 0
    session.settings.only_if_cached = False
    session.get(origin.url("/json"))
    assert session.get(origin.url("/json"), only_if_cached=True).from_cache


def test_options_can_be_given_to_send(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    request = Request("GET", origin.url("/json")).prepare()
    assert session.send(request, only_if_cached=True).status_code == 504
    session.send(request)
    assert not session.send(request, force_refresh=True).from_cache
    assert session.send(request, expire_after=60).from_cache


def test_a_session_in_a_hook_of_another_has_its_own_options(
    origin: Origin, make_session: Sessions
) -> None:
    outer, inner = make_session(), make_session()
    request = Request("GET", origin.url("/image")).prepare()
    answers: list[bool] = []

    def hook(response: Response, **kwargs: object) -> None:
        answers.append(inner.send(request).from_cache)

    for _ in range(2):
        outer.get(origin.url("/json"), force_refresh=True, hooks={"response": hook})
    assert answers == [False, True]


# Disabling


def test_a_disabled_cache_is_neither_read_nor_written(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    with session.cache_disabled():
        response = session.get(origin.url("/json"))
        assert not response.from_cache
        assert not session.send(response.request).from_cache
        session.get(origin.url("/redirect/1"))
    assert session.get(origin.url("/json")).from_cache
    assert session.cache.response_count() == 1
    assert not list(session.cache.redirects)


def test_disabling_concerns_one_session_and_one_thread(
    origin: Origin, make_session: Sessions
) -> None:
    session, other = make_session(), make_session()
    session.get(origin.url("/json"))
    other.get(origin.url("/json"))
    both = Barrier(2, timeout=10)

    def without() -> bool:
        with session.cache_disabled():
            both.wait()
            disabled = session.get(origin.url("/json")).from_cache
            both.wait()
        return disabled

    def within() -> bool:
        both.wait()
        enabled = session.get(origin.url("/json")).from_cache
        both.wait()
        return enabled

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(without), pool.submit(within)]
        assert [result.result() for result in results] == [False, True]
    with session.cache_disabled():
        assert other.get(origin.url("/json")).from_cache


# Variants


def test_each_variant_is_stored_beside_the_others(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    for expected in (False, True):
        for language in ("en", "de", "fr"):
            response = session.get(origin.url("/vary"), headers={"Accept-Language": language})
            assert response.json() == {"language": language}
            assert response.from_cache is expected
    assert origin.count() == 3


def test_variants_of_a_deleted_url_are_not_found_again(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    for language in ("en", "de"):
        session.get(origin.url("/vary"), headers={"Accept-Language": language})
    session.cache.delete_url(origin.url("/vary"))
    for language in ("en", "de"):
        response = session.get(origin.url("/vary"), headers={"Accept-Language": language})
        assert not response.from_cache, language


def test_what_varies_by_everything_is_not_stored(origin: Origin, make_session: Sessions) -> None:
    origin.answers["/any"] = lambda request: Answer(b"x", (("Vary", "*"),))
    session = make_session()
    for _ in range(2):
        assert not session.get(origin.url("/any")).from_cache
    assert session.cache.response_count() == 0


def test_variants_are_found_when_the_origin_begins_to_vary_by_another_field(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    fields = iter(["Accept", "Accept", "X-Other", "X-Other"])
    origin.answers["/turning"] = lambda request: Answer(b"x", (("Vary", next(fields)),))
    session = make_session(expire_after=10)
    session.get(origin.url("/turning"), headers={"Accept": "a"})
    session.get(origin.url("/turning"), headers={"Accept": "b"})
    set_time(2000)
    session.get(origin.url("/turning"), headers={"Accept": "b", "X-Other": "1"})
    assert session.get(origin.url("/turning"), headers={"X-Other": "1"}).from_cache
    assert origin.count() == 3


def test_variants_of_a_redirected_url_are_found(origin: Origin, make_session: Sessions) -> None:
    origin.answers["/to-vary"] = lambda request: Answer(b"", (("Location", "/vary"),), 302)
    session = make_session()
    for expected in (False, True):
        for language in ("en", "de"):
            response = session.get(origin.url("/to-vary"), headers={"Accept-Language": language})
            assert response.json() == {"language": language}
            assert response.from_cache is expected
    assert origin.count("/to-vary") == 2


# Users


def test_users_do_not_get_each_others_responses(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    for expected in (False, True):
        for user in ("ann", "bob"):
            response = session.get(origin.url("/echo"), auth=(user, "pw"))
            assert response.from_cache is expected
    assert origin.count() == 2


def test_cookies_of_a_stored_response_fill_the_jar(origin: Origin, make_session: Sessions) -> None:
    session = make_session(replay_cookies=True)
    session.get(origin.url("/cookies"))
    session.cookies.clear()
    response = session.get(origin.url("/cookies"))
    assert response.from_cache
    assert session.cookies.get_dict() == {"flavour": "chocolate", "size": "large"}


# Hooks


class Calls:
    """A hook that notes its calls."""

    def __init__(self) -> None:
        self.statuses: list[tuple[int, bool]] = []

    def __call__(self, response: Response, **kwargs: object) -> None:
        assert {"verify", "cert", "stream", "proxies"} <= kwargs.keys()
        cached = getattr(response, "from_cache", False)
        self.statuses.append((response.status_code, cached))
        response.headers["X-Calls"] = str(len(self.statuses))


def test_a_hook_is_called_once_for_a_miss_and_once_for_a_hit(
    origin: Origin, make_session: Sessions
) -> None:
    session, hook = make_session(replay_cookies=True), Calls()
    for _ in range(2):
        session.get(origin.url("/json"), hooks={"response": hook})
    assert hook.statuses == [(200, False), (200, True)]


def test_a_hook_sees_the_response_and_not_the_304(origin: Origin, make_session: Sessions) -> None:
    session, hook = make_session(), Calls()
    session.hooks["response"].append(hook)
    for _ in range(2):
        session.get(origin.url("/etag"), refresh=True)
    assert hook.statuses == [(200, False), (200, True)]
    assert origin.count() == 2


def test_a_hook_is_called_once_for_a_response_that_has_changed(
    origin: Origin, make_session: Sessions
) -> None:
    versions = iter(['"1"', '"2"'])
    origin.answers["/new"] = lambda request: Answer(b"x", (("ETag", next(versions)),))
    session, hook = make_session(), Calls()
    for _ in range(2):
        session.get(origin.url("/new"), refresh=True, hooks={"response": hook})
    assert hook.statuses == [(200, False), (200, False)]
    assert session.get(origin.url("/new")).headers["X-Calls"] == "2"


def test_a_hook_may_replace_a_response(origin: Origin, make_session: Sessions) -> None:
    session, mine = make_session(), Response()
    session.get(origin.url("/json"))
    answer = session.get(origin.url("/json"), hooks={"response": lambda r, **kwargs: mine})
    assert answer is mine


def test_a_hook_may_read_the_body_before_it_is_stored(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session()

    def read(response: Response, **kwargs: object) -> None:
        assert response.text.startswith("grüße")

    for expected in (False, True):
        response = session.get(origin.url("/gzip"), hooks={"response": read})
        assert response.from_cache is expected
        assert response.text.startswith("grüße")


def test_authentication_that_answers_a_challenge_works(
    origin: Origin, make_session: Sessions
) -> None:
    """A 401 is answered by a hook of requests, which sends the request again."""
    challenge = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'

    def guarded(request: object) -> Answer:
        if "authorization" in getattr(request, "headers", {}):
            return Answer(b"secret")
        return Answer(b"", (("WWW-Authenticate", challenge),), 401)

    origin.answers["/guarded"] = guarded
    session = make_session()
    auth = requests.auth.HTTPDigestAuth("ann", "pw")
    assert session.get(origin.url("/guarded"), auth=auth).content == b"secret"


# The session itself


def test_a_session_is_pickled_with_its_settings_and_its_cache(
    origin: Origin, make_session: Sessions
) -> None:
    session = make_session(expire_after=60, ignored_parameters=["nonce"], allowable_codes=[404])
    session.headers["X-Mine"] = "1"
    again = pickle.loads(pickle.dumps(session))
    assert repr(again) == repr(session)
    assert again.headers == session.headers
    assert again.cache.matching.ignored == {"nonce"}
    assert not again.get(origin.url("/status/404?nonce=1")).from_cache
    assert again.get(origin.url("/status/404?nonce=2")).from_cache


def test_a_cache_that_was_handed_in_is_compared_as_the_session_says() -> None:
    cache = BaseCache(ignored_parameters=["nonce"], secret_key="mine")
    with CachedSession(backend=cache, match_headers=["Accept"]) as session:
        assert session.cache is cache
    assert cache.matching.match_headers == ("accept",)
    assert cache.matching.ignored == {"nonce"}
    again = pickle.loads(pickle.dumps(cache))
    assert again.matching.match_headers == ("accept",)


def test_repr_names_the_cache_and_what_was_set() -> None:
    session = CachedSession("mine", "memory", expire_after=60, old_data_on_error=True)
    assert repr(session) == (
        "<CachedSession(cache=<BaseCache(cache_name='mine')>,"
        " settings=CacheSettings(expire_after=60, stale_if_error=True))>"
    )


class Closing(BaseCache):
    """A cache that notes that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("autoclose", [True, False])
def test_the_cache_is_closed_with_the_session_unless_it_is_not_to_be(autoclose: bool) -> None:
    with CachedSession(backend=Closing, autoclose=autoclose) as session:
        pass
    assert isinstance(session.cache, Closing)
    assert session.cache.closed is autoclose


def test_the_key_function_of_the_caller_makes_the_key(
    origin: Origin, make_session: Sessions
) -> None:
    """Defects g and h: whatever it gives is a key, not a statement and not a path."""

    def key_fn(request: PreparedRequest, **kwargs: object) -> str:
        assert kwargs["verify"] is True
        return f"'; DROP TABLE ../{request.method}"

    session = make_session(key_fn=key_fn)
    session.get(origin.url("/json"))
    response = session.get(origin.url("/image"))
    assert response.from_cache
    assert response.cache_key == "'; DROP TABLE ../GET"


def test_earlier_names_of_settings_are_understood() -> None:
    session = CachedSession("x", "memory", include_get_headers=True, old_data_on_error=5)
    assert session.settings.stale_if_error == 5
    assert session.cache.matching.match_headers is True


def test_matched_headers_make_requests_different(origin: Origin, make_session: Sessions) -> None:
    session = make_session(match_headers=["X-Tenant"])
    for expected in (False, True):
        for tenant in ("1", "2"):
            headers = {"X-Tenant": tenant}
            assert session.get(origin.url("/json"), headers=headers).from_cache is expected


# What a server says cannot do harm


@pytest.mark.parametrize("cache_control", [True, False])
@pytest.mark.parametrize("age", ["9" * 40, "1e400", "inf", '"60"', ""])
def test_no_max_age_of_a_server_raises(
    age: str, cache_control: bool, origin: Origin, make_session: Sessions
) -> None:
    """Defect a."""
    origin.answers["/age"] = lambda request: Answer(b"x", (("Cache-Control", f"max-age={age}"),))
    session = make_session(cache_control=cache_control)
    for _ in range(2):
        response = session.get(origin.url("/age"))
        assert response.content == b"x"
        assert response.expires is None or response.expires.year <= 9999


def test_a_negative_max_age_does_not_mean_for_ever(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    """Defect b."""
    origin.answers["/age"] = lambda request: Answer(b"x", (("Cache-Control", "max-age=-1"),))
    session = make_session(cache_control=True)
    session.get(origin.url("/age"))
    set_time(1001)
    assert not session.get(origin.url("/age")).from_cache


def test_a_fresh_response_is_served_although_it_must_be_revalidated_later(
    origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    """Defect j."""
    control = "max-age=10, must-revalidate, immutable"
    origin.answers["/age"] = lambda request: Answer(b"x", (("Cache-Control", control),))
    session = make_session(cache_control=True)
    session.get(origin.url("/age"))
    assert session.get(origin.url("/age")).from_cache
    set_time(1011)
    assert not session.get(origin.url("/age")).from_cache
    assert origin.count() == 2


@pytest.mark.parametrize("first_has_rules", [False, True])
def test_a_second_session_leaves_the_keys_of_the_first(
    first_has_rules: bool, origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    """Whatever rules each of them follows: how queries are compared belongs to the cache."""
    first = make_session(cache_control=first_has_rules, expire_after=100)
    url = origin.url("/max-age/100?b=1&a=1")
    first.get(url)
    keys = set(first.cache.keys())
    other = origin.url("/max-age/100?a=1&b=1")
    assert first.get(other).from_cache is not first_has_rules
    for rules in (False, True):
        make_session(backend=first.cache, cache_control=rules)
        assert first.get(url).from_cache
        assert first.get(other).from_cache
        assert first.cache.contains(url=url)
        assert keys <= set(first.cache.keys())


def test_a_hook_may_answer_with_a_response_of_no_request(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    mine = Response()
    mine.status_code, mine._content, mine.headers["Content-Type"] = 200, b"mine", "text/plain"
    session = make_session()
    hooks = {"response": lambda response, **options: mine}
    answer = session.get(origin.url("/json"), hooks=hooks, allow_redirects=False)
    assert answer.content == b"mine"


@pytest.mark.parametrize("options", [{}, {"cache_control": True}, {"disabled": True}])
@pytest.mark.parametrize("cookies", [{}, {"sessionid": "5f4dcc3b5aa765d61d83"}])
def test_who_asked_is_freed_with_the_answer(
    origin: Origin, options: dict[str, Any], cookies: dict[str, str]
) -> None:
    with CachedSession(backend="memory", **options) as session:
        session.cookies.update(cookies)
        gc.collect()
        gc.disable()
        # Another test may have left some.
        before = {id(each) for each in gc.get_objects() if type(each) is Asking}
        try:
            request = ref(session.get(origin.url("/json")).request)
            assert request() is None, "a cycle keeps the request"
            assert session.get(origin.url("/json")).ok
            now = [each for each in gc.get_objects() if type(each) is Asking]
            assert not [each for each in now if id(each) not in before]
        finally:
            gc.enable()
