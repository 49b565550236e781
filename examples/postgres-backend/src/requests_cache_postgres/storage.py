"""A mapping in a PostgreSQL database."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO, ClassVar

from requests_cache.backends.base import BaseStorage, BodyWriter, Capabilities, Entry

from . import sql
from .bodies import PieceWriter, open_pieces
from .connections import Connections
from .errors import mapped_errors

__all__ = ["PostgresDict"]

# So many values are read at once, for their bodies are in memory together.
_AT_ONCE = 100


class PostgresDict(BaseStorage):
    """A mapping in a database of PostgreSQL 14 or newer.

    Args:
        url: of the database, or a connection string of libpq.
        namespace: name of the mapping; those of several names share the tables.
        kwargs: options of `BaseStorage`.
    """

    contract: ClassVar[int] = 1
    capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        bulk=True,
        heads_apart=True,
        ordered=True,
        streaming=True,
        leases=True,
    )

    def __init__(self, url: str, namespace: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._namespace = namespace
        self._connections = Connections(url)

    # The four verbs

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`."""
        rows = self._connections.ask(sql.READ, *self._place(key))
        return _entry(rows[0]) if rows else None

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry in one statement, which happens or does not."""
        self._connections.do(sql.WRITE, *self._row(key, entry))

    def discard(self, key: str) -> bool:
        """Delete `key`; say whether it was there."""
        return self._connections.do(sql.DELETE, *self._place(key)) > 0

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in the order of writing, as they are now."""
        rows = self._connections.ask(sql.KEYS, self._namespace)
        return (_text(key) for (key,) in rows)

    # What makes it faster

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, a hundred with one statement."""
        for chunk in _chunks(keys):
            rows = self._connections.ask(sql.READ_MANY, self._namespace, _digests(chunk))
            yield from ((_text(row[0]), _entry(row[1:])) for row in rows)

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries in one transaction."""
        connection = self._connections.take()
        try:
            with mapped_errors(), connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(sql.WRITE, [self._row(key, entry) for key, entry in items])
        finally:
            self._connections.give_back(connection)

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys, a hundred with one statement."""
        for chunk in _chunks(keys):
            self._connections.do(sql.DELETE_MANY, self._namespace, _digests(chunk))

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries; without `bodies` these stay in the database."""
        if bodies:
            return self.read_many(list(self))
        rows = self._connections.ask(sql.SCAN, self._namespace)
        return ((_text(row[0]), _entry(row[1:])) for row in rows)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace head and times of a stored value; the body is not touched."""
        times = entry.expires, entry.keep_until
        self._connections.do(sql.REWRITE_HEAD, entry.head, *times, *self._place(key))

    def count_unexpired(self, now: float) -> int:
        """Count the values that have not expired at `now`."""
        return int(self._connections.ask(sql.COUNT_UNEXPIRED, self._namespace, now)[0][0])

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`; say how many."""
        return self._connections.do(sql.DELETE_EXPIRED, self._namespace, now)

    def discard_expired(self, key: str, now: float) -> bool:
        """Delete `key` if it has expired at `now`, in one step."""
        return self._connections.do(sql.DELETE_ONE_EXPIRED, *self._place(key), now) > 0

    def sweep(self, now: float, most: int) -> int:
        """Delete some values that need not be kept, and the leases that have ended."""
        self._connections.do(sql.SWEEP_LEASES)
        return self._connections.do(sql.SWEEP, self._namespace, now, most)

    def clear(self) -> None:
        """Delete everything in this namespace."""
        self._connections.do(sql.CLEAR, self._namespace)

    def close(self) -> None:
        """Close the connections; the next use opens others."""
        self._connections.close()

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored."""
        return isinstance(key, str) and bool(self._connections.ask(sql.CONTAINS, *self._place(key)))

    def __len__(self) -> int:
        """Count the keys."""
        return int(self._connections.ask(sql.COUNT, self._namespace)[0][0])

    # Bodies in pieces

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces."""
        return PieceWriter(self._connections, self._row)

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry without its body, and the body as a file."""
        return open_pieces(self._connections, self._place(key))

    # One fetch among processes

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key` for so long; None if somebody else has it."""
        token = secrets.token_hex(8)
        rows = self._connections.ask(sql.LEASE, *self._place(key), token, seconds)
        return token if rows else None

    def release(self, key: str, token: str) -> None:
        """Give back a lease."""
        self._connections.do(sql.RELEASE, *self._place(key), token)

    def _place(self, key: str) -> tuple[str, bytes]:
        return self._namespace, _digest(key)

    def _row(self, key: str, entry: Entry, body: int | None = None, size: int = 0) -> Sequence[Any]:
        whole = entry.body if body is None else None
        size = len(entry.body) if body is None else size
        bodies = whole, body, size
        return *self._place(key), _bytes(key), entry.head, *bodies, entry.expires, entry.keep_until


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(bytes(row[0]), bytes(row[1]), row[2], row[3])


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _text(key: bytes) -> str:
    return bytes(key).decode("utf-8", "surrogatepass")


def _digest(key: str) -> bytes:
    return sha256(_bytes(key)).digest()


def _digests(keys: Iterable[str]) -> list[bytes]:
    return [_digest(key) for key in keys]


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while chunk := list(islice(left, _AT_ONCE)):
        yield chunk
