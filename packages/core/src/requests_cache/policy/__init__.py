"""HTTP caching as a private cache does it (RFC 9111), without I/O, clock or storage.

    from requests_cache.policy import RequestHead, decide

    decide(RequestHead("GET", "https://example.org/"), stored=[], now=1_700_000_000.0)

`decide` says how to answer a request, `after_response` what a response changes, `on_error` what
stands in for a failure. All times are UNIX seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _door

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cache_status import CacheStatus, parse_cache_status
    from .deciding import decide, on_error
    from .fields import Headers
    from .freshness import Freshness, expires_at, kept_until, measure
    from .http import after_response
    from .invalidation import groups_of, in_groups
    from .partial import is_complete
    from .selection import search_variance, variant, without_search
    from .values import (
        Combine,
        Decision,
        Discard,
        Effects,
        Fetch,
        Freshen,
        GatewayTimeout,
        Outcome,
        Piece,
        Refresh,
        RequestHead,
        ResponseHead,
        Retry,
        Rules,
        Serve,
        Store,
        StoredHead,
        Update,
        Variant,
        assemble,
        forwarded,
    )

__all__ = [
    "CacheStatus",
    "Combine",
    "Decision",
    "Discard",
    "Effects",
    "Fetch",
    "Freshen",
    "Freshness",
    "GatewayTimeout",
    "Headers",
    "Outcome",
    "Piece",
    "Refresh",
    "RequestHead",
    "ResponseHead",
    "Retry",
    "Rules",
    "Serve",
    "Store",
    "StoredHead",
    "Update",
    "Variant",
    "after_response",
    "assemble",
    "decide",
    "expires_at",
    "forwarded",
    "groups_of",
    "in_groups",
    "is_complete",
    "kept_until",
    "measure",
    "on_error",
    "parse_cache_status",
    "search_variance",
    "variant",
    "without_search",
]

# Every response may carry a CacheStatus, and that should not cost the import of all the policy.
_HOMES = {
    name: home
    for home, names in {
        "cache_status": "CacheStatus parse_cache_status",
        "deciding": "decide on_error",
        "fields": "Headers",
        "freshness": "Freshness expires_at kept_until measure",
        "invalidation": "groups_of in_groups",
        "http": "after_response",
        "partial": "is_complete",
        "selection": "search_variance variant without_search",
        "values": "Combine Decision Discard Effects Fetch Freshen GatewayTimeout Outcome Piece"
        " Refresh RequestHead ResponseHead Retry Rules Serve Store StoredHead Update Variant"
        " assemble forwarded",
    }.items()
    for name in names.split()
}
__getattr__: Callable[[str], Any] = _door(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
