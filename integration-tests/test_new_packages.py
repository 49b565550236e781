"""What `new-backend` and `new-serializer` write, as a stranger would go on with it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from elsewhere import ROOT, install, run


@pytest.fixture(scope="module", params=["backend", "serializer"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder outside the repository, with a package that was written there."""
    folder = tmp_path_factory.mktemp(request.param)
    command = (sys.executable, "-m", "requests_cache", f"new-{request.param}", "my-own")
    run(*command, "-o", "example", folder=folder)
    return folder


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """Give the Python of an environment that has the wheel of the package, and what it needs."""
    return install("requests-cache-my-own[test]", folder)


def test_it_passes_the_contract_as_it_is(python: Path, folder: Path) -> None:
    output = run(python, "-m", "pytest", "--quiet", "-rs", folder=folder / "example")
    assert str(ROOT) not in output
    counts = dict(re.findall(r"contract: (\w+) (\d+) passed", output, re.MULTILINE))
    assert counts.keys() <= {"MyOwnDict", "MyOwnCache", "MyOwnSerializer"}
    assert counts
    assert min(map(int, counts.values())) > 30
    assert "failed" not in output


def test_its_types_are_clean(python: Path, folder: Path) -> None:
    run(python, "-m", "mypy", "--strict", "src", folder=folder / "example")
