"""Run mypy --strict over the sources, the tests of each package, and the programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from packages import ROOT, packages

FLAT = ("benchmarks", "integration-tests", "tools")
"""Programs whose modules stand side by side, without a package around them."""
PROGRAMS = (*FLAT, "demo")
BESIDE = {"integration-tests": ("packages/cli/tests",)}
"""Whose helpers they use, too."""

# A test may meet a None where it would fail anyway, ask what a function of no value returns, and
# compare what types say is never equal: that is what tests are for.
_IN_TESTS = tuple(
    f"--disable-error-code={code}"
    for code in ("union-attr", "func-returns-value", "comparison-overlap")
)


def main() -> int:
    """Check everything, even after an error; return the exit status."""
    sources = [package.folder / "src" for package in packages()]
    others = [ROOT / name for name in PROGRAMS]
    others += sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
    # Apart: tests of different packages may have files of one name, such as conftest.py.
    others += [package.folder / "tests" for package in packages()]
    groups = [sources, *([folder] for folder in others if _has_modules(folder))]
    return max(_mypy(group) for group in groups)


def _mypy(folders: list[Path]) -> int:
    names = [folder.relative_to(ROOT).as_posix() for folder in folders]
    print("mypy", *names, flush=True)
    environment = {**os.environ, "MYPYPATH": _path(names[0])}
    return subprocess.run(
        ["mypy", *(_IN_TESTS if "tests" in names[0] else ()), *names],
        cwd=ROOT,
        env=environment,
        check=False,
    ).returncode


def _path(name: str) -> str:
    """Give where modules are found first, as when the program or the tests run."""
    if name in FLAT:
        return os.pathsep.join((name, *BESIDE.get(name, ())))
    if name.startswith("examples/"):
        return f"{name}/src"
    # Where a test finds the helpers beside it.
    helpers = {"packages/core/tests": ("differential", "http", "owner")}
    found = [f"{name}/{folder}" for folder in helpers.get(name, ())]
    return os.pathsep.join(found or [name]) if name.endswith("tests") else ""


def _has_modules(folder: Path) -> bool:
    return any(folder.rglob("*.py"))


if __name__ == "__main__":
    sys.exit(main())
