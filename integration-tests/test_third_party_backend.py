"""A backend from elsewhere: built, installed into a fresh environment, found, and tested there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from elsewhere import ROOT, UV, copy_example, install, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder outside the repository, with a copy of the example."""
    return copy_example("third-party-backend", tmp_path_factory.mktemp("third-party"))


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """Give the Python of an environment that has the wheel of the example, and what it needs."""
    return install("requests-cache-diskcache[test]", folder)


def test_environment_is_fresh(python: Path, folder: Path) -> None:
    """Nothing comes from the repository, and no backend of ours comes along."""
    listed = run(*UV, "pip", "list", "--python", python, folder=folder)
    assert "requests-cache-diskcache" in listed
    assert "requests-cache-backend" not in listed
    assert str(ROOT) not in listed


def test_found_by_name(python: Path, folder: Path) -> None:
    """A session finds the backend by its name, and it is listed with its distribution."""
    program = (
        "from requests_cache import CachedSession, available\n"
        "print(type(CachedSession('cache', backend='diskcache').cache))\n"
        "print([backend[:3] for backend in available() if not backend.error])\n"
    )
    found, listed = run(python, "-c", program, folder=folder).splitlines()
    assert found == "<class 'requests_cache_diskcache.DiskCache'>"
    assert (
        "('diskcache', 'requests_cache_diskcache:DiskCache', 'requests-cache-diskcache')" in listed
    )


def test_contract(python: Path, folder: Path) -> None:
    """The backend passes the contract there, and says how much that is."""
    output = run(python, "-m", "pytest", "--quiet", "-rs", folder=folder / "example")
    counts = dict(re.findall(r"contract: (\w+) (\d+) passed", output, re.MULTILINE))
    assert counts.keys() == {"DiskDict", "DiskCache"}
    assert min(map(int, counts.values())) > 100
    assert "failed" not in output
    skipped = re.findall(r"^SKIPPED \[\d+\] .*?: (.*)$", output, re.MULTILINE)
    assert set(skipped) == {"this store declares no bounds"}


def test_types(python: Path, folder: Path) -> None:
    """It passes mypy --strict with what it installs alone."""
    run(python, "-m", "mypy", "--strict", "src", folder=folder / "example")
