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
_STORE_OF_TEST = pytest.StashKey[dict[str, str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember which tests are of the contract, and of which store."""
    session.config.stash[_STORE_OF_TEST] = {
        item.nodeid: item.cls.__name__.removeprefix("Test")
        for item in session.items
        if isinstance(item, pytest.Function)
        and item.cls is not None
        and issubclass(item.cls, StoreTests | CacheTests)
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each store: how many tests passed, failed, or were skipped."""
    store_of = terminalreporter.config.stash.get(_STORE_OF_TEST, {})
    counts: dict[str, Counter[str]] = {store: Counter() for store in store_of.values()}
    for outcome in _OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            if report.nodeid in store_of:
                counts[store_of[report.nodeid]][outcome] += 1
    for store, of_store in counts.items():
        words = [f"{of_store[name]} {name}" for name in _OUTCOMES if of_store[name]]
        terminalreporter.write_line(f"contract: {store} {', '.join(words) or 'not run'}")
