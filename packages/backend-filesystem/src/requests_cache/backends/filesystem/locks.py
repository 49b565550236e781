"""A lock that lets writers replace files together, and one deleter look and delete in peace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows: there a deleter may take a value that was replaced just now
    fcntl = None  # type: ignore[assignment]  # there is no other name for "not there"

__all__ = ["locked"]


@contextmanager
def locked(folder: str, alone: bool = False) -> Iterator[None]:
    """Hold the lock of a folder for a block; where there are no locks, none is held.

    Args:
        folder: an existing folder; a killed process holds no lock on it.
        alone: wait until nobody else holds it.
    """
    if fcntl is None:
        yield
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(file)
