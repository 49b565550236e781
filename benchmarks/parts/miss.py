"""Misses: what storing a response costs over a plain request to the same origin."""

from __future__ import annotations

import gc
from itertools import count
from statistics import median
from time import perf_counter

from parts.checks import CheckFailed, check_body, origin_requests
from row import Goal, Row, Sample, Task, Unit

__all__ = ["ROWS", "Misses"]


class Misses(Task):
    """Fetch a new URL with a plain session, then another one with a cache. Options: store, kind."""

    def prepare(self) -> None:
        """Open both sessions, and see that the second one stores."""
        import requests

        self.kind: str = self.options.get("kind", "json")
        self.plain = requests.Session()
        self.session = self.subject.session(self.options["store"], self.place)
        self.numbers = count()
        self._pair()
        self._check(0)

    def _pair(self) -> float:
        """Give how much longer the miss took than the plain request just before it."""
        number = next(self.numbers)
        plain = self.place.url(self.kind, number, "?plain=1")
        stored = self.place.url(self.kind, number)
        start = perf_counter()
        _ = self.plain.get(plain).content
        middle = perf_counter()
        _ = self.session.get(stored).content
        return (perf_counter() - middle) - (middle - start)

    def _check(self, number: int) -> None:
        """See that a response that was a miss is now a hit."""
        before = origin_requests(self.place)
        response = self.session.get(self.place.url(self.kind, number))
        check_body(response, self.kind, number, self.subject.exact)
        if origin_requests(self.place) != before:
            raise CheckFailed("what was a miss has not been stored")

    def run(self, seconds: float) -> Sample:
        """Give the median of the pairs of about four times `seconds`: most of it is the origin."""
        gc.collect()
        extra = []
        end = perf_counter() + 4 * seconds
        while perf_counter() < end or len(extra) < 10:
            extra.append(self._pair())
        self._check(next(self.numbers) - 1)
        return Sample(1, 0.0, median(extra))

    def close(self) -> None:
        """Close both sessions."""
        self.session.close()
        self.plain.close()


_SUBJECTS = ("ours", "upstream", "upstream_wal", "cachecontrol", "hishel", "diskcache", "floor")


def _row(
    name: str, store: str, goal: Goal | None, reference: str = "upstream", kind: str = "json"
) -> Row:
    key = f"miss-{name}-{store}".replace(" ", "-").lower()
    options = {"store": store, "kind": kind}
    unit = Unit.MICROSECONDS
    return Row(key, f"miss {name}, {store}", unit, Misses, options, goal, _SUBJECTS, reference)


ROWS = (
    _row("2 KB", "memory", Goal(8, 13)),
    _row("2 KB", "sqlite", Goal(8, 11)),
    _row("2 KB", "filesystem", Goal(4, 6)),
    _row("2 KB", "redis", Goal(2, 3)),
    _row("100 KB", "sqlite", None, kind="html"),
)
