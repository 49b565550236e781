"""Processes of the workload, started and asked for what they met."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from requests_cache.testing.origin import Answer, Origin, Request

from faults.figures import MIXED_SECONDS, report
from faults.ledger import Clears

__all__ = ["run_crowd", "run_mixed", "server_of", "start"]

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


def server_of(kind: str, service: Any) -> str:
    """Give a new place in a service, as a process of the workload is told it."""
    options: dict[str, Any] = {"name": service.fresh_name()}
    if kind == "redis":
        options["port"] = service.port
    elif kind == "dynamodb":
        options |= service.connection
    else:
        options["host"] = service.url
    return json.dumps(options)


def run_crowd(kind: str, where: str, origin: Origin) -> None:
    """Let several processes request one new URL at the same moment; check that one of them did."""
    origin.answers["/slow"] = _answer_slowly
    running = [start("crowd", kind, where, origin.url("/slow")) for _ in range(PROCESSES)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    # Each process waits for a line, so all of them begin when all are there.
    bodies = []
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        bodies += json.loads(process.communicate(timeout=60)[0])
    asked = origin.count("/slow")
    report(f"{PROCESSES} processes x 8 threads on a new URL, {kind}", origin_requests=asked)
    assert bodies == ["slow"] * PROCESSES
    assert asked == 1


def _answer_slowly(request: Request) -> Answer:
    time.sleep(0.5)  # so long the others find that somebody is at it
    return Answer(b"slow")


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
