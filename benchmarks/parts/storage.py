"""The SQLite storage used directly, as a mapping, with the default serializer of each subject."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import count, cycle, islice
from time import perf_counter

from origin import body_of
from row import Goal, Row, Sample, Task, Unit

from parts.checks import CheckError

__all__ = ["ROWS", "Storage"]

_KEYS = 10_000


class Storage(Task):
    """Do one operation on a table of 10,000 responses of 2 KB. Option: operation."""

    def prepare(self) -> None:
        """Fill the table."""
        import requests

        with requests.Session() as session:
            response = session.get(self.place.url("json", 0))
        self.shelf = self.subject.shelf(self.place, response)
        keys = [f"{number * 7919:064x}" for number in range(_KEYS)]
        with self.shelf.bulk():
            for key in keys:
                self.shelf.items[key] = self.shelf.value
        self.keys = cycle(keys)
        self.new = count(_KEYS)
        self._check(keys[-1])
        self.operation = _OPERATIONS[self.options["operation"]]
        self.rate = 200 / self._time(200)

    def _check(self, key: str) -> None:
        value = self.shelf.items[key]
        content = getattr(value, "content", value)
        if content != body_of("json", 0) and content != self.shelf.value:
            raise CheckError("a value is not what was stored")

    def _time(self, count: int) -> float:
        return self.operation(self, count)

    def run(self, seconds: float) -> Sample:
        """Do the operation for about `seconds`."""
        count = max(10, int(self.rate * seconds))
        gc.collect()
        return Sample(count, 0.0, self._time(count))

    def get(self, count: int) -> float:
        items, keys = self.shelf.items, list(islice(self.keys, count))
        start = perf_counter()
        for key in keys:
            _ = items[key]
        return perf_counter() - start

    def contains(self, count: int) -> float:
        items, keys = self.shelf.items, list(islice(self.keys, count))
        start = perf_counter()
        found = sum(key in items for key in keys)
        taken = perf_counter() - start
        if found != count:
            raise CheckError(f"{found} of {count} keys are there")
        return taken

    def set(self, count: int) -> float:
        items, value = self.shelf.items, self.shelf.value
        keys = [f"{number * 7919:064x}" for number in islice(self.new, count)]
        start = perf_counter()
        for key in keys:
            items[key] = value
        taken = perf_counter() - start
        self._check(keys[-1])
        return taken

    def bulk(self, count: int) -> float:
        with self.shelf.bulk():
            return self.set(count)


_OPERATIONS: dict[str, Callable[[Storage, int], float]] = {
    "get": Storage.get,
    "contains": Storage.contains,
    "set": Storage.set,
    "bulk": Storage.bulk,
}

_SUBJECTS = ("ours", "upstream", "upstream_wal", "diskcache", "floor")


def _row(operation: str, title: str, must: float, aim: float) -> Row:
    options = {"operation": operation}
    goal = Goal(must, aim)
    key = f"storage-{operation}"
    return Row(key, title, Unit.MICROSECONDS, Storage, options, goal, _SUBJECTS)


ROWS = (
    _row("get", "storage: get", 6, 9),
    _row("contains", "storage: contains", 10, 14),
    _row("set", "storage: set, each committed", 7, 12),
    _row("bulk", "storage: set, in one transaction", 1.5, 3),
)
