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

from program import PROGRAM, Done, Run, fill


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give what runs the installed command in an empty folder, as a shell would."""

    def run_it(*arguments: object, given: str = "", **environment: str) -> Done:
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            cwd=tmp_path,
            input=given,
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
