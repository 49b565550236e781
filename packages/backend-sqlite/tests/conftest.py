"""What all tests of SQLite need."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from requests_cache.backends.sqlite import database

# How long an example takes says more of the machine than of what is tested; the same at each run.
hypothesis.settings.register_profile("requests-cache", deadline=None, derandomize=True)
hypothesis.settings.load_profile("requests-cache")


@pytest.fixture(autouse=True)
def _close_all() -> Iterator[None]:
    """Close what a test has opened: Python warns of connections that are left to the collector."""
    yield
    for opened in list(database._databases):
        opened.close()
