"""Misses: what storing a response costs over a plain request to the same origin."""

from __future__ import annotations

import gc
from itertools import count
from statistics import median
from time import perf_counter

from row import Goal, Row, Sample, Task, Unit

from parts.checks import CheckError, check_body, origin_requests

__all__ = ["ROWS", "Misses"]


class Misses(Task):
    """Fetch a new URL with a plain session, then another one with a cache.

    Options: store, kind, http (follow the rules of HTTP).
    """

    def prepare(self) -> None:
        """Open both sessions, and see that the second one stores."""
        import requests

        self.kind: str = self.options.get("kind", "json")
        self.plain = requests.Session()
        self.session = self.subject.session(self.options["store"], self.place)
        if self.options.get("http") and hasattr(self.session, "settings"):
            self.session.settings.cache_control = True
        self.numbers = count()
        self._pair()
        self._check(0)

    def _pair(self) -> float:
        """Give how much longer a miss takes than the plain request beside it."""
        number = next(self.numbers)
        # Now one, now the other is first, for the second one finds the origin awake.
        first, second = self.plain, self.session
        if number % 2:
            first, second = second, first
        start = perf_counter()
        _ = first.get(self.place.url(self.kind, 2 * number)).content
        middle = perf_counter()
        _ = second.get(self.place.url(self.kind, 2 * number + 1)).content
        extra = (perf_counter() - middle) - (middle - start)
        return -extra if number % 2 else extra

    def _stored(self, number: int) -> int:
        """Give the number in the URL that `session` was asked for in this pair."""
        return 2 * number + (number + 1) % 2

    def _check(self, number: int) -> None:
        """See that the response of a pair that was a miss is now a hit."""
        number = self._stored(number)
        before = origin_requests(self.place)
        response = self.session.get(self.place.url(self.kind, number))
        check_body(response, self.kind, number, self.subject.exact)
        if origin_requests(self.place) != before:
            raise CheckError("what was a miss has not been stored")

    def run(self, seconds: float) -> Sample:
        """Give the median of the pairs of about four times `seconds`: most of it is the origin."""
        gc.collect()
        extra: list[float] = []
        end = perf_counter() + 4 * seconds
        while perf_counter() < end or len(extra) < 10:
            extra.append((self._pair() + self._pair()) / 2)
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
