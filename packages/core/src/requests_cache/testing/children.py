"""Run a function in another Python process: one of the tests, with picklable arguments."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Child", "in_fork", "peak_memory", "run_in_child", "start_child"]

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
            self.kill()
            raise
        assert self._process.returncode == 0, _said("another process", errors)
        return pickle.loads(output)

    def kill(self) -> None:
        """End the process at once, wherever it is (SIGKILL)."""
        self._process.kill()
        self._process.communicate()

    def has_ended(self) -> bool:
        """Say whether the process has ended by itself."""
        return self._process.poll() is not None


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


def in_fork(function: Callable[[], Any]) -> Any:
    """Call a function in a forked child of this process; give what it returns, which is pickled.

    Raises:
        AssertionError: it failed; the message has the traceback of the child.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover  # the child begins to measure later
        _be_forked(function, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    succeeded, result = pickle.loads(answer) if answer else (False, b"it ended without an answer")
    assert succeeded, _said("the forked child", result)
    return result


def _be_forked(function: Callable[[], Any], writing: int) -> None:
    try:
        try:
            answer = pickle.dumps((True, function()))
        except BaseException:  # noqa: BLE001  # the parent raises it
            answer = pickle.dumps((False, traceback.format_exc().encode()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
    finally:
        # Leave without the parent's exit handlers and buffers.
        os._exit(0)


def _said(who: str, errors: bytes) -> str:
    return f"{who} failed:\n{errors.decode(errors='replace')}"


def peak_memory() -> int:
    """Give the most memory that this process has had, in bytes; on Linux only."""
    # `getrusage` would tell that of the process which started this one, if that had more.
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Be the child: read a task from standard input, write its result to standard output."""
    import faulthandler
    from importlib import import_module

    # Who waits for us is told where we are, should we hang.
    faulthandler.dump_traceback_later(_SECONDS * 0.9, exit=True)
    module, name, args = pickle.load(sys.stdin.buffer)
    result = getattr(import_module(module), name)(*args)
    sys.stdout.buffer.write(pickle.dumps(result))
