"""What all tests of SQLite need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests_cache.backends.sqlite import database


@pytest.fixture(autouse=True)
def _close_all() -> Iterator[None]:
    """Close what a test has opened: Python warns of connections that are left to the collector."""
    yield
    for opened in list(database._databases):
        opened.close()
