"""Values on a Redis server as a mapping, one key for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from os import urandom
from pathlib import Path
from struct import Struct
from typing import Any, ClassVar, Final
from urllib.parse import quote

from requests_cache._store.entry import DAMAGED, is_expired, portions, times_of, with_times
from requests_cache.backends.base import BaseStorage, Capabilities, Entry
from requests_cache.errors import RecordError, ValueTooLargeError
from requests_cache.option_types import FLAG, NAME, TEXT_OR_NONE, Kind
from requests_cache.options import reject_unknown, take

from .server import CLIENT_OPTIONS, Command, Server

LARGEST: Final = 512 * 1024 * 1024 - 64
"""Redis takes strings of 512 MB (https://redis.io/docs/latest/develop/data-types/strings/); some
bytes of that are ours."""

_TIMES: Final = Struct("<dd")
# Some ten thousand years from now; the server's own limit is 2**63 ms.
_LATEST: Final = 4e11


REDIS_KINDS: Mapping[str, Kind] = {
    "namespace": NAME,
    "collection_name": NAME,
    "ttl": FLAG,
    "cluster": FLAG,
    # It may hold a password.
    "url": TEXT_OR_NONE._replace(is_secret=True),
}
"""What the options of this library may be; `url` is handed to redis-py, as all others are."""

KEYS_AT_ONCE = 1000
# Bodies are read in smaller portions, for these are in memory together.
BODIES_AT_ONCE = 50
# In one step: somebody may have made the value fresh since it was looked at.
_DELETE_IF_SAME = (
    'local head = redis.call("HGET", KEYS[1], "h") or ""'
    ' if string.sub(head, 1, #ARGV[1]) == ARGV[1] then return redis.call("UNLINK", KEYS[1]) end'
    " return 0"
)
# https://redis.io/docs/latest/commands/set/#patterns
_RELEASE = (
    'if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0'
)


class RedisStorage(BaseStorage):
    """What the mappings on a Redis server share: a name, and a way to the server."""

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = REDIS_KINDS

    def __init__(
        self,
        namespace: str | Path,
        collection_name: str = "http_cache",
        connection: Any = None,
        **kwargs: Any,
    ) -> None:
        reject_unknown(type(self).__name__, kwargs, (*CLIENT_OPTIONS, *BaseStorage.OPTIONS))
        super().__init__(**take(kwargs, BaseStorage.OPTIONS))
        self.name: bytes = key_of_hash(str(namespace), str(collection_name))
        """What the keys of this mapping begin with, or the key of its hash."""
        self.server: Server = (
            connection
            if isinstance(connection, Server)
            else Server(type(self).__name__, connection, **kwargs)
        )

    @property
    def connection(self) -> Any:
        """Give the client."""
        return self.server.client

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, with one SET NX PX."""
        token = urandom(8).hex()
        name = self._lease_name(key)
        taken = self.server.ask("SET", name, token, b"NX", b"PX", max(1, int(seconds * 1000)))
        return token if taken else None

    def release(self, key: str, token: str) -> None:
        """Give back a lease, unless somebody else has it by now."""
        self.server.ask("EVAL", _RELEASE, 1, self._lease_name(key), token)

    def _lease_name(self, key: str) -> bytes:
        return self.name + b"\0lease:" + to_bytes(key)

    def delete_expired(self, now: float) -> int:
        expired = ((key, entry) for key, entry in self.scan() if is_expired(entry, now))
        return sum(
            sum(self.server.ask_all(self._deleting(key, entry) for key, entry in batch))
            for batch in portions(expired, KEYS_AT_ONCE)
        )

    def _deleting(self, key: str, entry: Entry) -> Command:
        """Give the command that deletes `key` if nobody has made it fresh; it answers how many."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections of a client that we made; the next use opens new ones."""
        self.server.close()


class RedisDict(RedisStorage):
    """A mapping on a Redis server, with one key for each value.

    A value is a hash under `namespace:collection_name:key`, with the fields `h` (times and head)
    and `b` (body), so that heads can be listed without bodies. The keys of a mapping are spread
    over the nodes of a cluster.

    Args:
        namespace: name of a cache; any text, `:` and pattern characters are escaped.
        collection_name: name of this mapping in it.
        connection: client of redis-py to use, which is never closed: `redis.Redis`, that of a
            cluster, or one from a sentinel.
        kwargs: of a client to be made: `url`, or options of `redis.Redis`; `ttl` (False: the server
            deletes nothing by itself), `serializer`, `secret_key`, `salt`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the client or the URL cannot be used.
    """

    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        native_expiry=0.001,
        max_value_size=LARGEST,
        bulk=True,
        heads_apart=True,
        leases=True,
    )

    def __init__(
        self,
        namespace: str | Path,
        collection_name: str = "http_cache",
        connection: Any = None,
        **kwargs: Any,
    ) -> None:
        self.ttl: bool = bool(kwargs.pop("ttl", True))
        super().__init__(namespace, collection_name, connection, **kwargs)
        self._prefix = self.name + b":"
        if not self.ttl:
            self.capabilities = self.capabilities._replace(native_expiry=None)

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, with one HMGET."""
        try:
            return to_entry(*self.server.ask(*self.reading(key)))
        except RecordError:
            return DAMAGED

    def reading(self, key: str) -> Command:
        """Give the command that reads the head and the body of `key`."""
        return "HMGET", self._prefix + to_bytes(key), b"h", b"b"

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry and when it goes, in one transaction and one round trip."""
        try:
            self.server.ask_all(self._writing(key, entry), atomic=True)
        except RecordError:
            # Somebody has put a value of another type there.
            self.discard(key)
            self.server.ask_all(self._writing(key, entry), atomic=True)

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries, some of them in one round trip."""
        for batch in portions(items, BODIES_AT_ONCE):
            try:
                self.server.ask_all(
                    command for key, entry in batch for command in self._writing(key, entry)
                )
            except RecordError:
                for key, entry in batch:
                    self.write(key, entry)

    def _writing(self, key: str, entry: Entry) -> tuple[Command, Command]:
        name = self._prefix + to_bytes(key)
        return ("HSET", name, b"h", add_times(entry), b"b", entry.body), self._expiring(name, entry)

    def _expiring(self, name: bytes, entry: Entry) -> Command:
        when = deadline(entry) if self.ttl else None
        return ("PERSIST", name) if when is None else ("PEXPIREAT", name, when)

    def sweep(self, now: float, most: int) -> int:
        """Do nothing: the server deletes by itself, or is told not to by `ttl=False`."""
        return 0

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value; its body is not sent."""
        name = self._prefix + to_bytes(key)
        *_, whole = self.server.ask_all(
            (
                ("HSET", name, b"h", add_times(entry)),
                self._expiring(name, entry),
                ("HEXISTS", name, b"b"),
            ),
            atomic=True,
        )
        if not whole:  # it was deleted before
            self.discard(key)

    def discard(self, key: str) -> bool:
        return bool(self.server.ask("UNLINK", self._prefix + to_bytes(key)))

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, some of them in one round trip."""
        for batch in portions(dict.fromkeys(keys), BODIES_AT_ONCE):
            try:
                answers = self.server.ask_all(map(self.reading, batch))
                entries = [to_entry(*answer) for answer in answers]
            except RecordError:
                entries = list(map(self.read, batch))
            for key, entry in zip(batch, entries, strict=True):
                if entry is not None:
                    yield key, entry

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries; without `bodies` only the heads are sent."""
        if bodies:
            yield from self.read_many(self)
            return
        for batch in portions(self, KEYS_AT_ONCE):
            names = (self._prefix + to_bytes(key) for key in batch)
            try:
                heads = self.server.ask_all(("HGET", name, b"h") for name in names)
            except RecordError:
                yield from ((key, entry._replace(body=b"")) for key, entry in self.read_many(batch))
                continue
            for key, head in zip(batch, heads, strict=True):
                if head is not None:
                    yield key, split_times(head, b"")

    def _deleting(self, key: str, entry: Entry) -> Command:
        return (
            "EVAL",
            _DELETE_IF_SAME,
            1,
            self._prefix + to_bytes(key),
            _TIMES.pack(*times_of(entry)),
        )

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys; missing ones are no error."""
        for batch in portions(keys, KEYS_AT_ONCE):
            names = [self._prefix + to_bytes(key) for key in batch]
            if self.server.is_cluster:  # keys of one command would have to be on one node
                self.server.ask_all(("UNLINK", name) for name in names)
            else:
                self.server.ask("UNLINK", *names)

    def clear(self) -> None:
        """Delete the values of this mapping and nothing else."""
        self.bulk_delete(self)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys; the server looks through all keys of its database for that."""
        seen = set()
        # The prefix has no characters that mean something in a pattern; see `key_of_hash`.
        for name in self.server.scan(self._prefix + b"*", KEYS_AT_ONCE):
            if name not in seen:  # SCAN may give a key twice
                seen.add(name)
                yield from_bytes(name[len(self._prefix) :])

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without reading its value."""
        return bool(self.server.ask("EXISTS", self._prefix + to_bytes(key)))


# Keys and values as bytes


def add_times(entry: Entry) -> bytes:
    """Give the head with the times before it, unless Redis takes no value of this size."""
    if entry.size > LARGEST:
        raise ValueTooLargeError(f"the value has {entry.size:,} bytes, Redis takes {LARGEST:,}")
    return _TIMES.pack(*times_of(entry)) + entry.head


def to_entry(head: bytes | None, body: bytes | None) -> Entry | None:
    """Give an entry of what was asked for; None if a part of it is not there."""
    return None if head is None or body is None else split_times(head, body)


def split_times(head: bytes, body: bytes) -> Entry:
    """Give an entry back; bytes that are not ours come as the head."""
    if len(head) < _TIMES.size:
        return Entry(head, body)
    return with_times(head[_TIMES.size :], body, *_TIMES.unpack_from(head))


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
