"""What nobody closes is closed when it is forgotten, also in a circle, without a warning."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from requests_cache.backends.sqlite import SQLiteCache


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_cache_in_a_circle_is_closed_by_the_collector(tmp_path: Path) -> None:
    """Python 3.13 warns of a connection that is collected open."""
    for number in range(20):
        cache = SQLiteCache(tmp_path / str(number))
        len(cache.responses)
        connection = cache.responses._db.connect()
        # The connection is in the circle, too, so the collector finds all of it at once.
        circle = [cache, connection]
        circle.append(circle)
        del cache, connection, circle
    gc.collect()
