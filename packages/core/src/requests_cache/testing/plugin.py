"""A pytest plugin that says how many tests of the contract each store passed.

Enable it in the topmost conftest.py with `pytest_plugins = ["requests_cache.testing.plugin"]`, or
for one run with `pytest -p requests_cache.testing.plugin`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from . import _show_values_of_assertions

_show_values_of_assertions()

from .caches.base import CacheTests  # noqa: E402  # its asserts are rewritten from here on
from .stores.base import StoreTests  # noqa: E402  # its asserts are rewritten from here on

_OUTCOMES = ("passed", "failed", "error", "skipped")
_STORE = "contract"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note on a test of the contract which store it tests; reports carry that between processes."""
    if not isinstance(item, pytest.Function) or item.cls is None:
        return
    if issubclass(item.cls, StoreTests | CacheTests):
        item.user_properties.append((_STORE, item.cls.__name__.removeprefix("Test")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each store: how many tests passed, failed, or were skipped."""
    counts: dict[str, Counter[str]] = {}
    for outcome in _OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            for name, store in getattr(report, "user_properties", ()):
                if name == _STORE:
                    counts.setdefault(store, Counter())[outcome] += 1
    for store, of_store in sorted(counts.items()):
        words = [f"{of_store[outcome]} {outcome}" for outcome in _OUTCOMES if of_store[outcome]]
        terminalreporter.write_line(f"contract: {store} {', '.join(words)}")
