"""Check the layers and circles of all distributions as one package, as users have them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Put the sources together, which lie in folders of their own, and have them checked."""
    with TemporaryDirectory() as folder:
        for source in sorted(ROOT.glob("packages/*/src")):
            shutil.copytree(source, folder, dirs_exist_ok=True)
        command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
        environment = {**os.environ, "PYTHONPATH": folder}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
