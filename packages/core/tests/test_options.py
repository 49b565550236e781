"""A misspelt option is an error that suggests the right one (defect r)."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from requests import Session
from requests_cache import BaseCache, CachedSession, CacheMixin, DictStorage, init_backend
from requests_cache.backends.base import BaseStorage
from requests_cache.errors import ConfigurationError, UnknownOptionError
from requests_cache.options import reject_unknown
from requests_cache.settings import ALIASES


class ChattySession(Session):
    def __init__(self, volume: int = 1) -> None:
        super().__init__()
        self.volume = volume


class CachedChattySession(CacheMixin, ChattySession):
    """A cached session whose class below takes an option of its own."""


class DatabaseCache(BaseCache):
    def __init__(self, db_path: str = "x", use_temp: bool = False, **kwargs: Any) -> None:
        super().__init__(db_path, **kwargs)


class Remembered(DictStorage):
    def __init__(self, **kwargs: Any) -> None:
        BaseStorage.__init__(self, **kwargs)


def test_the_readme_names_every_option_of_a_session() -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    table = readme.partition("## Options\n")[2].partition("## ")[0]
    taken = {*inspect.signature(CachedSession).parameters, *BaseCache.OPTIONS} - {"kwargs"}
    assert {name for name in taken - set(ALIASES) if f"`{name}`" not in table} == set()


@pytest.mark.parametrize(
    ("make", "misspelt", "suggestion"),
    [
        (CachedSession, "expire_afer", "expire_after"),
        (CachedSession, "stale_on_error", "stale_if_error"),
        (CachedSession, "ignore_parameters", "ignored_parameters"),
        (CachedSession, "match_header", "match_headers"),
        (CachedSession, "secretkey", "secret_key"),
        (CachedSession, "serialiser", "serializer"),
        (CachedChattySession, "expire_afer", "expire_after"),
        (BaseCache, "ignored_parameter", "ignored_parameters"),
        (BaseCache, "include_headers", "include_get_headers"),
        (DatabaseCache, "use_tmp", "use_temp"),
        (Remembered, "salts", "salt"),
    ],
)
def test_the_nearest_option_is_suggested(make: Any, misspelt: str, suggestion: str) -> None:
    options = {} if issubclass(make, (BaseCache, Remembered)) else {"backend": DatabaseCache}
    with pytest.raises(UnknownOptionError, match=f"did you mean '{suggestion}'") as raised:
        make(**options, **{misspelt: 1})
    assert str(raised.value).startswith(f"{make.__name__} has no option '{misspelt}'")


def test_a_session_with_a_backend_instance_takes_only_options_of_its_own() -> None:
    with pytest.raises(UnknownOptionError, match="did you mean 'read_only'"):
        CachedSession(backend=BaseCache(), readonly=True)  # type: ignore[call-arg]
    with pytest.raises(UnknownOptionError, match="has no option 'secret_key'"):
        CachedSession(backend=BaseCache(), secret_key="x")


def test_without_a_near_name_all_are_listed() -> None:
    with pytest.raises(UnknownOptionError, match="it has one, two"):
        reject_unknown("It", ["zzz"], ["two", "one"])


def test_it_is_a_type_error_as_for_any_function_and_a_configuration_error() -> None:
    with pytest.raises(TypeError) as raised:
        reject_unknown("It", ["oen"], ["one"])
    assert isinstance(raised.value, ConfigurationError | ValueError)
    assert raised.value.option == "oen"


def test_a_store_without_bounds_says_what_bounds_it() -> None:
    with pytest.raises(UnknownOptionError, match=r"RedisCache takes no max_size: .*maxmemory"):
        init_backend("redis", max_size=1)
