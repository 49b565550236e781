"""A fresh process, as a serverless function is: import, open, first hit on SQLite."""

from __future__ import annotations

from row import Goal, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.checks import CheckError, origin_requests
from parts.fresh import run_fresh

__all__ = ["ROWS", "ColdStart"]

_PROGRAM = """
import json, time
start = time.perf_counter()
import requests
{statement}
path = {path!r}
{opening}
opened = time.perf_counter()
body = session.get({url!r}).content
end = time.perf_counter()
print(json.dumps([end - start, end - opened]))
"""


class ColdStart(Task):
    """Start a process that reads one response. Option: what (all, first)."""

    def prepare(self) -> None:
        """Store the response, and leave bytecode."""
        if not self.subject.opening:
            raise NotOfferedError("opening")
        for _ in range(2):
            self._start()

    def _start(self) -> tuple[float, float]:
        program = _PROGRAM.format(
            statement=self.subject.statement,
            opening=self.subject.opening,
            path=str(self.place.folder / "cold.sqlite"),
            url=self.place.url("json", 0),
        )
        everything, hit = run_fresh(program)
        return everything, hit

    def run(self, seconds: float) -> Sample:
        """Start a process."""
        before = origin_requests(self.place)
        everything, hit = self._start()
        if origin_requests(self.place) != before:
            raise CheckError("the first hit reached the origin")
        return Sample(1, 0.0, everything if self.options["what"] == "all" else hit)


_SUBJECTS = ("ours", "upstream", "upstream_bare", "hishel")


def _row(what: str, title: str, goal: Goal) -> Row:
    options = {"what": what}
    reference = "upstream_bare"
    unit = Unit.MILLISECONDS
    return Row(
        f"coldstart-{what}", title, unit, ColdStart, options, goal, _SUBJECTS, reference, rounds=9
    )


ROWS = (
    _row("all", "fresh process: import, open, first hit", Goal(1.4, 1.5)),
    _row("first", "of which the first hit", Goal(10, 30)),
)
