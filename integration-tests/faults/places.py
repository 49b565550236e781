"""Where caches live, and what is there: entries, and what an interrupted download might leave."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from requests_cache import CachedSession
from services import DynamoDbService, MongoService, RedisService
from services.patience import patient_options

__all__ = ["KINDS", "STREAMING", "Place", "make_place"]

KINDS: Final = (
    "memory",
    "sqlite",
    "sqlite bounded",
    "filesystem",
    "filesystem bounded",
    "redis",
    "mongodb",
    "gridfs",
    "dynamodb",
)
STREAMING: Final = frozenset(("sqlite", "filesystem", "mongodb", "gridfs"))
"""Those that write a body before its end has come."""

_BOUND: Final = 50_000_000
_TABLES: Final = (
    "responses",
    "responses_bodies",
    "responses_pending",
    "redirects",
)


class Place(NamedTuple):
    """Where the cache of a test lives."""

    kind: str
    name: str
    options: dict[str, Any]
    look: Callable[[], list[str]]
    """Name all that is there."""

    def open(self, **more: Any) -> CachedSession:
        """Open the cache."""
        given = patient_options(self.kind) | self.options | more
        return CachedSession(self.name, backend=self.kind, **given)


def make_place(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Yield an empty place for a cache, and clean up."""
    kind, _, bounded = kind.partition(" ")
    options = {"max_size": _BOUND} if bounded else {}
    if kind == "memory":
        yield Place(kind, "memory", options, list)
    elif kind == "sqlite":
        file = folder / "cache.sqlite"
        yield Place(kind, str(file), options, lambda: _rows(file))
    elif kind == "filesystem":
        files = folder / "files"
        yield Place(kind, str(files), options, lambda: _files(files))
    elif kind == "redis":
        yield from _on_redis(request.getfixturevalue("redis_service"))
    elif kind == "dynamodb":
        yield from _on_dynamodb(request.getfixturevalue("dynamodb_service"))
    else:
        yield from _on_mongodb(kind, request.getfixturevalue("mongodb_service"))


def _rows(file: Path) -> list[str]:
    found: list[str] = []
    with closing(sqlite3.connect(file)) as connection:
        for table in _TABLES:
            known = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if connection.execute(known, (table,)).fetchone():
                rows = connection.execute(f"SELECT id FROM {table}")
                found += [f"{table} {row}" for (row,) in rows]
    return found


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    # Redirects and the index of a bounded cache are in databases, which hold no bodies.
    return [str(path) for path in found if ".sqlite" not in path.name]


def _on_redis(service: RedisService) -> Iterator[Place]:
    name = service.fresh_name()
    with service.client() as client:
        options = {"host": service.host, "port": service.port}
        yield Place("redis", name, options, lambda: [str(key) for key in client.keys(f"*{name}*")])
        for key in client.keys(f"*{name}*"):
            client.delete(key)


def _on_mongodb(kind: str, service: MongoService) -> Iterator[Place]:
    name = service.fresh_name()
    with service.client() as client:
        database = client[name]

        def look() -> list[str]:
            collections = [c for c in database.list_collection_names() if "leases" not in c]
            return [
                f"{c} {d['_id']}" for c in collections for d in database[c].find({}, {"_id": 1})
            ]

        yield Place(kind, name, {"host": service.url}, look)
        client.drop_database(name)


def _on_dynamodb(service: DynamoDbService) -> Iterator[Place]:
    name = service.fresh_name()
    table = service.resource().Table(name)

    def look() -> list[str]:
        return [str(sorted(item.items())[:2]) for item in table.scan()["Items"]]

    yield Place("dynamodb", name, service.connection, look)
    table.delete()
