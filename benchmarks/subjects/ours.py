"""This project, built from the checkout."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from subjects.base import Library, Shelf, Subject

if TYPE_CHECKING:
    from requests import Response
    from row import Place

_PACKAGES = Path(__file__).parents[2] / "packages"
# A package without a README is being written; it cannot be built yet.
_READY = sorted(path.parent for path in _PACKAGES.glob("*/README.md"))


class Ours(Subject):
    """requests-cache-core with every backend and every driver."""

    name = "ours"
    title = "ours"
    requirements = (
        *(str(path) for path in _READY),
        # What the extras for JSON, signing and encrypting ask for.
        *("cattrs", "itsdangerous", "cryptography"),
    )
    statement = "from requests_cache import CachedSession"
    openings: ClassVar[dict[str, str]] = {
        "sqlite": "session = CachedSession(name, backend='sqlite')",
        "dynamodb": "session = CachedSession(name, backend='dynamodb', endpoint_url=server)",
    }

    def session(self, store: str, place: Place) -> Any:
        """Open a `CachedSession`."""
        from requests_cache import CachedSession

        services = place.services
        if store == "redis":
            host, port = services[store].split(":")
            return CachedSession(place.lane, backend=store, host=host, port=int(port))
        if store == "mongodb":
            return CachedSession("benchmark", backend="mongo", host=services[store])
        if store == "dynamodb":
            return CachedSession(place.lane, backend=store, endpoint_url=services[store])
        return CachedSession(str(place.folder / "cache"), backend=store)

    def session_in(self, form: str, place: Place) -> Any:
        """Open a `CachedSession` on SQLite."""
        from requests_cache import CachedSession
        from requests_cache.serializers import Encryption, init_serializer

        options: dict[str, Any] = {"serializer": "json"}
        if form == "signed":
            options = {"secret_key": "a key of the benchmark"}
        elif form == "encrypted":
            encryption = Encryption(Encryption.new_key())
            options = {"serializer": init_serializer("default") | encryption}
        return CachedSession(str(place.folder / "cache"), backend="sqlite", **options)

    def shelf(self, place: Place, response: Response) -> Shelf:
        """Open a `DbDict`."""
        from requests_cache import CachedResponse
        from requests_cache.backends.sqlite import DbDict

        items = DbDict(place.folder / "storage.sqlite", "responses")
        return Shelf(items, CachedResponse.from_response(response), items.bulk_commit)

    def fill(
        self, place: Place, response: Response, count: int, lifetime: Callable[[int], float]
    ) -> None:
        """Save responses in one transaction."""
        from requests_cache.backends.sqlite import DbCache

        cache = DbCache(place.folder / "library.sqlite")
        now = time.time()
        with cache.responses.bulk_commit():
            for number in range(count):
                response.url = response.request.url = place.url("json", number)
                cache.save_response(response, f"{number:064x}", now + lifetime(number))
        cache.close()

    def library(self, place: Place) -> Library:
        """Open a `DbCache`."""
        from requests_cache.backends.sqlite import DbCache

        cache = DbCache(place.folder / "library.sqlite")

        return Library(
            close=cache.close,
            count_all=cache.responses.__len__,
            count_unexpired=lambda: cache.responses.count_unexpired(time.time()),
            urls=lambda: cache.urls,
            values=cache.filter,
            delete_expired=lambda: cache.delete(expired=True),
            delete_and_keep_size=lambda: cache.delete(expired=True),
            delete_and_shrink=lambda: cache.delete(expired=True, vacuum=True),
        )


class OursBare(Ours):
    """Core and the SQLite backend alone."""

    name = "ours_bare"
    title = "ours, SQLite alone"
    requirements = (str(_PACKAGES / "core"), str(_PACKAGES / "backend-sqlite"))
