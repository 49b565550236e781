"""Making a cache from what the caller gave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from requests_cache.backends import BaseCache, get_valid_kwargs, init_backend, registry
from requests_cache.errors import BackendNotFoundError, ConfigurationError, NotInstalledError


class NamedCache(BaseCache):
    def __init__(self, namespace: str = "default", **kwargs: Any) -> None:
        super().__init__(namespace, **kwargs)


def test_an_instance_is_returned_as_it_is() -> None:
    cache = BaseCache()
    assert init_backend(cache, "name") is cache


def test_a_class_is_called_with_the_name_and_the_options() -> None:
    cache = init_backend(NamedCache, "mine", ignored_parameters=["a"])
    assert (type(cache), cache.cache_name) == (NamedCache, "mine")
    assert cache.matching.ignored == {"a"}


@pytest.mark.parametrize("options", [{"namespace": "mine"}, {"cache_name": "mine"}])
def test_a_name_among_the_options_comes_before_the_first_argument(options: Any) -> None:
    assert init_backend(NamedCache, "http_cache", **options).cache_name == "mine"


def test_the_backends_own_word_for_the_name_comes_before_ours() -> None:
    cache = init_backend(NamedCache, cache_name="http_cache", namespace="mine")
    assert cache.cache_name == "mine"


@pytest.mark.parametrize(
    "backend", ["sqlite", "filesystem", "redis", "mongodb", "gridfs", "memory"]
)
def test_cache_name_stands_for_whatever_a_backend_calls_it(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(init_backend(backend, cache_name="mine")) as cache:
        assert cache.cache_name == "mine"


@pytest.mark.parametrize("option", ["db_path", "db_name", "namespace", "table_name", "folder"])
def test_an_option_of_a_third_party_is_not_taken_for_the_name(option: str) -> None:
    """Only the first parameter of a backend is its word for the name."""
    source = f"def __init__(self, cache_name, {option}='x'): BaseCache.__init__(self, cache_name)"
    names: dict[str, Any] = {"BaseCache": BaseCache}
    exec(source, names)
    cls = type("Mine", (BaseCache,), {"__init__": names["__init__"]})
    assert init_backend(cls, "mine", **{option: "shared"}).cache_name == "mine"


def test_the_word_for_the_name_is_inherited() -> None:
    """A subclass whose constructor only hands on has the first parameter of its base."""

    class Handing(NamedCache):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    assert init_backend(Handing, "http_cache", namespace="mine").cache_name == "mine"


@pytest.mark.parametrize("name", ["mine", Path("mine")])
@pytest.mark.parametrize("backend", [NamedCache, "memory", BaseCache("mine")])
def test_the_name_and_the_backend_come_in_the_order_of_either_version(
    backend: Any, name: Any
) -> None:
    ways: list[Callable[[], BaseCache]] = [
        lambda: init_backend(backend, name),
        lambda: init_backend(name, backend),
        lambda: init_backend(name, backend=backend),
        lambda: init_backend(cache_name=name, backend=backend),
    ]
    for make in ways:
        cache = make()
        assert str(cache.cache_name) == "mine"
        assert type(cache) is type(init_backend(backend, name))


def test_a_name_that_no_backend_has_is_told_of() -> None:
    for args in (("nothing", "mine"), ("mine", "nothing"), ("mine",)):
        with pytest.raises(BackendNotFoundError, match="no backend"):
            init_backend(*args)


@pytest.mark.parametrize("args", [("redis", "mine"), ("mine", "redis")])
def test_a_backend_that_is_not_installed_is_told_of_in_either_order(
    args: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> type[BaseCache]:
        raise (NotInstalledError if name == "redis" else BackendNotFoundError)(name)

    monkeypatch.setattr(registry, "find_cache", find)
    with pytest.raises(NotInstalledError, match="redis"):
        init_backend(*args)


def test_a_name_is_looked_up_without_case() -> None:
    assert type(init_backend("Memory", "mine")) is BaseCache


def test_none_stands_for_memory_where_sqlite_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def not_installed(name: str) -> type[BaseCache]:
        raise NotInstalledError(name)

    monkeypatch.setattr(registry, "find_cache", not_installed)
    assert type(init_backend()) is BaseCache


def test_none_stands_for_sqlite_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_cache", {"sqlite": NamedCache}.__getitem__)
    assert type(init_backend(None, "mine")) is NamedCache


@pytest.mark.parametrize("backend", [7, object, {}])
def test_anything_else_is_an_error(backend: Any) -> None:
    with pytest.raises(ConfigurationError, match="give the name of a backend"):
        init_backend(backend)


def test_valid_kwargs_are_those_of_the_function_that_are_not_none() -> None:
    def function(one: int, two: int = 2, *, three: int = 3) -> None:
        """Take three parameters."""

    given = {"one": 1, "two": None, "three": 3, "four": 4, "five": 5}
    assert get_valid_kwargs(function, given) == {"one": 1, "three": 3}
    assert get_valid_kwargs(function, given, ["four"]) == {"one": 1, "three": 3, "four": 4}
    assert get_valid_kwargs(NamedCache, given) == {}
