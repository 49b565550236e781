"""What a cache tells of each request, write, eviction and validation; see `cache.events`.

    >>> from requests_cache import CachedSession
    >>> told = []
    >>> session = CachedSession(backend="memory", on_event=told.append)

Imported when the first event is told: while nobody listens it costs nothing.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Event", "Outcome"]

Outcome = Literal[
    "hit", "stale", "revalidated", "miss", "bypassed", "failed", "refreshed", "stored", "evicted"
]
"""What has happened.

Each request ends in one of these:
hit           answered from the cache
stale         answered from the cache with an expired response
revalidated   answered from the cache after the origin confirmed it with 304
miss          answered by the origin
bypassed      answered by the origin, and the cache had no part: it was told so, or its store failed
failed        not answered: an exception was raised, or 504 with `only_if_cached`

Others belong to no caller:
refreshed     a response that was served stale was fetched or confirmed in the background
stored        a response was written
evicted       a response was deleted to stay within the bounds
"""


class Event(NamedTuple):
    """One thing that has happened; nothing in it is secret."""

    outcome: Outcome
    method: str = ""
    url: str = ""
    """URL of the request without secrets; "" for an eviction, of which only the key is known."""
    key: str | None = None
    """Key of the request; None if it has none."""
    reason: str = ""
    """Why, in the words of `response.cache_status`, which are those of RFC 9211, such as
    "uri-miss, stored"; of what is served from the cache it is "fresh" or "stale"."""
    status: int | None = None
    """Status code of the response."""
    age: float | None = None
    """Seconds since the response was received or validated; None if it is not from the cache."""
    ttl: float | None = None
    """Seconds until it expires, negative if it has; None for never, or if it is not stored."""
    size: int | None = None
    """Bytes of the stored body."""
    store_time: float | None = None
    """Seconds that the store took; a body that the caller reads in pieces is not in it."""
    origin_time: float | None = None
    """Seconds that the origin took; None if it was not asked."""
