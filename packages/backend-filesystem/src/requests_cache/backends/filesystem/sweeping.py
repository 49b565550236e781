"""Deleting expired files, but not what somebody has just put in their place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import TypeAlias

from requests_cache.backends.base import Entry
from requests_cache.backends.storage import is_expired, is_over

from .folder import Folder

__all__ = ["Read", "sweep_files", "take_expired"]

Read: TypeAlias = Callable[[str], Entry | None]
"""Gives at least the times of the file at a path."""

# So many files are opened to look at their times.
_LOOKS = 64


def sweep_files(
    folder: Folder, paths: Iterable[str], now: float, most: int, read: Read
) -> list[str]:
    """Delete those of a few files that need not be kept any longer; give their paths."""
    swept: list[str] = []
    for path in islice(paths, _LOOKS):
        if len(swept) >= most:
            break
        with suppress(OSError):  # it cannot be deleted, and that is for others to find out
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
