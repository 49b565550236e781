"""Build the wheel and the source archive of every package: `python tools/build.py FOLDER`."""

from __future__ import annotations

import subprocess
import sys

from packages import packages


def main() -> int:
    """Build into the folder of the command line; return the exit status."""
    target = sys.argv[1]
    for package in packages():
        # The source archive first, and the wheel from it: so what is published is known to build.
        command = ["uv", "build", "--quiet", "--out-dir", target, str(package.folder)]
        status = subprocess.run(command, check=False).returncode
        if status:
            return status
        print(f"built {package.name} {package.settings['project']['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
