"""An error about an option by an earlier name calls it as the caller did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession, CacheSettings
from requests_cache._earlier.options import OPTIONS
from requests_cache.backends import find_cache
from requests_cache.backends.base import BaseCache
from requests_cache.errors import ConfigurationError
from requests_cache.settings import ALIASES

TAKEN = sorted(name for name, option in OPTIONS.items() if option.here not in ("", name))
WAYS: dict[str, Callable[[str, Any], object]] = {
    "session": lambda name, value: CachedSession("x", "memory", **{name: value}),
    "an attribute of settings": lambda name, value: setattr(CacheSettings(), name, value),
}


def refused(call: Callable[[], object], name: str, here: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        call()
    assert name in str(raised.value)
    assert here not in str(raised.value).replace(name, "")


@pytest.mark.parametrize("name", sorted(ALIASES))
@pytest.mark.parametrize("way", WAYS)
def test_of_a_setting(way: str, name: str) -> None:
    refused(lambda: WAYS[way](name, object()), name, ALIASES[name])


def test_of_an_attribute_of_a_session() -> None:
    session = CachedSession("x", "memory")
    refused(lambda: setattr(session, "old_data_on_error", "x"), "old_data_on_error", "stale_if_er")
    refused(lambda: CacheSettings(old_data_on_error="x"), "old_data_on_error", "stale_if_error")


def test_of_an_attribute_of_a_cache() -> None:
    name = "include_get_headers"
    refused(lambda: setattr(BaseCache(), name, 5), name, "match_headers")
    refused(lambda: BaseCache(include_get_headers=5), name, "match_headers")


@pytest.mark.parametrize("value", ["x", -5, object()], ids=["text", "below zero", "object"])
@pytest.mark.parametrize(
    ("name", "backend"),
    [
        (name, backend)
        for name in TAKEN
        for backend in ("sqlite", "filesystem", "redis", "mongo")
        if name != "busy_timeout" or backend == "sqlite"
    ],
)
def test_of_a_cache(name: str, backend: str, value: object, tmp_path: Path) -> None:
    """Also where the option does not fit, and where a session hands it on."""
    given: Any = {name: value}
    here = f"{OPTIONS[name].here}="
    refused(lambda: find_cache(backend)(str(tmp_path / "c"), **given), name, here)
    refused(lambda: CachedSession(str(tmp_path / "c"), backend, **given), name, here)


def test_of_a_bound_that_is_too_small_or_not_to_be_had(tmp_path: Path) -> None:
    name = "max_cache_bytes"
    for backend in ("sqlite", "redis"):
        given: Any = {name: 5}
        refused(lambda b=backend, g=given: find_cache(b)(tmp_path / "c", **g), name, "max_size")  # type: ignore[misc]  # bound now
