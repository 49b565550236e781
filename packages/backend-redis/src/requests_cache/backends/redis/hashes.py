"""One hash on a Redis server as a mapping: the layout of requests-cache 0.7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from requests_cache._store.entry import portions
from requests_cache.backends.base import Capabilities, Entry
from requests_cache.errors import RecordError
from requests_cache.serializers.base import join, split

from .server import Command
from .storage import (
    BODIES_AT_ONCE,
    KEYS_AT_ONCE,
    LARGEST,
    RedisStorage,
    add_times,
    from_bytes,
    split_times,
    to_bytes,
)

# In one step: somebody may have made the value fresh since it was looked at.
_DELETE_IF_SAME = (
    'local value = redis.call("HGET", KEYS[1], ARGV[1]) or ""'
    ' if string.sub(value, 1, #ARGV[2]) == ARGV[2] then return redis.call("HDEL", KEYS[1], ARGV[1])'
    " end return 0"
)


class RedisHashDict(RedisStorage):
    """A mapping that is a single hash on the server, `namespace:collection_name`.

    Counting and clearing cost one command; but nothing expires by itself, listing reads bodies, and
    a cluster keeps all of it on one node.

    Args:
        namespace: name of a cache; any text, `:` and pattern characters are escaped.
        collection_name: name of this mapping in it.
        connection: client of redis-py to use, which is never closed.
        kwargs: those of `RedisDict`, without `ttl`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the client or the URL cannot be used.
    """

    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        max_value_size=LARGEST,
        bulk=True,
        leases=True,
    )

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, with one HGET."""
        value = self.server.ask("HGET", self.name, to_bytes(key))
        return None if value is None else _unpack(value)

    def write(self, key: str, entry: Entry) -> None:
        self.server.ask("HSET", self.name, to_bytes(key), _pack(entry))

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries, some of them with one command."""
        for batch in portions(items, BODIES_AT_ONCE):
            pairs = ((to_bytes(key), _pack(entry)) for key, entry in batch)
            self.server.ask("HSET", self.name, *(part for pair in pairs for part in pair))

    def discard(self, key: str) -> bool:
        return bool(self.server.ask("HDEL", self.name, to_bytes(key)))

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, some of them with one command."""
        for batch in portions(dict.fromkeys(keys), BODIES_AT_ONCE):
            values: list[Any] = self.server.ask("HMGET", self.name, *map(to_bytes, batch))
            for key, value in zip(batch, values, strict=True):
                if value is not None:
                    yield key, _unpack(value)

    def bulk_delete(self, keys: Iterable[str]) -> None:
        for batch in portions(keys, KEYS_AT_ONCE):
            self.server.ask("HDEL", self.name, *map(to_bytes, batch))

    def _deleting(self, key: str, entry: Entry) -> Command:
        return "EVAL", _DELETE_IF_SAME, 1, self.name, to_bytes(key), _pack(entry._replace(body=b""))

    def clear(self) -> None:
        self.server.ask("UNLINK", self.name)

    def __iter__(self) -> Iterator[str]:
        return map(from_bytes, self.server.ask("HKEYS", self.name))

    def __len__(self) -> int:
        return int(self.server.ask("HLEN", self.name))

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without reading its value."""
        return bool(self.server.ask("HEXISTS", self.name, to_bytes(key)))


def _pack(entry: Entry) -> bytes:
    return join(add_times(entry), entry.body)


def _unpack(value: bytes) -> Entry:
    """Take a value apart; one that is not ours comes as the head."""
    try:
        return split_times(*split(value))
    except RecordError:
        return Entry(value)
