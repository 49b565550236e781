"""The answers of a server, however they come through the network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis import exceptions
from requests_cache.backends.redis.connections import read_answers
from requests_cache.backends.redis.replies import Replies

LARGE = bytes(range(256)) * 400
# redis-py does not say what it takes.
CONNECTION: Any = redis.Connection


class Wire:
    """A socket that gives what was sent in portions of a size, then the end or a time-out."""

    def __init__(self, sent: bytes, portion: int = 1_000_000, hangs: bool = False) -> None:
        self.sent = sent
        self.portion = portion
        self.hangs = hangs
        self.received: list[int] = []

    def recv(self, size: int) -> bytes:
        if self.hangs and not self.sent:
            raise TimeoutError
        size = min(size, self.portion)
        data, self.sent = self.sent[:size], self.sent[size:]
        return data

    def recv_into(self, room: memoryview) -> int:
        data = self.recv(len(room))
        room[: len(data)] = data
        self.received.append(len(data))
        return len(data)


def replies(sent: bytes, portion: int = 1_000_000, **how: Any) -> Replies:
    wire: Any = Wire(sent, portion, **how)
    return Replies(wire)


@pytest.mark.parametrize("portion", [1, 2, 3, 7, 1000, 20_000, 1_000_000])
@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"$4\r\nbody\r\n", b"body"),
        (b"$4\r\n\r\n\r\n\r\n", b"\r\n\r\n"),
        (b"$0\r\n\r\n", b""),
        (b"$102400\r\n" + LARGE + b"\r\n", LARGE),
        (b"$-1\r\n", None),
        (b"_\r\n", None),
        (b":-12\r\n", -12),
        (b"+OK\r\n", b"OK"),
        (b"*-1\r\n", None),
        (b"*0\r\n", []),
        (b"*2\r\n$1\r\nh\r\n$-1\r\n", [b"h", None]),
        (b"*2\r\n*1\r\n:1\r\n+OK\r\n", [[1], b"OK"]),
        (b">2\r\n+message\r\n$2\r\n\r\n\r\n:1\r\n", 1),
    ],
)
def test_an_answer_is_the_same_in_portions_of_any_size(
    sent: bytes, meant: object, portion: int
) -> None:
    following = replies(sent + b":7\r\n", portion)
    assert following.next() == meant
    assert following.next() == 7
    assert following.is_at_end()


def test_a_large_value_is_read_into_its_place() -> None:
    wire: Any = Wire(b"$102400\r\n" + LARGE + b"\r\n")
    assert Replies(wire).next() == LARGE
    assert wire.received == [102_400 + len(b"$102400\r\n") - 16 * 1024]


def test_an_error_is_raised_but_an_item_of_an_array_if_it_is_in_one() -> None:
    following = replies(b"-OOM no memory\r\n*2\r\n:1\r\n-READONLY no\r\n-LOADING wait\r\n")
    with pytest.raises(exceptions.OutOfMemoryError, match="no memory"):
        following.next()
    number, error = following.next()
    assert number == 1
    assert isinstance(error, exceptions.ReadOnlyError)
    with pytest.raises(exceptions.ConnectionError, match="wait"):
        following.next()


@pytest.mark.parametrize("sent", [b"HTTP/1.1 400 Bad Request\r\n", b"$four\r\nbody\r\n", b"\r\n"])
def test_an_answer_that_is_none_is_an_error(sent: bytes) -> None:
    with pytest.raises(exceptions.InvalidResponse):
        replies(sent).next()


@pytest.mark.parametrize("sent", [b"", b"$4\r", b"$4\r\nbo", b"$4\r\nbody", b"*2\r\n:1\r\n"])
def test_an_answer_that_breaks_off_is_an_error_of_the_connection(sent: bytes) -> None:
    with pytest.raises(exceptions.ConnectionError, match="closed"):
        replies(sent).next()
    with pytest.raises(exceptions.TimeoutError):
        replies(sent, hangs=True).next()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Any]]:
    """A server's end of a connection, and redis-py's."""
    server, client = socket.socketpair()
    connection = CONNECTION()
    connection._sock = client
    with server, client:
        yield server, connection


def test_a_connection_is_read_without_its_parser(ends: tuple[socket.socket, Any]) -> None:
    """If not, redis-py calls its socket by another name, and large values are slow."""
    server, connection = ends
    server.sendall(b"+OK\r\n*1\r\n$4\r\nbody\r\n")
    assert read_answers(connection, 2) == [b"OK", [b"body"]]
    assert connection._sock is not None


def test_a_connection_that_says_more_than_was_asked_is_opened_anew(
    ends: tuple[socket.socket, Any],
) -> None:
    """Half of a message would be taken for the answer to the next command."""
    server, connection = ends
    server.sendall(b"+OK\r\n>2\r\n+mov")
    assert read_answers(connection, 1) == [b"OK"]
    assert connection._sock is None


def test_a_connection_of_another_kind_reads_by_itself() -> None:
    """That of a sentinel looks for a new master when the old one takes no writes any more."""

    class Managed(CONNECTION):  # type: ignore[misc]  # see above
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            return b"its own"

    assert read_answers(Managed(), 2) == [b"its own", b"its own"]
