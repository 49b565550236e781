"""What requests-cache 0.7 to 1.3 stored on a Redis server, for `requests_cache.migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redis import Redis

from .server import mapped_errors

# https://redis.io/docs/latest/commands/type/
_TEXT = b"string"


def read_earlier(namespace: str, connection: Redis | None = None) -> Iterator[tuple[str, Any]]:
    """Give key and value of every response; what our own version stored is passed over.

    Args:
        namespace: name of the cache.
        connection: client to use; by default one to this machine.
    """
    client: Any = Redis() if connection is None else connection
    try:
        with mapped_errors(namespace):
            yield from _of_version_0(client, namespace)
            yield from _of_version_1(client, namespace)
    finally:
        if connection is None:
            client.close()


def _of_version_0(client: Any, namespace: str) -> Iterator[tuple[str, Any]]:
    """Read the hash in which versions before 1.0 had all responses."""
    name = f"{namespace}:responses"
    if _type_of(client, name) == b"hash":
        for key, value in client.hscan_iter(name):
            yield key.decode(), value


def _of_version_1(client: Any, namespace: str) -> Iterator[tuple[str, Any]]:
    """Read the values that version 1 has under keys of their own."""
    start = f"{namespace}:".encode()
    for name in client.scan_iter(match=_escaped(start) + b"*"):
        if _type_of(client, name) == _TEXT and (value := client.get(name)) is not None:
            yield name[len(start) :].decode(), value


def _type_of(client: Any, name: bytes | str) -> bytes:
    found = client.type(name)
    return found if isinstance(found, bytes) else str(found).encode()


def _escaped(text: bytes) -> bytes:
    return b"".join(
        b"\\" + bytes((sign,)) if sign in b"\\*?[]" else bytes((sign,)) for sign in text
    )
