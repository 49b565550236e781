"""Run pyright over the typed public API, as users have it: on installed wheels.

Pyright does not read `__path__`, so it finds the backends only where all wheels are in one folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import packages

_API = "tests/typing_*.py"


def main() -> int:
    """Build, install and check; return the exit status."""
    files = [str(path) for package in packages() for path in sorted(package.folder.glob(_API))]
    with TemporaryDirectory(prefix="requests-cache-wheels-") as folder:
        python = Path(folder, "env", "Scripts" if os.name == "nt" else "bin", "python")
        # Where pyright looks for what is installed when it verifies types.
        path = os.pathsep.join((str(python.parent), os.environ.get("PATH", "")))
        environment = {**os.environ, "VIRTUAL_ENV": f"{folder}/env", "PATH": path}
        wheels = [str(package.folder) for package in packages()]
        install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
        for command in (
            ["uv", "venv", "--quiet", f"{folder}/env"],
            # What cattrs converts by has a part in what we show.
            [*install, "cattrs", "mypy", "pyright[nodejs]", *wheels],
            # Outside the repository, so that nothing is found in its sources.
            [str(python), "-m", "mypy", "--strict", "--config-file=", *files],
            [str(python), "-m", "pyright", "--pythonpath", str(python), *files],
            # It fails unless every public name has a type that all checkers see alike.
            [str(python), "-m", "pyright", "--verifytypes", "requests_cache", "--ignoreexternal"],
        ):
            print(*command[:4], "...", flush=True)
            status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
            if status:
                return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
