"""A run: in each row everybody gets ready, the subjects take turns, and everybody cleans up."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet import Fleet, NotOfferedError, Process, WorkerError
from results import Result, value_of
from row import Row, Sample

__all__ = ["Effort", "Run"]


class Effort(NamedTuple):
    """How long to measure."""

    rounds: int
    seconds: float
    """About how long a subject's turn takes, in rows where that can be chosen."""


class Run:
    """Measures rows with a fleet of workers and the servers they need."""

    def __init__(
        self,
        fleet: Fleet,
        folder: Path,
        origin: str,
        services: Mapping[str, str],
        effort: Effort,
    ) -> None:
        self.fleet = fleet
        self.folder = folder
        self.origin = origin
        self.services = services
        self.effort = effort

    def measure(self, part: str, row: Row, subjects: frozenset[str]) -> Result:
        """Measure a row with those of its subjects that are wanted."""
        result = Result.of(part, row)
        ready = [
            name for name in row.subjects if name in subjects and self._prepare(row, name, result)
        ]
        for _ in range(min(self.effort.rounds, row.rounds or self.effort.rounds)):
            for name in ready:
                if name not in result.failures:
                    self._take_turn(row, name, result)
        for name in ready:
            self._close(row, name)
        return result

    def _prepare(self, row: Row, name: str, result: Result) -> bool:
        folder = self._folder(row, name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        place = {"folder": str(folder), "origin": self.origin, "services": self.services}
        try:
            for number, member in enumerate(self._members(row, name)):
                lane = f"{row.key}-{name}-{number}"
                _ask([member], "prepare", row=row.key, number=number, lane=lane, **place)
        except NotOfferedError:
            self._close(row, name)
            return False
        except WorkerError as error:
            result.failures[name] = str(error)
            self._close(row, name)
            return False
        return True

    def _take_turn(self, row: Row, name: str, result: Result) -> None:
        try:
            answers = _ask(self._members(row, name), "run", seconds=self.effort.seconds)
        except WorkerError as error:
            result.failures[name] = str(error)
        else:
            value = value_of(row.unit, [Sample(*answer) for answer in answers])
            result.values.setdefault(name, []).append(value)

    def _close(self, row: Row, name: str) -> None:
        _ask(self._members(row, name), "close")
        shutil.rmtree(self._folder(row, name), ignore_errors=True)

    def _members(self, row: Row, name: str) -> list[Process]:
        return [self.fleet.member(name, number) for number in range(row.members)]

    def _folder(self, row: Row, name: str) -> Path:
        return self.folder / "data" / f"{row.key}-{name}"


def _ask(members: list[Process], order: str, **arguments: Any) -> list[Any]:
    """Give all members an order, and wait for all of them even if one fails."""
    for member in members:
        member.send(order, **arguments)
    answers: list[Any] = []
    failure: Exception | None = None
    for member in members:
        try:
            answers.append(member.receive())
        except (NotOfferedError, WorkerError) as error:
            failure = error
    if failure is not None:
        raise failure
    return answers
