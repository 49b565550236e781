"""Many threads at once: one new URL for all of them, or one for each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from time import perf_counter
from typing import Any

from row import Goal, Row, Sample, Task, Unit

from parts.checks import check_body, origin_requests

__all__ = ["ROWS", "Others", "Stampede"]

_DELAY = "?delay=50"


class Stampede(Task):
    """Let 16 threads ask for one new URL; count the origin's requests."""

    def prepare(self) -> None:
        """Open a session."""
        self.session: Any = self.subject.session("memory", self.place)
        self.numbers = count()

    def run(self, seconds: float) -> Sample:
        """Count."""
        number = next(self.numbers)
        before = origin_requests(self.place)
        self._together([number] * 16)
        return Sample(origin_requests(self.place) - before)

    def _together(self, numbers: list[int]) -> float:
        """Ask for all of these at once; give the seconds that it took."""
        barrier = Barrier(len(numbers) + 1)

        def ask(number: int) -> None:
            barrier.wait()
            response = self.session.get(self.place.url("json", number, _DELAY))
            check_body(response, "json", number, self.subject.exact)

        with ThreadPoolExecutor(len(numbers)) as pool:
            asked = [pool.submit(ask, number) for number in numbers]
            barrier.wait()
            start = perf_counter()
            for future in asked:
                future.result()
            return perf_counter() - start

    def close(self) -> None:
        """Close the session."""
        self.session.close()


class Others(Stampede):
    """Let 8 threads ask for a new URL each, of an origin that takes 50 ms."""

    def run(self, seconds: float) -> Sample:
        """Take the time until all have their response."""
        return Sample(1, 0.0, self._together([next(self.numbers) for _ in range(8)]))


_SUBJECTS = ("ours", "upstream", "cachecontrol", "hishel")

ROWS = (
    Row(
        "stampede",
        "origin requests of 16 threads for one new URL",
        Unit.COUNT,
        Stampede,
        goal=Goal(1, 1, to="number"),
        subjects=_SUBJECTS,
    ),
    Row(
        "stampede-others",
        "8 threads, 8 new URLs of 50 ms each",
        Unit.MILLISECONDS,
        Others,
        # If one waited for the other, it would take 400 ms.
        goal=Goal(100, 75, to="number"),
        subjects=_SUBJECTS,
    ),
)
