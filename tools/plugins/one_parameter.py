"""A plugin of pytest: each test runs with one of its parameters, by chance the same in each run.

What another version of Python changes, it changes for most parameters or for none; tests of one
thing choose different ones, so all stores and all rules take part.
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
    kept = {group[crc32(name.encode()) % len(group)] for name, group in groups.items()}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
