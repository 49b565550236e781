"""A distribution from elsewhere: built, and installed into a fresh environment with wheels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = (sys.executable, "-m", "uv")
SECONDS = 300


def run(*command: object, folder: Path, **variables: str) -> str:
    """Run a program outside the repository; give its output, or fail with it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def copy_example(name: str, folder: Path) -> Path:
    """Copy an example to a place outside the repository."""
    skipped = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(ROOT / "examples" / name, folder / "example", ignore=skipped)
    return folder


def install(requirement: str, folder: Path) -> Path:
    """Make an environment with wheels of the core and of the example; give its Python."""
    for source in (ROOT / "packages" / "core", folder / "example"):
        run(*UV, "build", "--quiet", "--wheel", "--out-dir", "wheels", source, folder=folder)
    run(*UV, "venv", "--quiet", "--python", sys.executable, "environment", folder=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = ("pip", "install", "--quiet", "--python", python, "--find-links", "wheels")
    run(*UV, *command, requirement, folder=folder)
    return python
