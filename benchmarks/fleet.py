"""The workers: one process for each subject and member, kept alive, driven over pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from environments import Environments
from subjects import SUBJECTS

__all__ = ["Fleet", "NotOfferedError", "Process", "WorkerError"]

_VARIABLES = 32
# What Python, SQLite and the file system need to know of the machine; no proxies among them.
_KEPT = (
    *("PATH", "LANG", "TMPDIR", "SYSTEMROOT", "TEMP", "LD_LIBRARY_PATH"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"),
)


class WorkerError(Exception):
    """A subject failed; the message says how."""


class NotOfferedError(Exception):
    """A subject does not have what was asked for."""


class Process:
    """One worker."""

    def __init__(self, python: Path, subject: str, home: Path, log: Path) -> None:
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                [str(python), str(Path(__file__).with_name("worker.py")), subject],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=worker_environment(home),
                text=True,
            )

    @property
    def alive(self) -> bool:
        """Say whether the process has not ended."""
        return self._process.poll() is None

    def send(self, order: str, **arguments: Any) -> None:
        """Give an order and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": order, **arguments}) + "\n")
        self._process.stdin.flush()

    def receive(self) -> Any:
        """Wait for the answer.

        Raises:
            NotOfferedError: the subject does not have this.
            WorkerError: it failed, or its process died.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(f"the process ended with {self._process.wait()}")
        answer = json.loads(line)
        if "not_offered" in answer:
            raise NotOfferedError(answer["not_offered"])
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


class Fleet:
    """All workers of a run; each is started on first use."""

    def __init__(self, environments: Environments, folder: Path) -> None:
        self.environments = environments
        self.folder = folder
        self._pythons: dict[str, Path] = {}
        self._processes: dict[tuple[str, int], Process] = {}

    def member(self, subject: str, number: int) -> Process:
        """Give a worker of a subject; several of them may do a row together."""
        key = subject, number
        process = self._processes.get(key)
        if process is None or not process.alive:
            log = self.folder / f"{subject}.log"
            home = self.folder / "home"
            home.mkdir(exist_ok=True)
            self._processes[key] = Process(self.python(subject), subject, home, log)
        return self._processes[key]

    def python(self, subject: str) -> Path:
        """Give the interpreter of a subject; its environment stays the same during a run."""
        shared = SUBJECTS[SUBJECTS[subject].environment or subject]
        if shared.name not in self._pythons:
            python = self.environments.python(shared.name, shared.requirements)
            self._pythons[shared.name] = python
        return self._pythons[shared.name]

    @property
    def subjects(self) -> frozenset[str]:
        """Name the subjects that had a worker."""
        return frozenset(subject for subject, _ in self._processes)

    def close(self) -> None:
        """End all workers."""
        for process in self._processes.values():
            process.close()
        self._processes.clear()


def worker_environment(home: Path) -> dict[str, str]:
    """Give the environment variables of a worker: always 32 of them.

    requests walks through all of them for every request that it prepares, so their number is
    part of what is measured.
    """
    variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
    variables |= {"HOME": str(home), "PYTHONHASHSEED": "0"}
    if sys.platform == "win32":
        variables["USERPROFILE"] = str(home)
    for number in range(_VARIABLES - len(variables)):
        variables[f"BENCH_FILLER_{number}"] = "x" * 20
    return variables
