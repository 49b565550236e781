"""The second example, on a real server: built, installed into a fresh environment, and tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from elsewhere import ROOT, UV, copy_example, install, run
from services import PostgresService


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder outside the repository, with a copy of the example."""
    return copy_example("postgres-backend", tmp_path_factory.mktemp("postgres"))


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """Give the Python of an environment that has the wheel of the example, and what it needs."""
    return install("requests-cache-postgres[test]", folder)


def test_types(python: Path, folder: Path) -> None:
    """It passes mypy --strict with what it installs alone."""
    assert str(ROOT) not in run(*UV, "pip", "list", "--python", python, folder=folder)
    run(python, "-m", "mypy", folder=folder / "example")


def test_contract_and_outages(
    python: Path, folder: Path, postgres_service: PostgresService
) -> None:
    """It passes the contract, with leases, bodies in pieces and outages, on a server."""
    output = run(
        *(python, "-m", "pytest", "--quiet", "-rs"),
        folder=folder / "example",
        POSTGRES_URL=postgres_service.url,
    )
    counts = dict(re.findall(r"contract: (\w+) (\d+) passed", output, re.MULTILINE))
    assert counts.keys() == {"PostgresDict", "PostgresCache"}
    assert min(map(int, counts.values())) > 100
    skipped = re.findall(r"^SKIPPED \[\d+\] .*?: (.*)$", output, re.MULTILINE)
    assert set(skipped) == {"this store declares no bounds"}
