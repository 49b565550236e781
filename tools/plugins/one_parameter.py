"""A plugin of pytest: each test runs with one of its parameters, the first, a middle or the last.

Of made-up examples it runs a quarter.

Of a test that several classes inherit, as those of the contract, one class runs it. What another
version of Python changes, it changes for most parameters or for none. Which one is always the same
for a test and another one for the next, so all stores and all rules take part.
"""

from __future__ import annotations

from collections import defaultdict
from zlib import crc32

import pytest
from hypothesis import settings

__all__ = ["pytest_collection_modifyitems"]

_SAID = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take away the others, and say how many."""
    tests: defaultdict[tuple[object, ...], list[pytest.Item]] = defaultdict(list)
    groups: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        group = groups[_name(item)]
        group.append(item)
        if len(group) == 1:
            tests[item.path, getattr(item, "function", item)].append(item)
    kept = {_one_of(groups[_name(_class_of(test))]) for test in tests.values()}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
    for item in items:
        _take_a_quarter(getattr(item, "function", item))


def _take_a_quarter(test: object) -> None:
    # Where Hypothesis keeps what `@settings` says; that is for good, and may not be said twice.
    said = getattr(test, _SAID, None)
    if said is not None:
        setattr(test, _SAID, settings(said, max_examples=-(-said.max_examples // 4)))


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _class_of(test: list[pytest.Item]) -> pytest.Item:
    return test[crc32(test[0].name.encode()) % len(test)]


def _one_of(group: list[pytest.Item]) -> pytest.Item:
    return group[(0, len(group) // 2, -1)[crc32(_name(group[0]).encode()) % 3]]
