"""Work on all of 100,000 responses in a SQLite file, of which every other one has expired."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterable
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import ClassVar

from row import Goal, Place, Row, Sample, Task, Unit
from subjects.base import Library, NotOfferedError, Subject

from parts.checks import CheckError

__all__ = ["ROWS", "Deletion", "Reading"]

_COUNT = 100_000
_UNEXPIRED = _COUNT // 2
_DAY = 86_400
_HOUR = 3_600
_ROUNDS = 3


def lifetime(number: int) -> float:
    """Let every other response have expired an hour ago, which is too early to be purged."""
    return _DAY if number % 2 else -_HOUR


class _Filled:
    """A folder with the responses of a subject, made once for all rows of a process."""

    known: ClassVar[dict[str, _Filled]] = {}

    def __init__(self, subject: Subject, place: Place) -> None:
        import requests

        self.folder = TemporaryDirectory(prefix="large-", dir=place.folder.parent)
        self.place = place._replace(folder=place.folder.parent / self.folder.name)
        with requests.Session() as session:
            response = session.get(place.url("json", 0))
        subject.fill(self.place, response, _COUNT, lifetime)

    @classmethod
    def by(cls, subject: Subject, place: Place) -> Place:
        """Give the place where this subject has its responses."""
        if subject.name not in cls.known:
            cls.known[subject.name] = cls(subject, place)
        return cls.known[subject.name].place


class Reading(Task):
    """Count or list. Options: work, and the number of responses expected."""

    def prepare(self) -> None:
        """Open the responses."""
        self.library = self.subject.library(_Filled.by(self.subject, self.place))
        read = _READINGS[self.options["work"]](self.library)
        if read is None:
            raise NotOfferedError(self.options["work"])
        self.read = read

    def run(self, seconds: float) -> Sample:
        """Read once, or more often if that takes less than `seconds`."""
        gc.collect()
        times = 0
        start = end = perf_counter()
        while end - start < seconds:
            found = self.read()
            end = perf_counter()
            times += 1
        if found != self.options["expected"]:
            raise CheckError(f"found {found} responses, not {self.options['expected']}")
        return Sample(times, start, end)

    def close(self) -> None:
        """Close the file."""
        self.library.close()


class Deletion(Task):
    """Delete what has expired, of a copy of the file. Option: way (default, keep, shrink)."""

    def prepare(self) -> None:
        """Store the responses, the first time."""
        self.filled = _Filled.by(self.subject, self.place)
        library = self.subject.library(self.filled)
        library.close()
        if _DELETIONS[self.options["way"]](library) is None:
            raise NotOfferedError(self.options["way"])

    def run(self, seconds: float) -> Sample:
        """Copy the file, delete, and count what is left."""
        folder = self.place.folder / "copy"
        shutil.copytree(self.filled.folder, folder)
        # Otherwise the first commit would wait for the copy to reach the disk.
        os.sync()
        library = self.subject.library(self.filled._replace(folder=folder))
        try:
            return self._delete(library)
        finally:
            library.close()
            shutil.rmtree(folder)

    def _delete(self, library: Library) -> Sample:
        delete = _DELETIONS[self.options["way"]](library)
        assert delete is not None
        gc.collect()
        start = perf_counter()
        delete()
        end = perf_counter()
        if library.count_all() != _UNEXPIRED:
            raise CheckError(f"{library.count_all()} responses are left, not {_UNEXPIRED}")
        return Sample(1, start, end)


def _counted(list_all: Callable[[], Iterable[object]] | None) -> Callable[[], int] | None:
    if list_all is None:
        return None
    return lambda: sum(1 for _ in list_all())


_READINGS: dict[str, Callable[[Library], Callable[[], int] | None]] = {
    "len": lambda library: library.count_all,
    "unexpired": lambda library: library.count_unexpired,
    "urls": lambda library: _counted(library.urls),
    "filter": lambda library: _counted(library.values),
}

_DELETIONS: dict[str, Callable[[Library], Callable[[], object] | None]] = {
    "default": lambda library: library.delete_expired,
    "keep": lambda library: library.delete_and_keep_size,
    "shrink": lambda library: library.delete_and_shrink,
}

_SUBJECTS = ("ours", "upstream", "diskcache", "floor")


def _reading(work: str, title: str, expected: int, must: float, aim: float) -> Row:
    options = {"work": work, "expected": expected}
    goal = Goal(must, aim)
    key = f"large-{work}"
    return Row(key, title, Unit.MILLISECONDS, Reading, options, goal, _SUBJECTS, rounds=_ROUNDS)


def _deletion(way: str, title: str, goal: Goal | None) -> Row:
    key = f"large-delete-{way}"
    unit = Unit.MILLISECONDS
    return Row(key, title, unit, Deletion, {"way": way}, goal, _SUBJECTS, rounds=_ROUNDS)


ROWS = (
    _reading("len", "100,000: count all", _COUNT, 10, 20),
    _reading("unexpired", "100,000: count what has not expired", _UNEXPIRED, 40, 80),
    _reading("urls", "100,000: list all URLs", _COUNT, 6, 20),
    _reading("filter", "100,000: list all responses", _COUNT, 10, 20),
    # Upstream's default also shrinks the file.
    _deletion("default", "100,000: delete what has expired, default of each", Goal(4, 6)),
    _deletion("keep", "100,000: delete what has expired, the file keeps its size", None),
    _deletion("shrink", "100,000: delete what has expired, the file shrinks", Goal(1.8, 2.2)),
)
