"""A plugin of pytest: each test runs with one of its parameters, the first, a middle or the last.

What another version of Python changes, it changes for most parameters or for none. Which one is
always the same for a test and another one for the next, so all stores and all rules take part.
"""

from __future__ import annotations

from collections import defaultdict
from zlib import crc32

import pytest

__all__ = ["pytest_collection_modifyitems"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take away the others, and say how many."""
    groups: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[item.nodeid.partition("[")[0]].append(item)
    kept = {group[_one_of(len(group), name)] for name, group in groups.items()}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def _one_of(count: int, name: str) -> int:
    return (0, count // 2, -1)[crc32(name.encode()) % 3]
