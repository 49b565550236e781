"""Finding backends by name."""

from __future__ import annotations

from importlib.metadata import EntryPoint, PackageNotFoundError, version

import pytest
from requests_cache import available, register
from requests_cache.backends import BaseCache, DictStorage, find_cache, find_storage, registry
from requests_cache.errors import BackendNotFoundError, ConfigurationError, NotInstalledError


class MyCache(BaseCache):
    """A cache of the caller's."""


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    empty: dict[str, dict[str, object]] = {registry.CACHES: {}, registry.STORAGES: {}}
    monkeypatch.setattr(registry, "_registered", empty)
    registry._own_entry_point.cache_clear()


def test_installed_backends_are_found_by_their_entry_points() -> None:
    assert find_cache("memory") is BaseCache
    assert find_storage("MEMORY") is DictStorage


def test_a_registered_backend_is_found_and_wins_over_an_installed_one() -> None:
    register("Memory", MyCache, DictStorage)
    assert find_cache("memory") is MyCache
    assert find_storage("memory") is DictStorage


def test_a_backend_without_a_storage_class_has_none_to_be_found() -> None:
    register("mine", MyCache)
    assert find_cache("mine") is MyCache
    with pytest.raises(BackendNotFoundError, match="no backend 'mine' is installed"):
        find_storage("mine")


@pytest.mark.parametrize("cache", [DictStorage, "module:Class", MyCache("x")])
def test_only_a_subclass_of_base_cache_can_be_registered(cache: object) -> None:
    with pytest.raises(ConfigurationError, match=r"register\('mine'\): .* is not a subclass"):
        register("mine", cache)  # type: ignore[arg-type]  # wrong on purpose


def test_available_says_name_class_distribution_and_version() -> None:
    register("mine", MyCache)
    by_name = {entry.name: entry for entry in available()}
    memory = by_name["memory"]
    assert memory.cache == "requests_cache.backends.base:BaseCache"
    assert memory.distribution == "requests-cache-core"
    assert memory.version == version("requests-cache-core")
    assert by_name["mine"][1:] == (f"{MyCache.__module__}:MyCache", "", "", "")
    assert list(by_name) == sorted(by_name)


@pytest.mark.parametrize(
    ("name", "extra"),
    [("sqlite", "sqlite"), ("gridfs", "mongo"), ("mongodb", "mongo"), ("DynamoDB", "dynamodb")],
)
def test_a_backend_of_ours_that_is_not_installed_says_what_to_install(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(group: str) -> dict[str, EntryPoint]:
        return {}

    def no_distribution(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(registry, "_entry_points", nothing)
    monkeypatch.setattr(registry, "is_installed", lambda module: False)
    monkeypatch.setattr("importlib.metadata.distribution", no_distribution)
    with pytest.raises(NotInstalledError, match=rf'pip install "requests-cache-core\[{extra}\]"'):
        find_cache(name)


def test_a_backend_of_ours_is_found_without_reading_all_that_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(group: str) -> dict[str, EntryPoint]:
        raise AssertionError(group)

    monkeypatch.setattr(registry, "_entry_points", forbidden)
    assert find_cache("sqlite").__name__ == "DbCache"


def test_an_unknown_name_lists_those_that_are_known() -> None:
    register("mine", MyCache)
    with pytest.raises(BackendNotFoundError, match=r"no backend 'redsi' .* memory, mine"):
        find_cache("redsi")


def test_a_storage_whose_capabilities_are_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="give Capabilities"):
        type("Wrong", (DictStorage,), {"capabilities": None})
