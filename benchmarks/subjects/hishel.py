"""hishel: an adapter with SQLite (in a file or in memory) or Redis behind it."""

# This file runs in an environment that the checker does not see:
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, ClassVar

from subjects.base import NotOfferedError, Subject

if TYPE_CHECKING:
    from row import Place


class Hishel(Subject):
    """hishel 2.0.0 in its default mode, which is its fastest."""

    name = "hishel"
    title = "hishel 2.0.0"
    requirements = ("hishel[requests,redis]==2.0.0",)
    statement = "from hishel.requests import CacheAdapter"
    openings: ClassVar[dict[str, str]] = {
        "sqlite": "import hishel; session = requests.Session();"
        "session.mount('http://', CacheAdapter(storage=hishel.SqliteStorage(database_path=name)))"
    }

    def session(self, store: str, place: Place) -> Any:
        """Mount the adapter on a `requests.Session`."""
        import requests
        from hishel.requests import CacheAdapter

        session = requests.Session()
        session.mount("http://", CacheAdapter(storage=self._storage(store, place)))
        return session

    def _storage(self, store: str, place: Place) -> Any:
        import hishel

        if store == "memory":
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            return hishel.SqliteStorage(connection=connection)
        if store == "sqlite":
            return hishel.SqliteStorage(database_path=place.folder / "cache.sqlite")
        if store == "redis":
            import redis

            client = redis.Redis.from_url(f"redis://{place.services['redis']}")
            return hishel.RedisStorage(client, key_prefix=place.lane)
        raise NotOfferedError(store)
