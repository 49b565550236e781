"""A lock that lets writers replace files together, and one deleter look and delete in peace."""

from __future__ import annotations

import os

try:
    import fcntl
except ImportError:  # Windows: there a deleter may take a value that was replaced just now
    fcntl = None  # type: ignore[assignment]  # there is no other name for "not there"

__all__ = ["Locked"]


class Locked:
    """Holds the lock of a folder for a block; where there are no locks, none is held.

    Args:
        folder: an existing folder; a killed process holds no lock on it.
        alone: wait until nobody else holds it.
    """

    __slots__ = ("_alone", "_file", "_folder")

    def __init__(self, folder: str, alone: bool = False) -> None:
        self._folder = folder
        self._alone = alone
        self._file = -1

    def __enter__(self) -> None:
        """Take the lock."""
        if fcntl is None:
            return
        self._file = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX if self._alone else fcntl.LOCK_SH)
        except OSError:  # some network file systems
            pass
        except BaseException:
            os.close(self._file)
            raise

    def __exit__(self, *failure: object) -> None:
        """Give it back."""
        if self._file >= 0:
            os.close(self._file)
