"""What a server answers, read from the socket with one copy at most.

redis-py's own parser copies a large value four times on its way, the C code of hiredis twice.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from socket import socket
from typing import Any, Final

from redis import exceptions
from redis.connection import DefaultParser

__all__ = ["Replies"]

# Holds the answer to most commands.
_AT_ONCE: Final = 16 * 1024
_to_error: Final[Callable[[str], Exception]] = DefaultParser.parse_error
_STRING, _ARRAY, _INTEGER, _WORD, _ERROR, _NULL, _PUSH = b"$*:+-_>"


class Replies:
    """The answers to commands that were sent over a socket, one after another.

    They come in either version of the protocol, with those of its types that the commands of this
    backend are answered with (https://redis.io/docs/latest/develop/reference/protocol-spec/).

    Args:
        source: a connected socket, plain or with TLS. Its timeout is that of each read.
    """

    def __init__(self, source: socket) -> None:
        self._source = source
        self._come = BytesIO()

    def next(self) -> Any:
        """Give the next answer. Errors inside of an array are items of it.

        Raises:
            ResponseError: the answer is an error; a ConnectionError if the server wants that.
            TimeoutError: (of redis-py) the server did not answer in time.
            ConnectionError: (of redis-py) the connection is broken.
            InvalidResponse: it is no answer of a server of this protocol.
        """
        try:
            reply = self._read()
        except ValueError as error:
            raise exceptions.InvalidResponse(f"Protocol Error: {error}") from error
        except TimeoutError as error:
            raise exceptions.TimeoutError("Timeout reading from socket") from error
        except OSError as error:
            raise exceptions.ConnectionError(f"Error while reading from socket: {error}") from error
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _read(self) -> Any:
        line = self._line()
        kind = line[0]
        if kind == _STRING:
            return self._string(int(line[1:]))
        if kind == _ARRAY:
            return self._array(int(line[1:]))
        if kind == _INTEGER:
            return int(line[1:])
        if kind == _WORD:
            return line[1:-2]
        if kind == _ERROR:
            return _to_error(line[1:-2].decode("utf-8", "replace"))
        if kind == _NULL:
            return None
        if kind == _PUSH:
            # Something that nobody asked for, such as news of the server's maintenance.
            self._array(int(line[1:]))
            return self._read()
        raise ValueError(f"{line[:100]!r} begins no answer")

    def _line(self) -> bytes:
        line = self._come.readline()
        while not line.endswith(b"\r\n"):
            data = self._source.recv(_AT_ONCE)
            if not data:
                raise exceptions.ConnectionError("Connection closed by server.")
            self._come = BytesIO(data)
            line += self._come.readline()
        return line

    def _string(self, size: int) -> bytes | None:
        if size < 0:
            return None
        data = self._come.read(size)
        if len(data) < size:
            data = self._large(data, size)
        self._line()
        return data

    def _large(self, first: bytes, size: int) -> bytes:
        # The file takes the bytes over as they are, and gives them back filled.
        whole = BytesIO(bytes(size))
        with whole.getbuffer() as room:
            filled = len(first)
            room[:filled] = first
            while filled < size:
                count = self._source.recv_into(room[filled:])
                if not count:
                    raise exceptions.ConnectionError("Connection closed by server.")
                filled += count
        return whole.getvalue()

    def _array(self, size: int) -> list[Any] | None:
        return None if size < 0 else [self._read() for _ in range(size)]

    def is_at_end(self) -> bool:
        """Say whether all that has come was read, so that others may read from the socket."""
        return not self._come.read(1)
