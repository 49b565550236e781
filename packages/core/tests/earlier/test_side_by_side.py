"""requests-cache in the same environment: one clear error, whoever is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests_cache
from requests_cache.backends.registry import import_backend

BACKENDS = {
    "dynamodb": "dynamodb",
    "filesystem": "filesystem",
    "gridfs": "mongo",
    "mongo": "mongo",
    "redis": "redis",
    "sqlite": "sqlite",
}


def install(folder: Path) -> Path:
    """Put all of ours into one folder, as pip does."""
    package = folder / "requests_cache"
    shutil.copytree(Path(requests_cache.__file__).parent, package)
    for name in BACKENDS:
        place = Path(str(import_backend(name).__file__)).parent
        shutil.copytree(place, package / "backends" / name, dirs_exist_ok=True)
    return package


def error_of(program: str, folder: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stderr.strip().splitlines()[-1] if run.returncode else ""


@pytest.fixture(scope="module")
def overwritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder where requests-cache was installed last."""
    folder = tmp_path_factory.mktemp("overwritten")
    package = install(folder)
    (package / "__init__.py").write_text("__version__ = '1.3.3'\n")
    (package / "backends" / "__init__.py").write_text(
        "try:\n    from .sqlite import SQLiteCache\nexcept ImportError:\n    SQLiteCache = None\n"
    )
    (package / "backends" / "base.py").write_text("class BaseCache: pass\n")
    (package / "backends" / "sqlite.py").write_text("")
    return folder


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_of_ours_names_what_to_do_in_a_core_that_is_not(
    name: str, overwritten: Path
) -> None:
    error = error_of(f"import requests_cache.backends.{name}", overwritten)
    assert '--force-reinstall "requests-cache-core[' in error
    assert "pip uninstall requests-cache requests-cache-core" in error


def test_our_core_names_what_to_do_where_theirs_was_installed_first(tmp_path: Path) -> None:
    package = install(tmp_path)
    assert error_of("import requests_cache", tmp_path) == ""
    (package / "backends" / "sqlite.py").write_text("")
    for program in ("import requests_cache", "from requests_cache import CachedSession"):
        error = error_of(program, tmp_path)
        assert error.startswith("ImportError: requests-cache and requests-cache-core are both")
