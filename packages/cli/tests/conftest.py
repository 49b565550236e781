"""Real stores with responses from a real server, and the command as it is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from requests_cache.testing.origin import Origin

# Tests are imported by file, not through a path; `program` is beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from program import PROGRAM, Done, Run, fill, run_here


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def run(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs the command in an empty folder, as a shell would.

    It is the installed one. Where a test runs with several stores, it is a process of its own for
    SQLite alone: starting Python takes most of the time.
    """
    stores = [request.getfixturevalue("backend")] if "backend" in request.fixturenames else []
    if stores not in ([], ["sqlite"]):
        monkeypatch.chdir(tmp_path)
        return run_here

    def run_it(*arguments: object, **environment: str) -> Done:
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environment},
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run_it


@pytest.fixture(params=["sqlite", "filesystem"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(backend: str, tmp_path: Path) -> str:
    """The path of a cache that `fill` filled."""
    return str(tmp_path / ("cache.sqlite" if backend == "sqlite" else "cache"))


@pytest.fixture
def filled(backend: str, address: str, origin: Origin) -> str:
    """A cache with seven responses and two redirects; give its path."""
    return fill(backend, address, origin)
