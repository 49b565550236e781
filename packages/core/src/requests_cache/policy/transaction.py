"""A request, its response and the fetch between them, seen together."""

from __future__ import annotations

from typing import NamedTuple

from .cache_status import CacheStatus
from .decisions import Fetch
from .storing import storable_fields
from .values import RequestHead, ResponseHead, Rules, StoredHead
from .vary import matches, variant


class Transaction(NamedTuple):
    """Hold what `after_response` was told."""

    request: RequestHead
    response: ResponseHead
    fetch: Fetch
    request_time: float
    response_time: float
    rules: Rules

    @property
    def received(self) -> ResponseHead:
        """Return the response with the fields that may be stored."""
        return ResponseHead(
            self.response.status, storable_fields(self.response.headers, self.response_time)
        )

    @property
    def told(self) -> CacheStatus:
        """Return the Cache-Status of the fetch, with the status that came."""
        return self.fetch.cache_status._replace(fwd_status=self.response.status)

    @property
    def matching(self) -> list[StoredHead]:
        """Return what is stored and selected by the request."""
        return [head for head in self.fetch.known if matches(head, self.request.headers)]

    def as_get(self) -> Transaction:
        """Return the transaction as if the response had answered GET, with nothing stored yet."""
        request = self.request._replace(method="GET")
        return self._replace(request=request, fetch=Fetch(self.fetch.cache_status))

    def new_head(self) -> StoredHead:
        """Return the response as a head to store."""
        headers = self.received.headers
        return StoredHead(
            self.response.status,
            headers,
            self.request.method,
            self.request.url,
            self.request_time,
            self.response_time,
            variant=variant(headers, self.request.headers),
            lifetime=self.rules.lifetime,
        )
