"""Telling a cache of requests-cache 0.7 to 1.3 from one of ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["is_older"]


def is_older(path: Path) -> bool:
    """Say whether a file or folder is a cache that requests-cache 0.7 to 1.3 wrote."""
    if path.is_dir():
        return not (path / "responses").is_dir()
    return path.is_file() and _has_their_table(path)


def _has_their_table(path: Path) -> bool:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            rows = database.execute("SELECT name FROM pragma_table_info('responses')").fetchall()
    except sqlite3.Error:
        return False
    return ("value",) in rows
