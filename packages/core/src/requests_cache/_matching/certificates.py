"""A client certificate as a word: its content counts, and not where it lies."""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from typing import Final

from .owner import Word, word_of

__all__ = ["certificate_word"]

_REMEMBERED: Final = 64


def certificate_word(cert: object) -> Word:
    """Give the word of a client certificate, as requests takes it: a path, or two.

    A file that cannot be read is known by its path; requests itself says what is wrong with it.
    """
    paths = cert if isinstance(cert, tuple | list) else (cert,)
    return word_of("certificate", repr([_content(path) for path in paths]))


def _content(path: object) -> str:
    try:
        name = os.fspath(path)  # type: ignore[call-overload]  # anything else raises TypeError
        status = os.stat(name)  # noqa: PTH116  # the name may be bytes
        return _digest(name, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, TypeError, ValueError):
        return f"path {path}"


@lru_cache(_REMEMBERED)
def _digest(name: str | bytes, modified: int, size: int, inode: int) -> str:
    """Give a digest of a file, which is read again when it has changed."""
    with open(name, "rb") as file:  # noqa: PTH123  # the name may be bytes
        return sha256(file.read()).hexdigest()
