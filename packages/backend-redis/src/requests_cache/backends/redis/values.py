"""Keys on the server, times as bytes, and when the server may delete."""

from __future__ import annotations

from math import ceil, inf
from struct import Struct
from typing import Final
from urllib.parse import quote

from requests_cache.backends.base import Entry
from requests_cache.errors import ValueTooLargeError

__all__ = [
    "LARGEST",
    "add_times",
    "deadline",
    "from_bytes",
    "key_of_hash",
    "pack_times",
    "split_times",
    "to_bytes",
    "to_entry",
]

LARGEST: Final = 512 * 1024 * 1024 - 64
"""Redis takes strings of 512 MB (https://redis.io/docs/latest/develop/data-types/strings/); some
bytes of that are ours."""

_TIMES: Final = Struct("<dd")
# Some ten thousand years from now; the server's own limit is 2**63 ms.
_LATEST: Final = 4e11


def add_times(entry: Entry) -> bytes:
    """Give the head with the times before it.

    Raises:
        ValueTooLargeError: Redis takes no value of this size.
    """
    if entry.size > LARGEST:
        raise ValueTooLargeError(f"the value has {entry.size:,} bytes, Redis takes {LARGEST:,}")
    return pack_times(entry) + entry.head


def pack_times(entry: Entry) -> bytes:
    """Give the times as they stand before the head."""
    expires = inf if entry.expires is None else entry.expires
    keep_until = inf if entry.keep_until is None else entry.keep_until
    return _TIMES.pack(expires, keep_until)


def to_entry(head: bytes | None, body: bytes | None) -> Entry | None:
    """Give an entry of what was asked for; None if a part of it is not there."""
    return None if head is None or body is None else split_times(head, body)


def split_times(head: bytes, body: bytes) -> Entry:
    """Give an entry back; bytes that are not ours come as the head."""
    if len(head) < _TIMES.size:
        return Entry(head, body)
    expires, keep_until = _TIMES.unpack_from(head)
    return Entry(
        head[_TIMES.size :],
        body,
        None if expires == inf else expires,
        None if keep_until == inf else keep_until,
    )


def deadline(entry: Entry) -> int | None:
    """Give when the server may delete an entry, in milliseconds since the epoch."""
    if entry.keep_until is None or entry.keep_until > _LATEST:
        return None
    return ceil(entry.keep_until * 1000)


def key_of_hash(namespace: str, collection: str) -> bytes:
    """Give `namespace:collection`.

    Both are percent-encoded, so that a colon in a name is no separator, and `*?[]{}` and the
    backslash are neither patterns nor hash tags of a cluster.
    """
    names = (quote(str(name), safe="", errors="surrogatepass") for name in (namespace, collection))
    return ":".join(names).encode()


def to_bytes(key: object) -> bytes:
    """Give a key as bytes; lone surrogates survive."""
    return str(key).encode("utf-8", "surrogatepass")


def from_bytes(data: bytes) -> str:
    """Give back what `to_bytes` took."""
    return data.decode("utf-8", "surrogatepass")
