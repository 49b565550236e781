"""A program in a fresh process of this environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from parts.checks import CheckError

__all__ = ["run_fresh"]


def run_fresh(program: str) -> Any:
    """Run a program that prints JSON, and give what it printed.

    Raises:
        CheckError: it failed; the message is the last line of its error.
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CheckError(done.stderr.strip().rsplit("\n", 1)[-1])
    return json.loads(done.stdout)
