"""Several threads or processes on one SQLite file, per second."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import perf_counter
from typing import Any

from row import Goal, Row, Sample, Task, Unit

from parts.checks import CheckError, check_body, origin_requests

__all__ = ["ROWS", "Reader", "Threads", "Writer"]

_URLS = 100
_BATCH = 20
_SHORTEST = 0.5
"""Seconds of a turn: threads and processes need a while to meet."""


class Reader(Task):
    """Read what is stored, in this process alone or beside others."""

    def prepare(self) -> None:
        """Store 100 responses."""
        self.session: Any = self.subject.session("sqlite", self.place)
        self.urls = [self.place.url("json", number) for number in range(_URLS)]
        for _ in range(2):
            for number, url in enumerate(self.urls):
                check_body(self.session.get(url), "json", number, self.subject.exact)

    def run(self, seconds: float) -> Sample:
        """Read until the time is over; a request that reaches the origin is an error."""
        before = origin_requests(self.place)
        gc.collect()
        sample = self.read(max(seconds, _SHORTEST))
        if origin_requests(self.place) != before:
            raise CheckError("hits reached the origin")
        return sample

    def read(self, seconds: float) -> Sample:
        """Read in turn; look at the clock now and then."""
        get, urls = self.session.get, self.urls
        done = 0
        start = now = perf_counter()
        while now < start + seconds:
            for offset in range(_BATCH):
                _ = get(urls[(done + offset) % _URLS]).content
            done += _BATCH
            now = perf_counter()
        return Sample(done, start, now)

    def close(self) -> None:
        """Close the session."""
        self.session.close()


class Threads(Reader):
    """Read in eight threads with one session."""

    def read(self, seconds: float) -> Sample:
        """Read in all threads."""
        with ThreadPoolExecutor(8) as pool:
            samples = list(pool.map(super().read, [seconds] * 8))
        start = min(sample.start for sample in samples)
        return Sample(sum(s.amount for s in samples), start, max(s.end for s in samples))


class Writer(Task):
    """Store misses, each process those of its own lane."""

    def prepare(self) -> None:
        """Open a session on the file that the members share."""
        self.session: Any = self.subject.session("sqlite", self.place)
        self.numbers = count()
        self.session.get(self.place.url("json", next(self.numbers)))

    def run(self, seconds: float) -> Sample:
        """Store until the time is over, then see that nothing was lost."""
        done = []
        gc.collect()
        start = now = perf_counter()
        while now < start + max(seconds, _SHORTEST):
            number = next(self.numbers)
            _ = self.session.get(self.place.url("json", number)).content
            done.append(number)
            now = perf_counter()
        self._check(done)
        return Sample(len(done), start, now)

    def _check(self, numbers: list[int]) -> None:
        before = origin_requests(self.place)
        for number in numbers:
            response = self.session.get(self.place.url("json", number))
            check_body(response, "json", number, self.subject.exact)
        lost = origin_requests(self.place) - before
        if lost:
            raise CheckError(f"{lost} of {len(numbers)} stored responses are lost")

    def close(self) -> None:
        """Close the session."""
        self.session.close()


class ReaderBesideWriters(Task):
    """Be the reader if this is the first process, else one of those in its way."""

    def prepare(self) -> None:
        """Take a role."""
        role = Writer if self.place.member else Reader
        self.role: Task = role(self.subject, self.place)
        self.role.prepare()

    def run(self, seconds: float) -> Sample:
        """Read or write; only the reader's hits count."""
        sample = self.role.run(seconds)
        return sample._replace(amount=0) if self.place.member else sample

    def close(self) -> None:
        """Close the session."""
        self.role.close()


_SUBJECTS = ("ours", "upstream", "upstream_wal", "hishel", "diskcache")


def _row(key: str, title: str, task: type[Task], goal: Goal, members: int = 1) -> Row:
    return Row(f"threads-{key}", title, Unit.PER_SECOND, task, {}, goal, _SUBJECTS, members=members)


ROWS = (
    _row("hits", "8 threads, hits", Threads, Goal(40, 60)),
    _row("reader", "hits of a reader beside 3 writers", ReaderBesideWriters, Goal(60, 100), 4),
    _row("writers", "4 processes, one file: misses stored", Writer, Goal(3, 4), 4),
)
