"""What the import costs, in a fresh process, beyond importing requests."""

from __future__ import annotations

from row import Goal, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.fresh import run_fresh

__all__ = ["ROWS", "Import"]

_PROGRAM = """
import json, sys, time
import requests
before = set(sys.modules)
start = time.perf_counter()
{statement}
taken = time.perf_counter() - start
print(json.dumps([taken, len(set(sys.modules) - before)]))
"""


class Import(Task):
    """Import as a user does. Option: what (time, modules)."""

    def prepare(self) -> None:
        """Import once, so that there is bytecode and the files are in memory."""
        if not self.subject.statement:
            raise NotOfferedError("import")
        self._measure()

    def _measure(self) -> tuple[float, int]:
        program = _PROGRAM.format(statement=self.subject.statement)
        taken, modules = run_fresh(program)
        return taken, modules

    def run(self, seconds: float) -> Sample:
        """Start a process."""
        taken, modules = self._measure()
        return Sample(modules) if self.options["what"] == "modules" else Sample(1, 0.0, taken)


_SUBJECTS = ("ours", "upstream", "upstream_bare", "cachecontrol", "hishel", "diskcache")

ROWS = (
    Row(
        "import-time",
        "import beyond requests",
        Unit.MILLISECONDS,
        Import,
        {"what": "time"},
        Goal(8, 4, to="number"),
        _SUBJECTS,
    ),
    Row(
        "import-modules",
        "modules beyond requests",
        Unit.COUNT,
        Import,
        {"what": "modules"},
        Goal(40, 15, to="number"),
        _SUBJECTS,
        rounds=1,
    ),
)
