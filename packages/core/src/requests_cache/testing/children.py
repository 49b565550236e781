"""Run a function in another Python process: one of the tests, with picklable arguments."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Child", "peak_memory", "run_in_child", "start_child"]

_SECONDS = 60


class Child:
    """A process that is running a function."""

    def __init__(self, process: subprocess.Popen[bytes], task: bytes) -> None:
        self._process = process
        assert process.stdin is not None
        process.stdin.write(task)
        process.stdin.flush()

    def result(self) -> Any:
        """Wait for what the function returns; raise with what the process said if it failed."""
        try:
            output, errors = self._process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        assert self._process.returncode == 0, errors.decode(errors="replace")
        return pickle.loads(output)


def start_child(function: Callable[..., Any], *args: Any) -> Child:
    """Start a process that calls an importable function."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    return Child(process, pickle.dumps((function.__module__, function.__qualname__, args)))


def run_in_child(function: Callable[..., Any], *args: Any) -> Any:
    """Call an importable function in another process; give what it returns."""
    return start_child(function, *args).result()


def peak_memory() -> int:
    """Give the most memory that this process has had, in bytes; on Linux only."""
    # `getrusage` would tell that of the process which started this one, if that had more.
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Be the child: read a task from standard input, write its result to standard output."""
    from importlib import import_module

    module, name, args = pickle.load(sys.stdin.buffer)
    result = getattr(import_module(module), name)(*args)
    sys.stdout.buffer.write(pickle.dumps(result))
