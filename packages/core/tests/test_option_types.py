"""An option of the wrong type is an error where it is given, which says what to give."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requests import Request
from requests_cache import BaseCache, CachedSession, CacheSettings
from requests_cache.backends.filesystem import FileCache, FileDict
from requests_cache.backends.sqlite import DbCache, DbDict
from requests_cache.errors import ConfigurationError
from requests_cache.option_types import FLAG, OF_CACHES, OF_REQUESTS, OF_SESSIONS, SETTINGS, Kind

# Values of all types, of which each option refuses most.
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    2**70,
    0.5,
    float("nan"),
    "",
    "text",
    "false",
    b"bytes",
    [],
    ["name"],
    [1],
    ("name", None),
    {"name": 1},
    {"name"},
    object(),
    print,
    timedelta(1),
    timedelta(-1),
    Path("path"),
)
# `disabled` is for a session that is there.
OF_MADE = {**SETTINGS, **OF_CACHES, **OF_SESSIONS}
del OF_MADE["disabled"]
Sessions = Callable[..., CachedSession]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_taken_or_refused_in_the_same_way_everywhere(
    name: str, make_session: Sessions
) -> None:
    """When a session is made, when settings are, and when one is changed."""
    session = make_session()
    for value in VALUES:
        option = {name: value}
        outcomes = {
            _outcome(partial(make_session if name in OF_MADE else CacheSettings, **option)),
            _outcome(partial(CacheSettings, **option)),
            _outcome(partial(setattr, session.settings, name, value)),
        }
        assert len(outcomes) == 1, (value, outcomes)
        assert all("give" in outcome or not outcome for outcome in outcomes)


@pytest.mark.parametrize("name", sorted({*OF_CACHES} - {"cache_name", "include_get_headers"}))
def test_an_option_of_a_cache_is_taken_or_refused_in_the_same_way_everywhere(
    name: str, make_session: Sessions
) -> None:
    for value in VALUES:
        option = {name: value}
        outcomes = {
            _outcome(partial(make_session, **option)),
            _outcome(partial(BaseCache, "x", **option)),
        }
        if name in ("ignored_parameters", "match_headers", "match_credentials", "key_fn"):
            outcomes.add(_outcome(partial(BaseCache("x").match, **option)))
            outcomes.add(_outcome(partial(CacheSettings, **option)))
            outcomes.add(_outcome(partial(setattr, make_session().settings, name, value)))
        assert len(outcomes) == 1, (value, outcomes)


def _outcome(make: Callable[[], object]) -> str:
    try:
        make()
    except ConfigurationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [name for name, kind in OF_MADE.items() if kind is FLAG])
@pytest.mark.parametrize("value", [None, 0, 1, "true", "false", "", [], "no"])
def test_a_flag_is_true_or_false(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}=.*give True or False"):
        CachedSession(backend="memory", **{name: value})  # type: ignore[arg-type]


def test_a_listener_is_a_function() -> None:
    with pytest.raises(ConfigurationError, match="on_event=5: give a function"):
        CachedSession(backend="memory", on_event=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (cls, name)
        for cls in (DbCache, DbDict, FileCache, FileDict)
        for name in cls.OPTION_KINDS
        if cls is not FileDict or name != "table_name"
    ],
)
def test_options_of_backends_are_checked(cls: Any, name: str, tmp_path: Path) -> None:
    known: dict[str, Any] = {} if name in ("db_path", "cache_name") else {"cache_name": "c"}
    if cls in (DbCache, DbDict) and known:
        known = {"db_path": tmp_path / "c"}
    with pytest.raises(ConfigurationError, match=f"{name}=.*give"):
        cls(**known, **{name: object()})
    assert not list(tmp_path.iterdir())


def test_options_are_checked_by_position_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="use_temp='no': give True or False"):
        DbCache(tmp_path / "c", "no")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="db_path=5: give a text or a path"):
        DbCache(5)  # type: ignore[arg-type]


def test_an_option_of_an_authors_own_class_is_checked_by_what_he_says() -> None:
    class Mine(BaseCache):
        OPTION_KINDS = {"depth": Kind(lambda value: isinstance(value, int), "a number")}  # noqa: RUF012

        def __init__(self, name: str = "mine", depth: int = 1, **options: Any) -> None:
            super().__init__(name, **options)

    Mine(depth=3)
    with pytest.raises(ConfigurationError, match="depth='3': give a number"):
        Mine(depth="3")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="depth='3': give a number"):
        CachedSession(backend=Mine, depth="3")  # type: ignore[call-arg]


@pytest.mark.parametrize("make", [BaseCache, DbDict])
def test_a_secret_is_not_shown(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="secret_key is a dict: give") as raised:
        make("x", secret_key={"s3cret": "s3cret"})
    assert "s3cret" not in str(raised.value)


def test_one_text_is_one_name() -> None:
    one = BaseCache("x", match_headers="Accept-Language", ignored_parameters="token")
    many = BaseCache("x", match_headers=["Accept-Language"], ignored_parameters=["token"])
    for cache in (one, many, BaseCache("x", include_get_headers="Accept-Language")):
        assert cache.matching.match_headers == ("accept-language",)
    assert one.matching.ignored == many.matching.ignored == {"token"}


def test_the_pattern_of_a_wrong_lifetime_is_named() -> None:
    patterns = {"a": 1, "b": "1d", re.compile("c"): 2}
    with pytest.raises(ConfigurationError, match=r"pattern 'b': .*give seconds"):
        CacheSettings(urls_expire_after=patterns)
    settings = CacheSettings(urls_expire_after={"a": 1})
    with pytest.raises(ConfigurationError, match="pattern 'b'"):
        settings.urls_expire_after = {"b": "1d"}
    assert settings.urls_expire_after == {"a": 1}


@pytest.mark.parametrize("values", [[200, 404], (200, 404), {200, 404}, range(200, 204), 404])
def test_codes_come_in_any_collection(values: Any) -> None:
    expected = {values} if isinstance(values, int) else set(values)
    assert CacheSettings(allowable_codes=values).allowable_codes == expected
    assert CacheSettings(allowable_codes=iter(expected)).allowable_codes == expected


@pytest.mark.parametrize("name", OF_REQUESTS)
@pytest.mark.parametrize("value", ["no", "false", 1, [True]])
def test_a_flag_of_a_request_is_true_or_false(
    name: str, value: object, make_session: Sessions
) -> None:
    session = make_session()
    request = session.prepare_request(Request("GET", "http://127.0.0.1:1/"))
    with pytest.raises(ConfigurationError, match=f"{name}=.*give True or False"):
        session.get("http://127.0.0.1:1/", **{name: value})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=f"{name}=.*give True or False"):
        session.send(request, **{name: value})  # type: ignore[arg-type]
