"""What is in a cache: keys, responses, URLs, counts. Nothing here reads more than it has to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import clock
from .._store.entry import NOTE_PREFIX
from ..errors import RecordError
from ..expiration import relative_seconds
from .storage import is_expired

if TYPE_CHECKING:
    from requests import PreparedRequest, Request

    from ..models.response import CachedResponse
    from .cache import BaseCache

__all__ = ["Listing"]


class Listing:
    """The verbs of a cache that look and change nothing."""

    def contains(
        self: BaseCache,
        key: str | None = None,
        request: Request | PreparedRequest | None = None,
        url: str | None = None,
    ) -> bool:
        """Say whether there is a response or a redirect for a key, a request or a GET of a URL."""
        if url is not None:
            key = self._url_key(url)
        elif request is not None:
            key = self.create_key(request)
        return key is not None and (key in self.responses or key in self.redirects)

    def has_key(self: BaseCache, key: str) -> bool:
        """Say whether there is a response or a redirect under `key`."""
        return self.contains(key)

    def has_url(self: BaseCache, url: str) -> bool:
        """Say whether there is a response or a redirect for a GET of `url`."""
        return self.contains(url=url)

    def keys(self: BaseCache, check_expiry: bool = False) -> Iterator[str]:
        """Iterate over the keys of redirects and of valid responses.

        Args:
            check_expiry: leave out responses that have expired.
        """
        yield from (key for key in self.redirects if not key.startswith(NOTE_PREFIX))
        if not check_expiry:
            yield from self.responses
            return
        now = clock.now()
        yield from (key for key, entry in self.responses.scan() if not is_expired(entry, now))

    def values(self: BaseCache, check_expiry: bool = False) -> Iterator[CachedResponse]:
        """Iterate over the responses that can be read.

        Args:
            check_expiry: leave out those that have expired.
        """
        return self.filter(expired=not check_expiry)

    def filter(
        self: BaseCache,
        valid: bool = True,
        expired: bool = True,
        invalid: bool = False,
        older_than: float | timedelta | None = None,
    ) -> Iterator[CachedResponse]:
        """Iterate over the responses that are of one of the kinds asked for.

        Args:
            valid: those that have not expired.
            expired: those that have expired.
            invalid: none: what cannot be read is no response. `delete(invalid=True)` removes it.
            older_than: leave out those received less than this long ago (seconds or timedelta).
        """
        now = clock.now()
        latest = None if older_than is None else now - relative_seconds(older_than, "older_than")
        for key, entry in self.responses.scan(bodies=True):
            if not (expired if is_expired(entry, now) else valid):
                continue
            response = self._load(key, entry, peek=True)
            if response is None or (latest is not None and response.record.created > latest):
                continue
            yield response

    def heads(self: BaseCache) -> Iterator[CachedResponse]:
        """Iterate over the responses that can be read, without reading their bodies."""
        for key, entry in self.responses.scan():
            response = self._load(key, entry, bodies=False)
            if response is not None:
                yield response

    @property
    def urls(self: BaseCache) -> Iterator[str]:
        """Iterate over the URLs of the responses, without redirects."""
        url_of, splits = self.serializer.url_of, self.serializer.splits
        for key, entry in self.responses.scan():
            try:
                url = url_of(entry.head, None if splits else entry.body)
            except RecordError as error:
                self.note_damage("response under", key, error)
            else:
                yield url

    def response_count(self: BaseCache, check_expiry: bool = False) -> int:
        """Count the responses that can be read; `len(cache.responses)` counts without looking.

        Args:
            check_expiry: leave out those that have expired.
        """
        now = clock.now()
        return sum(
            not (check_expiry and is_expired(entry, now))
            and self._load(key, entry, bodies=False, peek=True) is not None
            for key, entry in self.responses.scan()
        )
