"""Random puts and gets on a bounded cache: `python filling.py KIND WHERE SEED OPERATIONS`.

Prints, as JSON: gets and hits, and how many hits an LRU of the same size has.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from requests_cache.backends.base import BaseCache, Entry

MAX_SIZE = 50_000_000
_BODY = os.urandom(1_000_000)
_KEYS = 3000


def open_cache(kind: str, where: str, **bounds: Any) -> BaseCache:
    """Open a cache of a kind."""
    if kind == "sqlite":
        from requests_cache.backends.sqlite import DbCache

        return DbCache(f"{where}/cache", timeout=30, **bounds)
    from requests_cache.backends.filesystem import FileCache

    return FileCache(f"{where}/cache", timeout=30, **bounds)


def make_entry(rng: random.Random) -> Entry:
    """Make a value of 1 KB to 1 MB, small ones as often as ten times larger ones."""
    return Entry(bytes(300), _BODY[: int(10 ** rng.uniform(3, 6))], 2e9, 3e9)


class SimulatedLru:
    """What a perfect LRU would hold."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0

    def get(self, key: str) -> bool:
        """Say whether `key` is there."""
        if key in self._sizes:
            self._sizes.move_to_end(key)
            return True
        return False

    def put(self, key: str, size: int) -> None:
        """Store `key`."""
        self._total += size - self._sizes.pop(key, 0)
        self._sizes[key] = size
        while self._total > self._most:
            self._total -= self._sizes.popitem(last=False)[1]


def fill(
    cache: BaseCache, seed: str, operations: int, after: Callable[[int], object]
) -> dict[str, int]:
    """Get keys, some more often than others, and put what is not there; now and then put anyway."""
    rng, lru = random.Random(seed), SimulatedLru(MAX_SIZE)
    counts = dict.fromkeys(("gets", "hits", "lru_hits", "puts"), 0)
    for number in range(operations):
        key = f"{int(min(rng.paretovariate(0.25), 1e12)) % _KEYS:064}"
        found = expected = False
        if rng.random() < 0.95:
            counts["gets"] += 1
            found, expected = cache.responses.read(key) is not None, lru.get(key)
            counts["hits"] += found
            counts["lru_hits"] += expected
        entry = make_entry(random.Random(f"{seed}/{key}"))
        if not found:
            counts["puts"] += 1
            cache.responses.write(key, entry)
        if not expected:
            lru.put(key, len(key) + len(entry.head) + len(entry.body))
        after(number)
    return counts


def main(kind: str, where: str, seed: str, operations: str) -> None:
    """Fill a cache, and print what was counted."""
    cache = open_cache(kind, where, max_size=MAX_SIZE)
    counts = fill(cache, seed, int(operations), lambda number: None)
    cache.close()
    print(json.dumps({**counts, "evicted": cache.stats.evicted}))


if __name__ == "__main__":
    main(*sys.argv[1:])
