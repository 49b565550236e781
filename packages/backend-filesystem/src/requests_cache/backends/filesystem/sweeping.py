"""Deleting a few expired files at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from .files import Folder, read_entry

__all__ = ["sweep_files"]

# So many files are opened to look at their times.
_LOOKS = 64


def sweep_files(folder: Folder, paths: Iterable[str], now: float, most: int) -> list[str]:
    """Delete those of a few files that need not be kept any longer; give their paths."""
    swept: list[str] = []
    for path in islice(paths, _LOOKS):
        if len(swept) >= most:
            break
        with suppress(OSError):  # somebody else deleted it
            if _is_over(path, now) and _take(folder.new_path(), path, now):
                swept.append(path)
    return swept


def _is_over(path: str, now: float) -> bool:
    entry = read_entry(path, bodies=False)
    return entry is not None and entry.keep_until is not None and entry.keep_until <= now


def _take(aside: str, path: str, now: float) -> bool:
    """Delete a file, unless somebody put a new one in its place since we looked."""
    os.rename(path, aside)
    is_over = _is_over(aside, now)
    if not is_over:
        with suppress(FileExistsError):
            os.link(aside, path)
    os.unlink(aside)
    return is_over
