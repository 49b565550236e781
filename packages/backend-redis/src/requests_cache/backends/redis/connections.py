"""Connections of a client's pool, kept at hand between commands."""

from __future__ import annotations

from typing import Any, Final

import redis

__all__ = ["Connections"]

# redis-py before 5.3 wants the name of a command here and does nothing with it; later versions
# warn about it.
_ARGUMENTS: Final = ("HMGET",) if tuple(map(int, redis.__version__.split(".")[:2])) < (5, 3) else ()


class Connections:
    """Give connections and take them back.

    Handing a connection back to its pool and asking for it again takes a sixth of a hit. So those
    of a client that nobody else uses stay here; one that has broken meanwhile is opened anew.

    Args:
        pool: the client's pool.
        keeps: whether connections may stay here; not if somebody else may wait for them.
    """

    def __init__(self, pool: Any, keeps: bool) -> None:
        self._pool = pool
        self._keeps = keeps
        self._idle: list[Any] = []

    def take(self) -> Any:
        """Give a connection that nobody else has."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._pool.get_connection(*_ARGUMENTS)

    def give_back(self, connection: Any) -> None:
        """Take a connection back, open or not."""
        if self._keeps:
            self._idle.append(connection)
        else:
            self._pool.release(connection)

    def release(self) -> None:
        """Hand all of them back to the pool."""
        while self._idle:
            self._pool.release(self._idle.pop())
