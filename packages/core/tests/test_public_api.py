"""The doors: what each package shows, and what importing it costs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType, ModuleType

import pytest
import requests_cache
from requests_cache import models

DOORS = ("requests_cache", "requests_cache.backends", "requests_cache.backends.base")

# Imported by `import requests_cache` they would cost every program that has the cache installed.
LATE = (
    "attrs",
    "boto3",
    "cattrs",
    "dataclasses",
    "importlib.metadata",
    "inspect",
    "pickle",
    "pymongo",
    "redis",
    "requests",
    "sqlite3",
    "yaml",
)


def loaded_after(statement: str) -> set[str]:
    """Give the names of all modules that a fresh interpreter has after a statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    # Without site, for it may import anything: path configuration files of editable installs do.
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("door", DOORS)
def test_every_public_name_is_there(door: str) -> None:
    module = import_module(door)
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("door", DOORS)
def test_the_list_of_public_names_is_sorted_and_names_nothing_twice(door: str) -> None:
    names = list(import_module(door).__all__)
    # Constants, then classes, then functions: the order in which ruff sorts `__all__`.
    constants = sorted(name for name in names if name.isupper())
    classes = sorted(name for name in names if name[0].isupper() and not name.isupper())
    functions = sorted(name for name in names if name.islower())
    assert names == constants + classes + functions
    assert len(names) == len(set(names))


def test_a_listing_shows_public_names_before_they_are_imported() -> None:
    assert set(requests_cache.__all__) <= set(dir(requests_cache))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'requests_cache' has no attribute 'CachedSesion'"):
        requests_cache.CachedSesion  # noqa: B018  # the point


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert requests_cache.__version__ == version("requests-cache-core")


@pytest.mark.parametrize("door", DOORS)
def test_the_text_of_what_is_public_says_what_its_arguments_are(door: str) -> None:
    for name, function in functions_of(import_module(door)):
        text = inspect.getdoc(function)
        assert text, name
        _, section, said = text.partition("Args:\n")
        taken = set(inspect.signature(function).parameters) - {"self", "cls", "args", "kwargs"}
        # Where a sentence says it, no table has to.
        assert section or "." in name or len(taken) < 2, name
        described = set(re.findall(r"^    (\w+):", re.split(r"\n\S", said)[0], re.MULTILINE))
        assert not section or taken - {"options"} <= described, name
        assert described <= taken | {"args", "kwargs"} or taken_by_name(function), name


def functions_of(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Give the public functions of a module, and the methods of its classes."""
    for name in module.__all__:
        found = getattr(module, name)
        if inspect.isclass(found) and found.__module__.startswith("requests_cache"):
            for inner, method in vars(found).items():
                if inspect.isfunction(method) and not inner.startswith("_"):
                    yield f"{name}.{inner}", method
        elif inspect.isfunction(found):
            yield name, found


def taken_by_name(function: FunctionType) -> bool:
    """Say whether a function hands on what it does not name."""
    kinds = (each.kind for each in inspect.signature(function).parameters.values())
    return inspect.Parameter.VAR_KEYWORD in kinds


def test_importing_the_package_imports_no_store_no_driver_and_not_even_requests() -> None:
    assert loaded_after("import requests_cache").isdisjoint(LATE)


def test_a_session_in_memory_imports_no_driver_and_no_pickle() -> None:
    loaded = loaded_after(
        "from requests_cache import CachedSession; CachedSession(backend='memory')"
    )
    assert loaded.isdisjoint({"sqlite3", "cattrs", "attrs", "redis", "pymongo", "boto3", "yaml"})


@pytest.mark.parametrize(("made", "most"), [("", 11), ("CachedSession(backend='memory')", 76)])
def test_a_session_brings_few_modules_to_those_of_requests(made: str, most: int) -> None:
    """Each takes about a tenth of a millisecond of a cold start; what a hit needs is among them."""
    brought = loaded_after(f"from requests_cache import CachedSession; {made}")
    # New versions of urllib3 import importlib.metadata themselves.
    brought -= loaded_after("import requests, importlib.metadata")
    assert len(brought) <= most, sorted(brought)


def test_a_base_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="base' has no attribute 'BaseStorge'"):
        requests_cache.backends.base.BaseStorge  # noqa: B018  # the point


def test_an_unknown_name_of_the_models_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Response'"):
        _ = models.Response
