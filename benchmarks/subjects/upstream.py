"""requests-cache, as released."""

# This file runs in an environment that the checker does not see, where our names mean others:
# mypy: disable-error-code="import-not-found,import-untyped,attr-defined,call-arg,arg-type"

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from subjects.base import Library, NotOfferedError, Shelf, Subject

if TYPE_CHECKING:
    from requests import Response
    from row import Place


class Upstream(Subject):
    """requests-cache 1.3.3 with the clients of all its backends."""

    name = "upstream"
    title = "requests-cache 1.3.3"
    requirements = ("requests-cache[all]==1.3.3",)
    statement = "from requests_cache import CachedSession"
    openings: ClassVar[dict[str, str]] = {
        "sqlite": "session = CachedSession(name, backend='sqlite')",
        "dynamodb": "session = CachedSession(name, backend='dynamodb', endpoint_url=server)",
    }
    # Its default `decode_content=True` writes JSON anew.
    exact = False
    options: ClassVar[dict[str, Any]] = {}

    def session(self, store: str, place: Place) -> Any:
        """Open a `CachedSession`."""
        from requests_cache import CachedSession

        services = place.services
        if store == "redis":
            host, port = services[store].split(":")
            return CachedSession(place.lane, backend=store, host=host, port=int(port))
        if store == "mongodb":
            return CachedSession("upstream", backend=store, host=services[store])
        if store == "dynamodb":
            return CachedSession(place.lane, backend=store, endpoint_url=services[store])
        name = str(place.folder / "cache")
        return CachedSession(name, backend=store, **(self.options if store == "sqlite" else {}))

    def session_in(self, form: str, place: Place) -> Any:
        """Open a `CachedSession` on SQLite; it cannot encrypt."""
        from requests_cache import CachedSession
        from requests_cache.serializers import safe_pickle_serializer

        if form == "encrypted":
            raise NotOfferedError(form)
        name: Any = str(place.folder / "cache")
        signed = safe_pickle_serializer(secret_key="a key of the benchmark")
        return CachedSession(
            name, backend="sqlite", serializer=signed if form == "signed" else "json"
        )

    def shelf(self, place: Place, response: Response) -> Shelf:
        """Open a `SQLiteDict`."""
        from requests_cache import CachedResponse
        from requests_cache.backends.sqlite import SQLiteDict

        items = SQLiteDict(place.folder / "storage.sqlite", "responses", **self.options)
        return Shelf(items, CachedResponse.from_response(response), items.bulk_commit)

    def fill(
        self, place: Place, response: Response, count: int, lifetime: Callable[[int], float]
    ) -> None:
        """Write to the storage of a cache in one transaction."""
        from datetime import UTC, datetime

        from requests_cache import CachedResponse, SQLiteCache

        cache: Any = SQLiteCache(place.folder / "library.sqlite")
        cached: Any = CachedResponse.from_response(response)
        now = time.time()
        with cache.responses.bulk_commit():
            for number in range(count):
                cached.url = cached.request.url = place.url("json", number)
                cached.expires = datetime.fromtimestamp(now + lifetime(number), UTC)
                cache.responses[f"{number:064x}"] = cached
        cache.close()

    def library(self, place: Place) -> Library:
        """Open a `SQLiteCache`."""
        from requests_cache import SQLiteCache

        cache: Any = SQLiteCache(place.folder / "library.sqlite")
        return Library(
            close=cache.close,
            count_all=cache.responses.__len__,
            count_unexpired=lambda: cache.count(expired=False),
            urls=lambda: iter(cache.urls()),
            values=cache.filter,
            delete_expired=lambda: cache.delete(expired=True),
            delete_and_keep_size=lambda: cache.delete(expired=True, vacuum=False),
            delete_and_shrink=lambda: cache.delete(expired=True, vacuum=True),
        )


class UpstreamWal(Upstream):
    """The same with SQLite's write-ahead log, which is not its default."""

    name = "upstream_wal"
    title = "requests-cache 1.3.3, wal=True"
    environment = "upstream"
    options: ClassVar[dict[str, Any]] = {"wal": True}

    def session(self, store: str, place: Place) -> Any:
        """Open a `CachedSession` on SQLite."""
        if store != "sqlite":
            raise NotOfferedError(store)
        return super().session(store, place)


class UpstreamBare(Upstream):
    """The same as `pip install requests-cache` gives it."""

    name = "upstream_bare"
    title = "requests-cache 1.3.3, no drivers"
    requirements = ("requests-cache==1.3.3",)
