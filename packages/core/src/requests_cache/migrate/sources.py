"""Where older versions kept responses: a SQLite file, a folder of files, or a server.

What is on a server is read by the module `migrating` of its backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

from ..backends.registry import import_backend
from ..errors import ConfigurationError

__all__ = ["Stored", "holds_cache", "read_source"]

Stored: TypeAlias = bytes | str | Mapping[str, Any]
"""A response as it was stored: serialized, or as the fields of a document."""

_SUFFIXES: Final = frozenset({"", ".bson", ".json", ".pickle", ".pkl", ".yaml", ".yml"})
_OF_PATHS: Final = (None, "filesystem", "sqlite")
_OF_SERVERS: Final = ("redis", "mongo", "mongodb", "gridfs", "dynamodb")


def read_source(
    source: str | Path, backend: str | None = None, connection: Any = None
) -> Iterator[tuple[str, Stored]]:
    """Give the key and the value of every response.

    Args:
        source: a path; with a `backend` that has a server, the name of the cache.
        backend: where the cache is.
        connection: client of that server.

    Raises:
        ConfigurationError: there is no such cache.
        NotInstalledError: the backend is not installed.
    """
    if backend in _OF_SERVERS:
        module = import_backend("mongo" if backend == "mongodb" else backend).__name__
        found: Iterator[tuple[str, Stored]] = import_module(f"{module}.migrating").read_earlier(
            str(source), connection
        )
        return found
    if backend not in _OF_PATHS:
        names = ", ".join(("sqlite", "filesystem", *_OF_SERVERS))
        raise ConfigurationError(f"migrate: backend={backend!r}: choose one of {names}")
    path = Path(source)
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
    # Where the target fails, the collector may close this in any thread.
    with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as connection:
        try:
            rows = connection.execute("SELECT key, value FROM responses")
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"migrate: {str(path)!r} is no cache of requests-cache 0.7 to 1.3: {error}"
            ) from error
        for key, value in rows:
            yield str(key), value.encode() if isinstance(value, str) else bytes(value)
