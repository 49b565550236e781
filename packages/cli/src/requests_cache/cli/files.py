"""Files that the command writes: each is there as a whole, or what was there before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

__all__ = ["written"]


@contextmanager
def written(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a file to be written; it takes its place when all of it is there.

    Args:
        path: the file; `-` is the output of the command, and a device is written as it is.
        mode: "w" for text in UTF-8, "wb" for bytes.
    """
    encoding = None if "b" in mode else "utf-8"
    if str(path) == "-":
        with click.open_file("-", mode, encoding=encoding) as output:
            yield output
        return
    # What a link leads to is replaced, and not the link.
    place = path.resolve()
    if place.exists() and not place.is_file():
        with place.open(mode, encoding=encoding) as file:
            yield file
        return
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        with part.open(mode, encoding=encoding) as file:
            yield file
        part.replace(place)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in {None, str(part)}:
            # Nobody has named the file beside it; and a disk that is full names none.
            error.filename = str(path)
        raise
