"""A plugin of pytest: each test runs with three of its parameters, the first, a middle, the last.

What another version of Python changes, it changes for most parameters or for none.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

__all__ = ["pytest_collection_modifyitems"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take away the others, and say how many."""
    groups: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[item.nodeid.partition("[")[0]].append(item)
    kept = {group[i] for group in groups.values() for i in (0, len(group) // 2, -1)}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
