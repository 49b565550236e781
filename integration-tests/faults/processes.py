"""Processes of the workload, started and asked for what they met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from faults.figures import MIXED_SECONDS, report
from faults.ledger import Clears

__all__ = ["run_mixed", "start"]

PROCESSES: Final = 4
_ROOT: Final = Path(__file__).parents[1]


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a process of the workload."""
    return subprocess.Popen(
        [sys.executable, "-m", "faults.workload", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )


def run_mixed(kind: str, where: str) -> None:
    """Run the mixed workload in several processes, and check what they say."""
    with TemporaryDirectory() as folder:
        shared = str(Path(folder, "clears"))
        clears = Clears(shared)
        running = [start("mixed", kind, where, shared, n, MIXED_SECONDS) for n in range(PROCESSES)]
        results: list[dict[str, Any]] = []
        for process in running:
            output, _ = process.communicate(timeout=MIXED_SECONDS + 60)
            results.append(json.loads(output))
    errors = [error for result in results for error in result["errors"]]
    operations = sum(result["operations"] for result in results)
    report(
        f"8 threads x {PROCESSES} processes on {kind}",
        seconds=f"{MIXED_SECONDS:g}",
        operations=f"{operations:,}",
        clears=clears.look().ended,
        gone_by_clear_or_expiry=sum(result["gone"] for result in results),
        errors=len(errors),
    )
    assert not errors, errors
    assert operations > 100
    assert clears.look().ended > 0
