"""Run the tests that need no service on the other supported Pythons that are at hand.

`python tools/other_pythons.py` looks on PATH and among the versions of pyenv. It downloads no
interpreter; what it does not find it says. The first of them gets the oldest versions of all that
the packages and their tests ask for by name, so that what they declare is true. Each test runs with
one of its parameters and a quarter of its made-up examples; with `--all` it runs with all of them,
which takes four times as long.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from subprocess import PIPE, STDOUT
from tempfile import TemporaryDirectory

from packages import ROOT, packages, test_dependencies

# What only checks or builds is not installed.
_NOT_FOR_TESTS = ("furo", "import-linter", "mypy", "myst-parser", "ruff", "sphinx", "types-")
# https://docs.astral.sh/uv/concepts/resolution/#resolution-strategy
_OLDEST, _NEWEST = "lowest-direct", "highest"
# What old versions of botocore do is not for us to change; for new ones, and us, it is an error.
_IGNORED = {_OLDEST: ("-W", "ignore:datetime.datetime.utcnow:DeprecationWarning"), _NEWEST: ()}


def main() -> int:
    """Test on each Python that is found, side by side; return the first bad exit status."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {version: find(version) for version in supported() if version != here}
    for version, interpreter in found.items():
        print(f"Python {version}: {interpreter or 'not found, not tested'}", flush=True)
    interpreters = [path for path in found.values() if path is not None]
    with ThreadPoolExecutor() as pool:
        results = pool.map(test_on, interpreters, chain([_OLDEST], repeat(_NEWEST)))
        # Of all, also where the first one fails.
        statuses = [*map(report, results)]
    return next(filter(None, statuses), 0)


def report(result: tuple[int, str]) -> int:
    """Print what a run printed; return its exit status."""
    status, output = result
    print(output, flush=True)
    return status


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


def test_on(interpreter: Path, resolution: str) -> tuple[int, str]:
    """Install the packages for an interpreter and run their tests; give status and output."""
    needed = [name for name in test_dependencies() if not name.startswith(_NOT_FOR_TESTS)]
    editable = [f"--editable={package.folder}" for package in packages()]
    install = ("uv", "pip", "install", "--quiet", "--resolution", resolution)
    test = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *_IGNORED[resolution])
    if "--all" not in sys.argv:
        test += ("-p", "one_parameter")
    # Alone in its folder: the tests have a namespace that is called as another file of this one.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent / "plugins")}
    output = f"Tests with {interpreter} and the {resolution} versions:\n"
    with TemporaryDirectory(prefix="requests-cache-python-") as folder:
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        for command in (
            ["uv", "venv", "--quiet", "--python", str(interpreter), folder],
            [*install, "--python", str(python), *needed, *editable],
            [str(python), *test, "packages"],
        ):
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                check=False,
                text=True,
                stdout=PIPE,
                stderr=STDOUT,
            )
            output += done.stdout
            if done.returncode:
                return done.returncode, output
    return 0, output


if __name__ == "__main__":
    sys.exit(main())
