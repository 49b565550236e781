"""A backend from elsewhere: built, installed into a fresh environment, found, and tested there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "third-party-backend"
UV = (sys.executable, "-m", "uv")


def run(*command: object, folder: Path) -> str:
    """Run a program outside the repository; give its output, or fail with it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder outside the repository, with a copy of the example."""
    folder = tmp_path_factory.mktemp("third-party")
    shutil.copytree(EXAMPLE, folder / "example", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return folder


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """Give the Python of an environment that has the wheel of the example, and what it needs."""
    for source in (ROOT / "packages" / "core", folder / "example"):
        run(*UV, "build", "--quiet", "--wheel", "--out-dir", "wheels", source, folder=folder)
    run(*UV, "venv", "--quiet", "--python", sys.executable, "environment", folder=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = ("pip", "install", "--quiet", "--python", python, "--find-links", "wheels")
    run(*UV, *install, "requests-cache-diskcache[test]", folder=folder)
    return python


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
        "print([backend[:3] for backend in available()])\n"
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
