"""Values that no item can hold, in several items.

A value has a version, which no other value ever has. Its parts are in a partition of their own; a
small item, the manifest, says that they are there, and for which key. The order of writing is:
manifest, parts, the item of the key (which names the version, and so replaces the old value at
once), and only then the old version is deleted. Whatever a crash leaves has a manifest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Final

from requests_cache import clock
from requests_cache._store.entry import portions
from requests_cache.errors import ConfigurationError

from .attributes import Item
from .table import Table, get_many, write_many

PART: Final = 390_000
"""Bytes in one part. An item has at most 409,600, with the names of its attributes and its keys
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)."""

LEASES: Final = "#leases"
"""What the name of the partition of leases ends with."""
_MARK: Final = "#parts"
# More than the largest value has.
_MOST_PARTS: Final = 10_000
# A write that takes longer than this is taken for one whose process died.
_LONGEST_WRITE: Final = 3600.0
_SAMPLE: Final = 10
_BATCH: Final = 100
# 2 MB: a slow line has to take a request within the timeout.
_TOGETHER: Final = 5


class Parts:
    """The parts of the large values of one namespace, which itself is none of parts or leases."""

    def __init__(self, table: Table, namespace: str) -> None:
        if not namespace or _MARK in namespace or LEASES in namespace:
            raise ConfigurationError(
                f"namespace={namespace!r} is empty or contains {_MARK!r} or {LEASES!r}"
            )
        self._table = table
        self._namespace = namespace
        self._manifests = namespace + _MARK

    def write(self, key: str, data: bytes, ttl: Item) -> Item:
        """Store data for the item of a sort key; give the attributes that name it.

        If there is a `ttl`, it is the attribute that makes the service delete the data.
        """
        version = uuid.uuid4().hex
        count = -(-len(data) // PART)
        manifest = {"namespace": self._manifests, "key": version, "of": key, "parts": count}
        self._table.put({**manifest, "created": clock.now(), **ttl})
        places = self._places(version, count)
        # Batch by batch, so that a large value is not in memory twice.
        for batch in portions(enumerate(places), _TOGETHER):
            write_many(
                self._table,
                (
                    {**place, "data": data[number * PART : (number + 1) * PART], **ttl}
                    for number, place in batch
                ),
            )
        return {"version": version, "parts": count}

    def _places(self, version: str, count: float) -> Iterator[Item]:
        partition = f"{self._manifests}#{version}"
        for number in range(int(count)):
            yield {"namespace": partition, "key": f"{number:05}"}

    def read(self, version: str, count: float) -> bytes | None:
        """Give the data of a version; None if it is being deleted."""
        if not _is_count(count):
            raise ValueError(f"the value has {count} parts")
        # Eventual consistency would make what was written long ago look deleted.
        items = get_many(self._table, self._places(version, count), consistent=True)
        found = {item["key"]: item["data"] for item in items}
        return b"".join(found[key] for key in sorted(found)) if len(found) == count else None

    def delete(self, versions: Iterable[tuple[str, float]]) -> None:
        """Delete the parts of versions, given with their numbers of parts."""
        for chunk in portions(versions, _BATCH):
            write_many(
                self._table,
                deletes=(place for version in chunk for place in self._places(*version)),
            )
            # Last, so that a crash in between leaves nothing unknown.
            write_many(
                self._table,
                deletes=[{"namespace": self._manifests, "key": version} for version, _ in chunk],
            )

    def clear(self) -> None:
        """Delete everything."""
        self.delete((item["key"], item["parts"]) for item in self._list())

    def sweep(self) -> None:
        """Delete the versions that no item names, if they are not being written."""
        self._delete_old_garbage(self._list())

    def sweep_some(self) -> None:
        """Do what `sweep` does, to a few versions chosen at random."""
        chosen = list(self._list(uuid.uuid4().hex, _SAMPLE))
        if len(chosen) < _SAMPLE:
            chosen += self._list(limit=_SAMPLE)
        self._delete_old_garbage({manifest["key"]: manifest for manifest in chosen}.values())

    def _list(self, start: str = "0", limit: int | None = None) -> Iterator[Item]:
        return self._table.query(
            "#namespace = :namespace AND #key >= :start",
            {":namespace": self._manifests, ":start": start},
            limit=limit,
        )

    def _delete_old_garbage(self, manifests: Iterable[Item]) -> None:
        latest = clock.now() - _LONGEST_WRITE
        old = (manifest for manifest in manifests if manifest["created"] < latest)
        for chunk in portions(old, _BATCH):
            keys = {manifest["of"] for manifest in chunk}
            items = get_many(
                self._table,
                ({"namespace": self._namespace, "key": key} for key in keys),
                ("version",),
                consistent=True,
            )
            named = {item.get("version") for item in items}
            self.delete(
                (manifest["key"], manifest["parts"])
                for manifest in chunk
                if manifest["key"] not in named
            )


def parts_of(items: Iterable[Item | None]) -> list[tuple[str, float]]:
    """Give the versions that items name, with their numbers of parts."""
    return [
        (item["version"], item["parts"])
        for item in items
        if item and isinstance(item.get("version"), str) and _is_count(item.get("parts"))
    ]


def _is_count(parts: object) -> bool:
    """Say whether a value can have so many parts; an item that was made up may say anything."""
    return isinstance(parts, int | float) and 0 <= parts <= _MOST_PARTS
