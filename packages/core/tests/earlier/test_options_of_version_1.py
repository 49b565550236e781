"""Options of caches and sessions of requests-cache 0.7 to 1.3."""

from __future__ import annotations

import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from requests_cache import BaseCache, CachedSession
from requests_cache._earlier.options import OPTIONS
from requests_cache.backends.filesystem import FileCache
from requests_cache.backends.sqlite import SQLiteCache
from requests_cache.errors import UnknownOptionError
from requests_cache.settings import CacheSettings
from requests_cache.testing.origin import Origin

VALUES: dict[str, Any] = {
    "busy_timeout": 5000,
    "max_cache_bytes": 10**7,
    "maximum_cache_bytes": 10**7,
    "max_file_bytes": 10**6,
    "maximum_file_bytes": 10**6,
    "extension": "",
}


@pytest.mark.parametrize("cls", [BaseCache, SQLiteCache, FileCache])
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_taken_or_warned_of(name: str, cls: type[BaseCache], tmp_path: Path) -> None:
    option = OPTIONS[name]
    if name == "busy_timeout" and cls is BaseCache:
        return
    has_effect = bool(option.here) and (not option.backends or cls is FileCache)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        cls(str(tmp_path / "cache"), **{name: VALUES.get(name, True)}).close()
    texts = [str(warning.message) for warning in warned]
    assert bool(texts) is not has_effect
    assert all(text.startswith(f"{cls.__name__}({name}=...) has no effect: ") for text in texts)
    assert all(warning.filename == __file__ for warning in warned)


def test_options_keep_their_meaning(tmp_path: Path) -> None:
    cache: Any = FileCache(str(tmp_path / "f"), max_cache_bytes=2 * 10**6, max_file_bytes=1000)
    assert cache.max_size == 2 * 10**6
    assert cache.max_response_size == 1000
    made: Any = SQLiteCache(str(tmp_path / "s"), busy_timeout=2500)
    with made.responses.connection() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (2500,)
    made.close()
    cache.close()


@pytest.mark.parametrize("name", sorted(CacheSettings.NAMES))
def test_a_setting_that_is_given_to_a_cache_is_warned_of(name: str) -> None:
    with pytest.warns(UserWarning, match=f"BaseCache\\({name}=...\\) has no effect: .* session"):
        BaseCache(**{name: 60})


def test_a_subclass_keeps_its_own_options() -> None:
    class Own(BaseCache):
        def __init__(self, name: str = "x", ttl: int = 0, **options: Any) -> None:
            super().__init__(name, **options)
            self.ttl = ttl

    assert Own(ttl=5).ttl == 5


def test_a_session_takes_them_too(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="decode_content"):
        session = CachedSession(str(tmp_path / "c"), "sqlite", decode_content=False)
    with pytest.warns(UserWarning, match="decode_content"):
        CachedSession(backend=session.cache, decode_content=True)
    session.close()


@pytest.mark.parametrize(
    ("arguments", "lifetime"),
    [
        (("pickle", 360), 360),
        ((None, 360, {"*": 5}), 360),
        ((360,), 360),
        ((timedelta(1),), timedelta(1)),
    ],
)
def test_arguments_may_come_by_position(arguments: tuple[Any, ...], lifetime: object) -> None:
    session = CachedSession("x", "memory", *arguments)
    assert session.settings.expire_after == lifetime
    if arguments[0] == "pickle":
        assert session.cache.serializer.name == "pickle"


def test_a_session_may_be_made_disabled(origin: Origin) -> None:
    session = CachedSession(backend="memory", disabled=True)
    for _ in range(2):
        response = session.get(origin.url("/json"))
        assert not response.from_cache
    session.settings.disabled = False
    session.get(origin.url("/json"))
    assert session.get(origin.url("/json")).from_cache


def test_what_no_version_had_is_an_error() -> None:
    with pytest.raises(UnknownOptionError, match="did you mean 'max_size'"):
        BaseCache(maxsize=5)
