"""The folder for downloads and build contexts, kept between runs and outside the repository."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder: `REQUESTS_CACHE_TEST_CACHE`, or one under the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    chosen = os.environ.get("REQUESTS_CACHE_TEST_CACHE")
    folder = Path(chosen) if chosen else default / "requests-cache-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Keep two test processes, or two threads, from making the same thing at once."""
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
