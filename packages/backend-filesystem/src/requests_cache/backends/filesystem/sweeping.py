"""Deleting expired files, but not what somebody has just put in their place."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from requests_cache._store.entry import is_expired, is_over
from requests_cache.backends.base import Entry

from .folder import Folder

__all__ = ["Read", "sweep_files", "take_expired"]

Read: TypeAlias = Callable[[str], Entry | None]
"""Gives at least the times of the file at a path."""

# So many files are opened to look at their times.
_LOOKS = 64


def sweep_files(folder: Folder, paths: list[str], now: float, most: int, read: Read) -> list[str]:
    """Take a few paths off a list, and delete those files that need not be kept any longer.

    Give the paths of what was deleted. Another thread may take paths off the list, too.
    """
    swept: list[str] = []
    for _ in range(_LOOKS):
        if not paths or len(swept) >= most:
            break
        with suppress(IndexError, OSError):  # what cannot be deleted is for others to find out
            path = paths.pop()
            if _take(folder, path, read, lambda entry: is_over(entry, now)):
                swept.append(path)
    return swept


def take_expired(folder: Folder, path: str, now: float, read: Read) -> bool:
    """Delete a file that has expired; say whether it was there, and has."""
    return _take(folder, path, read, lambda entry: is_expired(entry, now))


def _take(folder: Folder, path: str, read: Read, goes: Callable[[Entry], bool]) -> bool:
    """Delete a file if it still goes when nobody can replace it; the first look needs no lock."""

    def is_to_go() -> bool:
        entry = read(path)
        return entry is not None and goes(entry)

    if not is_to_go():
        return False
    with folder.lock(alone=True):
        if not is_to_go():
            return False
        with suppress(FileNotFoundError):
            os.unlink(path)
            return True
    return False
