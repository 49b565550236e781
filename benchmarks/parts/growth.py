"""How much slower a hit and a miss are among a million responses than among a thousand.

Filling the large cache takes minutes, so this part runs only when it is named.
"""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from row import Goal, Row, Sample, Task, Unit

from parts.checks import CheckError, origin_requests

__all__ = ["ROWS", "Growth"]

_SMALL, _LARGE = 1_000, 1_000_000
_BATCH = 10_000


@dataclass
class _Cache:
    """A session over many responses, 1,000 of their URLs, and the number of the next new one."""

    session: Any
    urls: list[str]
    numbers: count[int]


class Growth(Task):
    """Compare two caches call by call. Options: store, what (hit, miss)."""

    def prepare(self) -> None:
        """Fill both caches."""
        self.random = Random(0)
        self.caches = [self._filled(size) for size in (_LARGE, _SMALL)]
        self.measure = {"hit": self._hit, "miss": self._miss}[self.options["what"]]

    def _filled(self, size: int) -> _Cache:
        folder = Path(self.place.folder, str(size))
        folder.mkdir()
        session = self.subject.session(self.options["store"], self.place._replace(folder=folder))
        response = session.get(self.place.url("json", 0))
        for start in range(0, size, _BATCH):
            with _transaction(session.cache.responses):
                for number in range(start, min(start + _BATCH, size)):
                    response.url = response.request.url = self.place.url("json", number)
                    session.cache.save_response(response)
        # The same number in both: a session knows the keys of URLs that it has met.
        numbers = self.random.sample(range(size), _SMALL)
        urls = [self.place.url("json", number) for number in numbers]
        for url in urls:
            session.get(url)
        return _Cache(session, urls, count(size))

    def _hit(self, cache: _Cache) -> float:
        url = self.random.choice(cache.urls)
        start = perf_counter()
        _ = cache.session.get(url).content
        return perf_counter() - start

    def _miss(self, cache: _Cache) -> float:
        # Beyond what either cache holds; the same distance for both.
        url = self.place.url("json", next(cache.numbers) + 10 * _LARGE)
        start = perf_counter()
        _ = cache.session.get(url).content
        return perf_counter() - start

    def run(self, seconds: float) -> Sample:
        """Take turns between the caches; give the ratio of the medians."""
        gc.collect()
        before = origin_requests(self.place)
        pairs = []
        end = perf_counter() + 10 * seconds
        while perf_counter() < end:
            pairs.append([self.measure(cache) for cache in self.caches])
        if self.options["what"] == "hit" and origin_requests(self.place) != before:
            raise CheckError("hits reached the origin")
        large, small = (median(times) for times in zip(*pairs, strict=True))
        return Sample(large / small)

    def close(self) -> None:
        """Close the sessions."""
        for cache in self.caches:
            cache.session.close()


def _transaction(storage: Any) -> AbstractContextManager[object]:
    """Write many values at once, where a storage can."""
    bulk = getattr(storage, "bulk_commit", None)
    transaction: AbstractContextManager[object] = bulk() if bulk else nullcontext()
    return transaction


def _row(store: str, what: str) -> Row:
    return Row(
        f"growth-{store}-{what}",
        f"{what}, {store}: a million over a thousand",
        Unit.TIMES,
        Growth,
        {"store": store, "what": what},
        Goal(1.5, 1.2, to="number"),
        ("ours",),
    )


ROWS = tuple(_row(store, what) for store in ("sqlite", "filesystem") for what in ("hit", "miss"))
