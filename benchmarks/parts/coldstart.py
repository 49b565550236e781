"""A fresh process, as a serverless function is: import, open, first hit."""

from __future__ import annotations

from row import Goal, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.checks import CheckError, origin_requests
from parts.fresh import run_fresh

__all__ = ["ROWS", "ColdStart", "cold_row"]

_PROGRAM = """
import json, time
start = time.perf_counter()
import requests
{statement}
name, server = {name!r}, {server!r}
{opening}
opened = time.perf_counter()
body = session.get({url!r}).content
end = time.perf_counter()
print(json.dumps([end - start, end - opened]))
"""


class ColdStart(Task):
    """Start a process that reads one response. Options: what (all, first), store."""

    def prepare(self) -> None:
        """Store the response, and leave bytecode."""
        self.store: str = self.options["store"]
        has_server = self.store == "sqlite" or self.store in self.place.services
        if self.store not in self.subject.openings or not has_server:
            raise NotOfferedError(self.store)
        for _ in range(2):
            self._start()

    def _start(self) -> tuple[float, float]:
        file = str(self.place.folder / "cold.sqlite")
        program = _PROGRAM.format(
            statement=self.subject.statement,
            opening=self.subject.openings[self.store],
            name=file if self.store == "sqlite" else f"cold-{self.place.lane}",
            server=self.place.services.get(self.store),
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


def cold_row(
    what: str, title: str, goal: Goal, store: str, subjects: tuple[str, ...], reference: str
) -> Row:
    """Make the row of a store."""
    key = f"coldstart-{what}-{store}"
    options = {"what": what, "store": store}
    unit = Unit.MILLISECONDS
    return Row(key, title, unit, ColdStart, options, goal, subjects, reference, rounds=9)


def _row(what: str, title: str, goal: Goal) -> Row:
    subjects = ("ours", "upstream", "upstream_bare", "hishel")
    return cold_row(what, title, goal, "sqlite", subjects, "upstream_bare")


ROWS = (
    _row("all", "fresh process: import, open, first hit", Goal(1.4, 1.5)),
    _row("first", "of which the first hit", Goal(10, 30)),
)
