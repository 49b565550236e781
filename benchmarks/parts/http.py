"""What the rules of HTTP ask for beside a fresh hit: validation, serving stale, storing."""

from __future__ import annotations

import gc
from itertools import count
from statistics import median
from time import perf_counter, process_time
from typing import Any

from row import Goal, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.checks import CheckError, check_body, origin_requests
from parts.hit import Hits
from parts.miss import Misses

__all__ = ["ROWS", "StaleHits", "Validations"]

_ALWAYS_ASK = "?cache=public&expired=1"
# The refresh in the background is on its way for longer than a round.
_STALE = "?cache=max-age=0,stale-while-revalidate=3600&delay=1000"


class Validations(Task):
    """Read what is validated by a 304 each time, beside a plain request. Options: store.

    Both are measured in processor time of the one process, which the origin is no part of.
    """

    def prepare(self) -> None:
        """Store a response, and see that it is validated from then on."""
        import requests

        self.plain = requests.Session()
        self.session = _by_http(self.subject.session(self.options["store"], self.place))
        self.url = self.place.url("json", 1, _ALWAYS_ASK)
        self.turns = count()
        for _ in range(2):
            before = origin_requests(self.place)
            check_body(self.session.get(self.url), "json", 1, self.subject.exact)
            sent = origin_requests(self.place) - before
            if sent == 0:
                # It answers without asking, though the response has expired.
                raise NotOfferedError("validation")
            if sent != 1:
                raise CheckError(f"{sent} origin requests where there should be one")
        if not getattr(self.session.get(self.url), "from_cache", True):
            raise CheckError("the origin sent it anew")

    def _pair(self) -> float:
        """Give how much longer a validation takes than the plain request beside it."""
        first, second = self.plain, self.session
        is_turned = next(self.turns) % 2 == 1
        if is_turned:
            first, second = second, first
        start = process_time()
        _ = first.get(self.url).content
        middle = process_time()
        _ = second.get(self.url).content
        extra = (process_time() - middle) - (middle - start)
        return -extra if is_turned else extra

    def run(self, seconds: float) -> Sample:
        """Give the median of the pairs of about four times `seconds`: most of it is the origin."""
        gc.collect()
        extra: list[float] = []
        end = perf_counter() + 4 * seconds
        while perf_counter() < end or len(extra) < 10:
            extra.append((self._pair() + self._pair()) / 2)
        return Sample(1, 0.0, median(extra))

    def close(self) -> None:
        """Close both sessions."""
        self.session.close()
        self.plain.close()


class StaleHits(Task):
    """Read what is stale while it is being refreshed: the caller's part. Options: store."""

    def prepare(self) -> None:
        """Store a response that is stale at once, and see that it is given without waiting."""
        self.session = _by_http(self.subject.session(self.options["store"], self.place))
        self.url = self.place.url("json", 1, _STALE)
        self.session.get(self.url)

    def run(self, seconds: float) -> Sample:
        """Read for `seconds`, while a refresh of what is read is on its way."""
        gc.collect()
        self.session.get(self.url)
        amount, start = 0, perf_counter()
        while perf_counter() < start + min(seconds, 0.5):
            response = self.session.get(self.url)
            _ = response.content, response.status_code
            amount += 1
        end = perf_counter()
        check_body(response, "json", 1, self.subject.exact)
        if not response.from_cache:
            raise CheckError("it was not given from the cache")
        return Sample(amount, start, end)

    def close(self) -> None:
        """Close the session."""
        self.session.close()


def _by_http(session: Any) -> Any:
    """Have a session follow the rules of HTTP, if it knows anything else."""
    settings: Any = getattr(session, "settings", None)
    if hasattr(settings, "cache_control"):
        settings.cache_control = True
    return session


_SUBJECTS = ("ours", "upstream", "cachecontrol", "hishel")
_PEERS = {"memory": "cachecontrol", "sqlite": "hishel", "filesystem": "cachecontrol"}
_US = Unit.MICROSECONDS


def _fresh(store: str, must: float, aim: float) -> Row:
    title = f"http fresh hit 2 KB, {store}"
    options = {"store": store, "way": "http"}
    goal, key = Goal(must, aim), f"http-fresh-{store}"
    return Row(key, title, _US, Hits, options, goal, _SUBJECTS, _PEERS[store])


def _validation(store: str) -> Row:
    title = f"http validation by 304, 2 KB, {store}"
    options, key = {"store": store}, f"http-304-{store}"
    return Row(key, title, _US, Validations, options, Goal(2, 4), _SUBJECTS, _PEERS[store])


def _miss(store: str, goal: Goal | None) -> Row:
    title, options = f"http miss 2 KB, {store}", {"store": store, "http": True}
    key = f"http-miss-{store}"
    return Row(key, title, _US, Misses, options, goal, _SUBJECTS, _PEERS[store])


ROWS = (
    _fresh("memory", 25, 33),
    _fresh("sqlite", 25, 33),
    _fresh("filesystem", 25, 38),
    Row(
        "http-stale-sqlite",
        "http stale while revalidating 2 KB, sqlite",
        _US,
        StaleHits,
        {"store": "sqlite"},
        Goal(2.5, 1.8, to="plainest"),
        ("ours",),
    ),
    *(_validation(store) for store in _PEERS),
    *(_miss(store, None) for store in _PEERS),
)
