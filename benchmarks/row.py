"""A row of the results: what is measured, in which unit, and what we want to reach."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from subjects.base import Subject

__all__ = ["Goal", "Place", "Row", "Sample", "Task", "Unit"]


class Unit(Enum):
    """What a number means."""

    MICROSECONDS = "us"
    MILLISECONDS = "ms"
    PER_SECOND = "/s"
    MEGABYTES = "MB"
    TIMES = "x"
    COUNT = ""

    @property
    def more_is_better(self) -> bool:
        """Say whether a larger number is a better one."""
        return self is Unit.PER_SECOND


class Sample(NamedTuple):
    """What one round did in one process.

    `amount` is the number of operations, or, for a row that counts, the number itself. The times
    are of a clock that all processes of a machine share.
    """

    amount: float
    start: float = 0.0
    end: float = 0.0


class Goal(NamedTuple):
    """What a row must reach and what it aims at.

    A ratio to the reference; or a number that ours must not exceed; or how many times as long as
    our plainest hit of the same store ours may take.
    """

    must: float
    aim: float
    to: Literal["reference", "number", "plainest"] = "reference"


class Place(NamedTuple):
    """Where a task works: a folder of its own, and servers."""

    folder: Path
    origin: str
    services: Mapping[str, str]
    lane: str
    """First part of the path of this task's URLs; the origin counts requests for each."""
    member: int
    """Number of this process among those that do the row together."""

    def url(self, kind: str, number: int, query: str = "") -> str:
        """Give the URL of a response of the origin."""
        return f"{self.origin}/{self.lane}/{kind}/{number}{query}"


class Task:
    """One row in one process: made ready once, run in each round, closed."""

    def __init__(self, subject: Subject, place: Place, **options: Any) -> None:
        self.subject = subject
        self.place = place
        self.options = options

    def prepare(self) -> None:
        """Get ready; not timed.

        Raises:
            NotOfferedError: the subject does not have what this row measures.
        """

    def run(self, seconds: float) -> Sample:
        """Do one round of about `seconds`, and check what came out of it."""
        raise NotImplementedError

    def close(self) -> None:
        """Release what was opened."""


class Row(NamedTuple):
    """One line of a table."""

    key: str
    title: str
    unit: Unit
    task: type[Task]
    options: Mapping[str, Any] = {}
    goal: Goal | None = None
    subjects: tuple[str, ...] = ()
    """Who has this row; a subject that turns out not to offer it stays empty."""
    reference: str = "upstream"
    """Whom the goal's ratio is a ratio to."""
    members: int = 1
    """How many processes do this at the same time."""
    rounds: int | None = None
    """At most so many rounds, for rows that take long."""
