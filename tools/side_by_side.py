"""Run Python programs side by side: `python tools/side_by_side.py "tools/docs.py --check" ...`.

What one has written is shown when it has ended. The status is that of the first that failed.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE, STDOUT

from packages import ROOT


def main() -> int:
    """Run what the arguments say; return the exit status."""
    commands = sys.argv[1:]
    with ThreadPoolExecutor(len(commands)) as pool:
        statuses = [*pool.map(run, commands)]
    return next(filter(None, statuses), 0)


def run(command: str) -> int:
    """Run a program and print what it wrote; return its exit status."""
    words = [sys.executable, *shlex.split(command)]
    done = subprocess.run(words, cwd=ROOT, check=False, stdout=PIPE, stderr=STDOUT, text=True)
    print(f"python {command}", done.stdout, sep="\n", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
