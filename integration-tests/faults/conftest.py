"""The table of figures, printed after the last test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests_cache.testing.origin import Origin

from faults.figures import print_table


@pytest.fixture(scope="session", autouse=True)
def table() -> Iterator[None]:
    """Print the table at the end."""
    yield
    print_table()


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Give a server that answers requests, whatever happens to the store."""
    with Origin() as server:
        yield server
