"""Run the tests that need no service on the other supported Pythons that are at hand.

`python tools/other_pythons.py` looks on PATH and among the versions of pyenv. It downloads no
interpreter; what it does not find it says.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import ROOT, packages, test_dependencies

# What only checks or builds is not installed.
_NOT_FOR_TESTS = ("mypy", "ruff", "types-")


def main() -> int:
    """Test on each Python that is found; return the exit status."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in supported():
        if version == here:
            continue
        interpreter = find(version)
        if interpreter is None:
            print(f"Python {version}: not found, not tested", flush=True)
            continue
        print(f"Python {version}: {interpreter}", flush=True)
        status = test_on(interpreter)
        if status:
            return status
    return 0


def supported() -> list[str]:
    """Give the versions that core's metadata names."""
    classifiers = packages()[0].settings["project"]["classifiers"]
    return re.findall(r"Python :: (\d+\.\d+)\b", "\n".join(classifiers))


def find(version: str) -> Path | None:
    """Give an interpreter that runs; a shim of pyenv may be there and refuse."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    on_path = shutil.which(f"python{version}")
    if on_path:
        candidates.insert(0, Path(on_path))
    return next((path for path in candidates if _runs(path)), None)


def _runs(interpreter: Path) -> bool:
    return subprocess.run([interpreter, "-c", ""], capture_output=True, check=False).returncode == 0


def test_on(interpreter: Path) -> int:
    """Install the packages for an interpreter and run their tests."""
    needed = [name for name in test_dependencies() if not name.startswith(_NOT_FOR_TESTS)]
    editable = [f"--editable={package.folder}" for package in packages()]
    with TemporaryDirectory(prefix="requests-cache-python-") as folder:
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        for command in (
            ["uv", "venv", "--quiet", "--python", str(interpreter), folder],
            ["uv", "pip", "install", "--quiet", "--python", str(python), *needed, *editable],
            [str(python), "-m", "pytest", "-q", "packages"],
        ):
            status = subprocess.run(command, cwd=ROOT, check=False).returncode
            if status:
                return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
