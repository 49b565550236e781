"""Where older versions kept responses: a table of a SQLite file, or a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError

__all__ = ["holds_cache", "read_source"]

_SUFFIXES: Final = frozenset({"", ".json", ".pickle", ".pkl", ".yaml", ".yml"})


def read_source(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give the name and the bytes of every response.

    Raises:
        ConfigurationError: there is no such cache.
    """
    if path.is_dir():
        return _read_folder(path)
    if path.is_file():
        return _read_sqlite(path)
    raise ConfigurationError(f"migrate: {str(path)!r} is neither a SQLite file nor a folder")


def holds_cache(path: Path) -> bool:
    """Say whether an older version stored responses in a SQLite file or a folder."""
    import sqlite3

    if path.is_dir():
        return any(file.is_file() and file.suffix in _SUFFIXES for file in path.iterdir())
    if not path.is_file():
        return False
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM pragma_table_info('responses')").fetchall()
    return ("value",) in names


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _SUFFIXES:
            yield path.name, path.read_bytes()


def _read_sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    import sqlite3

    uri = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        try:
            rows = connection.execute("SELECT key, value FROM responses")
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"migrate: {str(path)!r} is no cache of requests-cache 0.7 to 1.3: {error}"
            ) from error
        for key, value in rows:
            yield str(key), value.encode() if isinstance(value, str) else bytes(value)
