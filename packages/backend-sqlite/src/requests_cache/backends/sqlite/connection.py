"""A connection that is closed when nobody works with it any more, and never across a fork.

To close a connection while another thread is in it takes the process down, whatever
`check_same_thread` says. Whoever refers to it may be in it; so it is closed when nobody else refers
to it, and left for later otherwise.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["Held", "close_left", "open_connection", "setting"]

_left: Final[list[sqlite3.Connection]] = []
# https://www.sqlite.org/howtocorrupt.html, section 2.6: a child never closes its parent's.
_parents: Final[list[object]] = []


def open_connection(path: Path | str, options: Mapping[str, Any]) -> sqlite3.Connection:
    """Open a connection that leaves transactions to the caller.

    Args:
        path: the file, or a `file:` URI with `uri=True`.
        options: arguments of `sqlite3.connect`.
    """
    # One thread uses it, and another one may close it.
    arguments = {"isolation_level": None, "check_same_thread": False, **options}
    factory = options.get("factory", sqlite3.Connection)
    # What is no class gives connections of its own making.
    arguments["factory"] = _closing(factory) if isinstance(factory, type) else factory
    connection: sqlite3.Connection = sqlite3.connect(path, **arguments)
    return connection


@contextmanager
def setting(connection: sqlite3.Connection, pragma: str, value: int) -> Iterator[None]:
    """Have another value of a PRAGMA during a block."""
    (before,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    connection.execute(f"PRAGMA {pragma}={value}").fetchone()
    try:
        yield
    finally:
        connection.execute(f"PRAGMA {pragma}={before}").fetchone()


class _Kept:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def count(self) -> int:
        """Count the references to the connection."""
        return sys.getrefcount(self.connection)


class Held(_Kept):
    """Closes a connection when it is forgotten, in the process that opened it.

    If a thread is in the connection by then, `close_left` closes it once that thread has left.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._process = os.getpid()

    # The name is bound here, for at the end of the interpreter the module may be empty.
    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if self._process != getpid():
            _parents.append(self.connection)
        elif self.count() > _count_alone():
            _left.append(self.connection)
        else:
            self.connection.close()


def close_left() -> None:
    """Close what was given up while a thread was in it, if that is no longer so."""
    with suppress(IndexError):
        for _ in range(len(_left)):
            # If a thread is still in it, it is put back.
            Held(_left.pop(0))


@cache
def _count_alone() -> int:
    """Count the references to a connection that nobody works with: it has some to itself."""
    kept = _Kept(open_connection(":memory:", {}))
    try:
        return kept.count()
    finally:
        kept.connection.close()


class _ClosesItself:
    """Closes a connection that the collector finds: Python 3.13 warns of one that is open."""

    _process: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._process = os.getpid()

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if self._process == getpid():
            self.close()  # type: ignore[attr-defined]  # of the connection beside it
        elif self._process is not None:
            _parents.append(self)


@cache
def _closing(factory: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
    return type(factory.__name__, (_ClosesItself, factory), {})
