"""A pytest plugin that says how many tests of the contract each store passed, and marks slow ones.

Enable it in the topmost conftest.py with `pytest_plugins = ["requests_cache.testing.plugin"]`, or
for one run with `pytest -p requests_cache.testing.plugin`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from . import _show_values_of_assertions

_show_values_of_assertions()

from .contract import ContractTests  # noqa: E402  # asserts are rewritten from here on

_OUTCOMES = ("passed", "failed", "error", "skipped")
_STORE = "contract"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known that `-m "not slow"` leaves out."""
    config.addinivalue_line("markers", "slow: a test of a contract that takes some seconds")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note on a test of the contract which store it tests, for reports of any process; mark it."""
    if not isinstance(item, pytest.Function) or item.cls is None:
        return
    if issubclass(item.cls, ContractTests):
        item.user_properties.append((_STORE, item.cls.__name__.removeprefix("Test")))
        if "slow" in vars(item.function):
            item.add_marker("slow")


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
