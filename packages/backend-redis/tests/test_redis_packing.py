"""Commands as bytes."""

from __future__ import annotations

import pytest
from redis import Connection
from requests_cache.backends.redis.packing import Command, pack

LARGE = bytes(6001)


@pytest.mark.parametrize(
    "commands",
    [
        [("EXEC",)],
        [("HMGET", b"key:\xff", b"h", b"b")],
        [("MULTI",), ("HSET", b"key", b"h", b"", b"b", bytes(6000)), ("PEXPIREAT", b"key", 12)],
        [("HSET", b"key", b"h", LARGE, b"b", LARGE), ("EVAL", "return 0", 1, "é")],
    ],
)
def test_commands_are_the_bytes_that_redis_py_sends(commands: list[Command]) -> None:
    expected = Connection().pack_commands(commands)  # type: ignore[no-untyped-call]  # it says no types
    assert b"".join(pack(commands)) == b"".join(expected)


def test_a_large_argument_is_sent_without_a_copy() -> None:
    assert [piece is LARGE for piece in pack([("SET", "key", LARGE)])] == [False, True, False]
    assert len(pack([("SET", "key", bytes(6000)), ("GET", "key")])) == 1
