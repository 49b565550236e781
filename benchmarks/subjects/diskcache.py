"""diskcache: no HTTP cache, but a good store; around it the ten lines that one would write."""

# This file runs in an environment that the checker does not see:
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from subjects.base import Library, NotOfferedError, Shelf, Subject

if TYPE_CHECKING:
    from requests import Response
    from row import Place


class DiskCache(Subject):
    """diskcache 5.6.3: URL -> pickled `requests.Response`."""

    name = "diskcache"
    title = "ten lines around diskcache 5.6.3"
    requirements = ("requests", "diskcache==5.6.3")
    statement = "from diskcache import Cache"

    def session(self, store: str, place: Place) -> Any:
        """Give an object with a `get(url)`; it knows nothing of HTTP."""
        if store != "sqlite":
            raise NotOfferedError(store)
        return _Session(str(place.folder / "cache"))

    def shelf(self, place: Place, response: Response) -> Shelf:
        """Open a `diskcache.Cache`."""
        from diskcache import Cache

        items = Cache(str(place.folder / "storage"))
        return Shelf(items, response, items.transact)

    def fill(
        self, place: Place, response: Response, count: int, lifetime: Callable[[int], float]
    ) -> None:
        """Set values in one transaction."""
        from diskcache import Cache

        # By default every `set` also deletes some of what has expired.
        cache = Cache(str(place.folder / "library"), cull_limit=0)
        with cache.transact():
            for number in range(count):
                response.url = place.url("json", number)
                cache.set(f"{number:064x}", response, expire=lifetime(number))
        cache.close()

    def library(self, place: Place) -> Library:
        """Open a `diskcache.Cache`."""
        from diskcache import Cache

        cache = Cache(str(place.folder / "library"))
        return Library(close=cache.close, count_all=cache.__len__, delete_expired=cache.expire)


class _Session:
    """The ten lines."""

    def __init__(self, folder: str) -> None:
        import requests
        from diskcache import Cache

        self.cache = Cache(folder)
        self.origin = requests.Session()

    def get(self, url: str) -> Any:
        response = self.cache.get(url)
        if response is None:
            response = self.origin.get(url)
            self.cache.set(url, response)
        return response

    def close(self) -> None:
        self.cache.close()
        self.origin.close()
