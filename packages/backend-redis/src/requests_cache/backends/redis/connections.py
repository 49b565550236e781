"""Connections of a client's pool: kept at hand between commands, and read from."""

from __future__ import annotations

import os
from typing import Any, Final

import redis

from .replies import Replies

__all__ = ["Connections", "read_answers"]

# redis-py before 5.3 wants the name of a command here and does nothing with it; later versions
# warn about it.
_ARGUMENTS: Final = ("HMGET",) if tuple(map(int, redis.__version__.split(".")[:2])) < (5, 3) else ()

# Other kinds have ways of their own to read: those of a sentinel look for a new master.
_PLAIN: Final = (redis.Connection, redis.SSLConnection, redis.UnixDomainSocketConnection)


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
        self._process = os.getpid()
        self._idle: list[Any] = []

    def take(self) -> Any:
        """Give a connection that nobody else has."""
        if self._process != os.getpid():
            # After a fork they are the parent's; redis-py leaves these open when they are dropped.
            self._process, self._idle = os.getpid(), []
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


def read_answers(connection: Any, count: int) -> list[Any]:
    """Read the answers to so many commands.

    Raises:
        RedisError: a command failed, or the connection did.
    """
    # redis-py has no public name for the socket; without one it reads by itself, more slowly.
    socket = getattr(connection, "_sock", None) if type(connection) in _PLAIN else None
    if socket is None:
        return [connection.read_response() for _ in range(count)]
    replies = Replies(socket)
    answers = [replies.next() for _ in range(count)]
    if not replies.is_at_end():
        connection.disconnect()  # what has come of the next message is lost to others
    return answers
