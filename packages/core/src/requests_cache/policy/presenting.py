"""Making the answer to a request out of a stored response (RFC 9111, section 4)."""

from __future__ import annotations

import math

from .cache_status import CacheStatus
from .decisions import Piece, Serve
from .freshness import Freshness
from .preconditions import is_not_modified
from .slicing import cut
from .tables import NOT_IN_304
from .values import Headers, RequestHead, StoredHead


def hit(state: Freshness) -> CacheStatus:
    """Describe an answer without a forwarded request."""
    ttl = None if math.isinf(state.lifetime) else math.floor(-state.staleness)
    return CacheStatus(hit=True, ttl=ttl)


def present(
    request: RequestHead,
    stored: StoredHead,
    state: Freshness,
    status: CacheStatus,
    *,
    validated: bool = False,
) -> Serve:
    """Answer a request from a stored response.

    The caller's own conditions come first, then its Range (RFC 9110, section 13.2.2). Without
    validation Age is set, and fields that no-cache lists are left out (RFC 9111, sections 5.1 and
    5.2.2.4).
    """
    age = math.floor(state.age)
    headers = stored.headers
    if not validated:
        headers = headers.without(state.told.no_cache_fields).replaced([("Age", str(age))])
    code, headers, pieces = _answer(request, stored, headers)
    stale = not (validated or state.fresh)
    return Serve(stored, code, headers, pieces, age, stale, status)


def _answer(
    request: RequestHead, stored: StoredHead, headers: Headers
) -> tuple[int, Headers, tuple[Piece, ...] | None]:
    if is_not_modified(request, stored):
        return 304, headers.without(NOT_IN_304), ()
    if sliced := cut(request, stored, headers):
        return sliced
    return stored.status, headers, () if request.method == "HEAD" else None
