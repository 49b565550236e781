"""Entry points of other distributions: what cannot be used is named, and ours stay ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from requests_cache import CachedSession, _plugins, available, init_serializer
from requests_cache.backends import BaseCache, find_cache, find_storage, registry
from requests_cache.errors import NotInstalledError, PluginError

Install = Callable[..., None]

CODE = """
import requests_cache.backends.base as base
from requests_cache.serializers import PickleSerializer

number = 3

class Mine(base.BaseCache):
    pass

class Format(PickleSerializer):
    name = "format"
"""
BROKEN = {
    "no module": ("no_such_module:Mine", "its own module is missing"),
    "no attribute": ("third_party_code:Nope", "pip install --upgrade third-party"),
    "no driver": ("third_party_driver:Mine", "the module 'no_such_driver' alone"),
    "an error on import": ("third_party_error:Mine", "ZeroDivisionError"),
    "a module": ("third_party_code", "and not a subclass of"),
    "a number": ("third_party_code:number", "and not a"),
    "a class of another kind": ("third_party_code:base.Entry", "and not a subclass of"),
    "a newer contract": ("third_party_newer:Mine", "upgrade requests-cache-core"),
    "a field of a newer core": ("third_party_field:Mine", "unexpected keyword argument"),
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with entry points on the path."""

    def put(name: str, points: dict[str, str], group: str = registry.CACHES) -> None:
        folder = tmp_path / name
        info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "".join(f"{point} = {place}\n" for point, place in points.items())
        (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")
        monkeypatch.syspath_prepend(folder)
        _plugins.points_of.cache_clear()

    modules = {
        "code": CODE,
        "driver": "import no_such_driver",
        "error": "1 / 0",
        "newer": f"{CODE}\nclass Mine(base.BaseCache):\n    contract = 99\n",
        "field": f"{CODE}\nbase.Capabilities(from_the_future=True)\n",
    }
    for name, text in modules.items():
        (tmp_path / f"third_party_{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield put
    _plugins.points_of.cache_clear()


@pytest.mark.parametrize(("place", "says"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_loaded_is_named_with_its_distribution(
    install: Install, place: str, says: str
) -> None:
    install("third-party", {"thing": place})
    with pytest.raises(PluginError) as raised:
        CachedSession("x", backend="thing")
    for word in ("'thing'", "third-party 1.0", place, says):
        assert word in str(raised.value)
    (row,) = [row for row in available() if row.name == "thing"]
    assert row[:4] == ("thing", place, "third-party", "1.0")
    assert row.error == str(raised.value)


def test_a_storage_has_to_be_one(install: Install) -> None:
    install("third-party", {"thing": "third_party_code:Mine"}, registry.STORAGES)
    with pytest.raises(PluginError, match="not a subclass of BaseStorage"):
        find_storage("thing")


def test_a_name_of_two_distributions_is_nobodys(install: Install) -> None:
    install("one", {"thing": "third_party_code:Mine"})
    install("other", {"Thing": "third_party_code:Mine"})
    with pytest.raises(PluginError) as raised:
        find_cache("thing")
    assert "one 1.0" in str(raised.value)
    assert "other 1.0" in str(raised.value)
    rows = [row for row in available() if row.name == "thing"]
    assert {row.distribution for row in rows} == {"one", "other"}
    assert all(row.error for row in rows)


@pytest.mark.parametrize("name", sorted(registry.OURS))
def test_a_name_of_ours_is_ours(install: Install, name: str) -> None:
    used = find_cache(name)
    install("third-party", {name: "third_party_code:Mine"})
    assert find_cache(name) is used
    ours, other = (row for row in available() if row.name == name)
    assert ours.distribution == registry.OURS[name]
    assert not ours.error
    assert other.distribution == "third-party"
    assert f"the name is that of {registry.OURS[name]}" in other.error


@pytest.fixture
def without_metadata(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Take the metadata of all distributions away, as in a zipapp or a stripped layer."""
    caches = (_plugins.points_of, registry._own_entry_point)

    def take_away() -> None:
        # Of all finders: a backport of the module brings its own.
        for finder in sys.meta_path:
            if hasattr(finder, "find_distributions"):
                monkeypatch.setattr(finder, "find_distributions", lambda *_, **__: iter(()))
        for cache in caches:
            cache.cache_clear()

    yield take_away
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("name", sorted(registry.OURS))
def test_a_backend_of_ours_is_found_without_metadata(
    without_metadata: Callable[[], None], name: str
) -> None:
    """It is the class that the metadata would name, and what is wrong with it is told."""
    told = find_cache(name), find_storage(name)
    without_metadata()
    assert (find_cache(name), find_storage(name)) == told
    (row,) = [row for row in available() if row.name == name]
    assert row[2:] == (registry.OURS[name], "", "")


def test_what_is_not_there_without_metadata_is_not_installed(
    without_metadata: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_metadata()
    monkeypatch.setattr(registry, "is_installed", lambda module: False)
    with pytest.raises(NotInstalledError, match=r"core\[redis\]"):
        find_cache("redis")


def test_an_error_of_a_backend_is_told_without_metadata(
    without_metadata: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_metadata()
    monkeypatch.setitem(sys.modules, "requests_cache.backends.redis", None)
    monkeypatch.setattr(registry, "is_installed", lambda module: True)
    with pytest.raises(PluginError, match="redis"):
        find_cache("redis")


def test_a_name_of_ours_that_is_not_installed_is_nobody_elses(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("third-party", {"redis": "third_party_code:Mine"})
    monkeypatch.setattr(registry, "_own_point", lambda group, name: None)
    with pytest.raises(NotInstalledError, match=r"core\[redis\].*third-party 1\.0"):
        find_cache("redis")
    rows = [row for row in available() if row.distribution == "third-party"]
    assert [row.name for row in rows if row.error] == ["redis"]


def test_what_is_registered_hides_what_is_installed(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mine(BaseCache):
        pass

    install("third-party", {"thing": "third_party_code:Mine"})
    monkeypatch.setitem(registry._registered[registry.CACHES], "thing", Mine)
    used, other = (row for row in available() if row.name == "thing")
    assert (used.distribution, used.error) == ("", "")
    assert "registered" in other.error


@pytest.mark.parametrize(
    "place",
    ["no_such_module:Mine", "third_party_code:Nope", "third_party_code", "third_party_code:number"],
)
def test_a_serializer_that_cannot_be_used_is_named(install: Install, place: str) -> None:
    install("third-party", {"thing": place}, "requests_cache.serializers")
    with pytest.raises(PluginError, match=r"the serializer 'thing' of third-party 1\.0"):
        init_serializer("thing")


def test_a_serializer_of_two_distributions_is_nobodys(install: Install) -> None:
    install("one", {"thing": "third_party_code:Format"}, "requests_cache.serializers")
    assert init_serializer("thing").name == "format"
    install("other", {"thing": "third_party_code:Format"}, "requests_cache.serializers")
    with pytest.raises(PluginError, match=r"one 1\.0"):
        init_serializer("thing")
