"""A partition of a DynamoDB table as a mapping."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from requests_cache import clock
from requests_cache._store.entry import DAMAGED, portions
from requests_cache.backends.base import BaseStorage, Capabilities, Entry
from requests_cache.errors import ValueTooLargeError
from requests_cache.options import take

from .attributes import Item, key_of, sort_key, with_name
from .parts import LEASES, PART, Parts, parts_of
from .table import TABLE_KINDS, Table, get_many, open_table, write_many

_LARGEST: Final = 64 * 1024 * 1024
_LARGEST_HEAD: Final = 100_000
_DAY: Final = 86_400
# Parts outlive their item by so much, and need not be written again each time it is made fresh.
_SLACK: Final = 7 * _DAY
_END_OF_9999: Final = 253_402_300_799
_ALL: Final = "#namespace = :namespace"
_IS_FREE: Final = "attribute_not_exists(#key) OR #until <= :now"
_BATCH: Final = 25
# What an item of another shape may lead to.
_MADE_UP: Final = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


class DynamoDbDict(BaseStorage):
    """A mapping in a partition of a DynamoDB table, with one item for each value.

    A value that no item can hold is in several. The service deletes items some day after
    `keep_until`, if the table's attribute for it is `ttl`; a table that is created here has it.

    Args:
        table_name: table; its keys are `namespace` and `key`, both text.
        namespace: partition; several mappings may share a table.
        connection: boto3's resource or client to use instead of making one; it is never closed.
        read_capacity_units: for a table that is created here; the default, or None, for both bills
            on demand.
        write_capacity_units: for a table that is created here.
        kwargs: `create_table` (create it if it is missing, default True; False asks the service
            nothing before the first use), `consistent_reads` (default True: a value is found as
            soon as it was written; False costs half), `serializer`, `secret_key`, `salt`, and
            arguments of `boto3.Session` and of its method `client`, such as `region_name`.
            Unless `config` says otherwise, the service has 2 seconds to take a connection or a
            request, and 2 to answer.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: an option has a wrong value, or the table has other keys.
    """

    OPTION_KINDS = TABLE_KINDS
    # AWS names no time, only "within a few days".
    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        native_expiry=math.inf,
        expiry_resolution=1.0,
        max_value_size=_LARGEST,
        bulk=True,
        heads_apart=True,
        leases=True,
    )

    def __init__(
        self,
        table_name: str | Path,
        namespace: str | Path = "http_cache",
        connection: Any = None,
        read_capacity_units: int | None = 1,
        write_capacity_units: int | None = 1,
        **kwargs: Any,
    ) -> None:
        own = take(kwargs, BaseStorage.OPTIONS)
        super().__init__(**own)
        if not isinstance(connection, Table):
            kwargs["read_capacity_units"] = read_capacity_units
            kwargs["write_capacity_units"] = write_capacity_units
            owner = type(self).__name__
            connection = open_table(owner, str(table_name), connection, kwargs, BaseStorage.OPTIONS)
        self.namespace: str = str(namespace)
        self._table: Table = connection
        self._parts = Parts(self._table, self.namespace)

    @property
    def table_name(self) -> str:
        """Give the name of the table."""
        return self._table.name

    def composite_key(self, key: str) -> dict[str, str]:
        """Give the two attributes that identify the item of a key.

        A sort key has 1 to 1024 bytes; that of another key is its hash.
        """
        return {"namespace": self.namespace, "key": sort_key(str(key))}

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, with one request unless it is large."""
        return self.entry_of(self._table.get(self.composite_key(key)))

    def entry_of(self, item: Item | None) -> Entry | None:
        """Give the entry of an item that was read, with one more request if it is large."""
        version = None
        while item:
            entry = self._entry(item)
            if entry is not None or item.get("version") == version:
                return entry
            # The parts were replaced between the two reads; the item names the new ones now.
            version = item.get("version")
            item = self._table.get({name: item[name] for name in ("namespace", "key")})
        return None

    def _entry(self, item: Item, bodies: bool = True) -> Entry | None:
        """Make an entry; None if its parts are gone, or if the item is not one of ours."""
        try:
            return self._make_entry(item, bodies)
        except _MADE_UP:
            return DAMAGED

    def _make_entry(self, item: Item, bodies: bool) -> Entry | None:
        head, body = item.get("head"), item.get("body", b"")
        if not isinstance(head, bytes):
            return None
        start = int(item.get("head_size", 0))
        if "version" in item and (bodies or start):
            data = self._parts.read(item["version"], item["parts"])
            if data is None:
                return None
            head, body = (data[:start], data[start:]) if start else (head, data)
        return Entry(head, body, item.get("expires"), item.get("ttl"))

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, with one conditional write; the item goes some day."""
        now, token = clock.now(), os.urandom(8).hex()
        until = now + seconds
        lease: Item = {":token": token, ":until": until, ":ttl": math.ceil(until)}
        change = "SET #token = :token, #until = :until, #ttl = :ttl"
        # The service checks the condition and writes in one step, so one of two gets it.
        taken = self._table.update(
            self._place_of_lease(key), change, _IS_FREE, {**lease, ":now": now}
        )
        return token if taken else None

    def release(self, key: str, token: str) -> None:
        """Give back a lease, unless somebody else has it by now."""
        self._table.delete(self._place_of_lease(key), "#token = :token", {":token": token})

    def _place_of_lease(self, key: str) -> Item:
        return {"namespace": self.namespace + LEASES, "key": sort_key(key)}

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry; the parts of a large one are there before the item that names them.

        Raises:
            ValueTooLargeError: it has more than 64 MB.
        """
        old = self._table.put(self._item(str(key), entry))
        versions = parts_of([old])
        if versions:
            self._parts.delete(versions)

    def _item(self, key: str, entry: Entry) -> Item:
        """Make the item of an entry, and first the parts of a large one."""
        size = entry.size
        if size > _LARGEST:
            raise ValueTooLargeError(
                f"DynamoDB cache {self.table_name}: {size} bytes are more than {_LARGEST};"
                " use another backend for such values"
            )
        name = with_name(key)
        item = {**self.composite_key(key), **name, **_times(entry), "head": entry.head}
        if size + len(name.get("name", b"")) <= PART:
            return {**item, "body": entry.body}
        data = entry.body
        if len(entry.head) > _LARGEST_HEAD:
            data = entry.head + data
            item |= {"head": b"", "head_size": len(entry.head)}
        if not data:
            return item
        kept = {"ttl": item["ttl"] + _SLACK} if "ttl" in item else {}
        item |= self._parts.write(item["key"], data, kept)
        self._parts.sweep_some()
        return item | ({"parts_until": kept["ttl"]} if kept else {})

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value, and leave its body where it is."""
        times = _times(entry)
        gone = [name for name in ("expires", "ttl") if name not in times]
        change = f"SET {', '.join(f'#{name} = :{name}' for name in ('head', *times))}"
        if gone:
            change += f" REMOVE {', '.join(f'#{name}' for name in gone)}"
        # Otherwise the old head is among the parts, or the parts expire too early.
        condition = (
            "attribute_exists(#head) AND attribute_not_exists(#head_size)"
            " AND (attribute_not_exists(#parts_until) OR #parts_until >= :until)"
        )
        values = {f":{name}": value for name, value in times.items()}
        values |= {":head": entry.head, ":until": times.get("ttl", math.inf)}
        try:
            if self._table.update(self.composite_key(key), change, condition, values):
                return
        except ValueTooLargeError:
            # The body is in the item, and the new head does not fit beside it.
            pass
        super().rewrite_head(key, entry)

    def discard(self, key: str) -> bool:
        old = self._table.delete(self.composite_key(key))
        self._parts.delete(parts_of([old]))
        return old is not None

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, with a request for a hundred at a time."""
        unique = {self.composite_key(key)["key"]: None for key in keys}
        places = ({"namespace": self.namespace, "key": key} for key in unique)
        yield from self._entries(get_many(self._table, places))

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries, page by page."""
        names = "#key, #name, #head, #head_size, #expires, #ttl, #version, #parts"
        items = self._query("" if bodies else names)
        yield from self._entries(items, bodies)

    def _query(self, names: str, only: str = "", **values: float) -> Iterator[Item]:
        return self._table.query(_ALL, self._values_of(**values), names, only)

    def _values_of(self, **values: float) -> Item:
        return {":namespace": self.namespace, **{f":{name}": v for name, v in values.items()}}

    def _entries(self, items: Iterable[Item], bodies: bool = True) -> Iterator[tuple[str, Entry]]:
        for item in items:
            key = key_of(item)
            entry = self._entry(item, bodies)
            if entry is None and "version" in item:
                entry = self.read(key)
            if entry is not None:
                yield key, entry

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries, 25 at a time."""
        for chunk in portions(items, _BATCH):
            entries = {str(key): entry for key, entry in chunk}
            places = [self.composite_key(key) for key in entries]
            old = self._versions(places)
            write_many(self._table, [self._item(key, entry) for key, entry in entries.items()])
            self._parts.delete(old)

    def _versions(self, places: Iterable[dict[str, str]]) -> list[tuple[str, float]]:
        return parts_of(get_many(self._table, places, ("version", "parts"), consistent=True))

    def count_unexpired(self, now: float) -> int:
        only = "attribute_not_exists(#expires) OR #expires > :now"
        return self._table.count(_ALL, self._values_of(now=now), only)

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`; say how many.

        It also deletes the parts that a crash, or the service when it expired an item, left behind.
        """
        # One by one: a batch has no conditions, and somebody may have made a value fresh meanwhile.
        expired = self._query("#namespace, #key", "#expires <= :now", now=now)
        deleted = [self._table.delete(item, "#expires <= :now", {":now": now}) for item in expired]
        self._parts.delete(parts_of(deleted))
        self._parts.sweep()
        return len(deleted) - deleted.count(None)

    def _delete(self, items: list[Item]) -> None:
        write_many(
            self._table,
            deletes=({"namespace": self.namespace, "key": item["key"]} for item in items),
        )
        self._parts.delete(parts_of(items))

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys; missing ones are no error."""
        for chunk in portions({self.composite_key(key)["key"]: None for key in keys}, 100):
            places = [{"namespace": self.namespace, "key": key} for key in chunk]
            versions = self._versions(places)
            write_many(self._table, deletes=places)
            self._parts.delete(versions)

    def clear(self) -> None:
        """Delete everything."""
        self._delete(list(self._query("#key")))
        self._parts.clear()

    def close(self) -> None:
        """Close the client if it is our own; the next use opens another one."""
        self._table.connection.close()

    def __iter__(self) -> Iterator[str]:
        return iter([key_of(item) for item in self._query("#key, #name")])

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without fetching its value."""
        return self._table.get(self.composite_key(str(key)), "#key") is not None

    def __len__(self) -> int:
        """Count the keys; exact, and as dear as reading them all."""
        return self._table.count(_ALL, self._values_of())


def _times(entry: Entry) -> Item:
    """Give the attributes of the times; the service's one is never before what it stands for."""
    times: Item = {} if entry.expires is None else {"expires": entry.expires}
    if entry.keep_until is not None:
        times["ttl"] = math.ceil(min(entry.keep_until, _END_OF_9999))
    return times
