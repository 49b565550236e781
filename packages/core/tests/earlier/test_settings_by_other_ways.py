"""Settings where versions 0.7 and 1 have them: on the session, on the cache, in `settings`."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest
from requests_cache import CachedSession, CacheSettings
from requests_cache.errors import UnknownOptionError
from requests_cache.testing.origin import Answer, Origin

Make = Callable[..., CachedSession]
Effect = Callable[[CachedSession, Origin], bool]


def is_stored(session: CachedSession, origin: Origin, path: str = "/json", **options: Any) -> bool:
    session.get(origin.url(path), **options)
    return bool(session.get(origin.url(path), **options).from_cache)


def is_not_stored(session: CachedSession, origin: Origin) -> bool:
    return not is_stored(session, origin)


def is_no_store_heeded(session: CachedSession, origin: Origin) -> bool:
    return not is_stored(session, origin, "/private")


def is_error_stored(session: CachedSession, origin: Origin) -> bool:
    return is_stored(session, origin, "/status/404")


def is_post_stored(session: CachedSession, origin: Origin) -> bool:
    session.post(origin.url("/echo"))
    return bool(session.post(origin.url("/echo")).from_cache)


def is_k_ignored(session: CachedSession, origin: Origin) -> bool:
    session.get(origin.url("/json?k=1"))
    return bool(session.get(origin.url("/json?k=2")).from_cache)


def is_accept_matched(session: CachedSession, origin: Origin) -> bool:
    session.get(origin.url("/json"), headers={"Accept": "a/b"})
    return not session.get(origin.url("/json"), headers={"Accept": "c/d"}).from_cache


def is_shared(session: CachedSession, origin: Origin) -> bool:
    session.get(origin.url("/json"), headers={"Authorization": "Bearer a"})
    again = session.get(origin.url("/json"), headers={"Authorization": "Bearer b"})
    return bool(again.from_cache)


def has_one_key(session: CachedSession, origin: Origin) -> bool:
    session.get(origin.url("/json"))
    return list(session.cache.responses) == ["one"]


OF_SESSIONS: dict[str, tuple[Any, Effect]] = {
    "filter_fn": (lambda response: False, is_not_stored),
    "urls_expire_after": ({"*": 0}, is_not_stored),
    "expire_after": (0, is_not_stored),
    "allowable_codes": ((404,), is_error_stored),
    "allowable_methods": (("POST",), is_post_stored),
    "cache_control": (True, is_no_store_heeded),
    "read_only": (True, is_not_stored),
    "old_data_on_error": (True, lambda session, _: session.settings.stale_if_error is True),
    "stale_if_error": (60, lambda session, _: session.settings.stale_if_error == 60),
}
OF_CACHES: dict[str, tuple[Any, Effect]] = {
    "ignored_parameters": (["k"], is_k_ignored),
    "include_get_headers": (True, is_accept_matched),
    "match_headers": (["Accept"], is_accept_matched),
    "match_credentials": (False, is_shared),
    "key_fn": (lambda request, **options: "one", has_one_key),
}
OF_SETTINGS = {
    **OF_SESSIONS,
    **OF_CACHES,
    "disabled": (True, is_not_stored),
}


@pytest.fixture(autouse=True)
def private(origin: Origin) -> None:
    origin.answers["/private"] = lambda request: Answer(b"x", (("Cache-Control", "no-store"),))


@pytest.mark.parametrize("after_a_request", [False, True])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *(("session", name) for name in OF_SESSIONS),
        *(("cache", name) for name in OF_CACHES),
        *(("settings", name) for name in OF_SETTINGS),
    ],
)
def test_what_is_set_counts_from_the_next_request_on(
    owner: str, name: str, after_a_request: bool, make_session: Make, origin: Origin
) -> None:
    session = make_session()
    value, effect = {**OF_SETTINGS, **(OF_CACHES if owner == "cache" else OF_SESSIONS)}.get(
        name, OF_SETTINGS[name]
    )
    if after_a_request:
        session.get(origin.url("/json?before"))
        session.get(origin.url("/json?before"))
        session.cache.clear()
    place = {"session": session, "cache": session.cache, "settings": session.settings}[owner]
    setattr(place, name, value)
    read = getattr(place, name)
    assert read in (value, True) or set(read) == set(value)
    assert effect(session, origin)


@pytest.mark.parametrize("name", OF_SETTINGS)
def test_new_settings_count_when_a_session_gets_them(
    name: str, make_session: Make, origin: Origin
) -> None:
    session = make_session()
    value, effect = OF_SETTINGS[name]
    session.settings = CacheSettings(**{name: value})
    assert effect(session, origin)


def test_settings_show_what_the_session_was_made_with(make_session: Make) -> None:
    session = make_session(ignored_parameters=["a"], match_headers=True)
    assert session.settings.ignored_parameters == ["a"]
    assert session.settings.match_headers is True
    assert session.settings.match_credentials is True
    assert session.settings.key_fn is None
    assert CacheSettings().ignored_parameters is None


def test_names_can_be_added(make_session: Make, origin: Origin) -> None:
    session = make_session(ignored_parameters=["a"])
    session.settings.ignored_parameters.append("k")
    assert is_k_ignored(session, origin)
    session.settings.ignored_parameters += ["c"]
    assert session.settings.ignored_parameters == ["a", "k", "c"]
    session.settings.ignored_parameters.remove("k")
    session.cache.clear()
    assert not is_k_ignored(session, origin)


def test_settings_can_be_copied_and_pickled(make_session: Make, origin: Origin) -> None:
    session = make_session(ignored_parameters=["k"], expire_after=60)
    for settings in (
        copy.copy(session.settings),
        pickle.loads(pickle.dumps(session.settings)),
    ):
        other = make_session()
        other.settings = settings
        assert settings.expire_after == 60
        assert is_k_ignored(other, origin)


def test_a_name_that_is_no_setting_is_an_error(make_session: Make) -> None:
    session = make_session()
    with pytest.raises(UnknownOptionError, match="did you mean 'ignored_parameters'"):
        session.settings.ignore_parameters = ["k"]
    with pytest.raises(AttributeError):
        session.filter_function  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        session.cache.ignore_parameters  # type: ignore[attr-defined]  # noqa: B018


def test_a_key_function_gets_what_version_1_hands_it(make_session: Make, origin: Origin) -> None:
    seen: dict[str, Any] = {}

    def key_fn(
        request: PreparedRequest, ignored_parameters: Any, match_headers: Any, **more: Any
    ) -> str:
        seen.update(ignored_parameters=ignored_parameters, match_headers=match_headers, **more)
        return "key"

    make_session(key_fn=key_fn, ignored_parameters=["k"], match_headers=["Accept"]).get(
        origin.url("/json"), verify=False
    )
    assert seen["ignored_parameters"] == ["k"]
    assert seen["match_headers"] == ["Accept"]
    assert seen["verify"] is False
    assert seen["serializer"].name == "default"


class Unhashable:
    """An object that makes keys, and is equal to others."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    def __call__(self, request: PreparedRequest) -> str:
        return "one"


@pytest.mark.parametrize(
    "key_fn",
    [
        lambda request: "one",
        lambda request, verify: "one",
        lambda request, *, match_headers: "one",
        lambda request, **options: "one",
        Unhashable(),
    ],
)
def test_a_key_function_need_not_take_all(
    key_fn: Callable[..., str], make_session: Make, origin: Origin
) -> None:
    assert has_one_key(make_session(key_fn=key_fn), origin)


def test_a_key_function_in_c_gets_the_request_alone(make_session: Make, origin: Origin) -> None:
    session = make_session(key_fn=str)
    session.get(origin.url("/json"))
    assert list(session.cache.responses) == ["<PreparedRequest [GET]>"]


def test_what_a_storage_gives_can_be_deleted_by_its_key(make_session: Make, origin: Origin) -> None:
    session = make_session()
    for path in ("/json?1", "/json?2"):
        session.get(origin.url(path))
    for response in list(session.cache.responses.values()):
        session.cache.delete(response.cache_key)
    assert not session.cache.responses
