"""What a 304 changes in a stored response (RFC 9111, sections 3.2 and 4.3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from .describe import flags_of
from .response import CachedResponse

__all__ = ["freshen"]

# RFC 9111, section 3.2: these describe the stored body and not the one that a 304 does not have.
_NEVER_UPDATED = frozenset(
    {"content-encoding", "content-length", "content-range", "content-type", "transfer-encoding"}
)


def freshen(
    stored: CachedResponse, headers: Mapping[str, str], now: float, expires: float | None
) -> CachedResponse:
    """Give the stored response with the fields of a 304, received now and expiring anew."""
    updates = {
        name.lower(): (name, value)
        for name, value in headers.items()
        if name.lower() not in _NEVER_UPDATED
    }
    kept = [item for item in stored.record.fields["headers"] if item[0].lower() not in updates]
    old = stored.record
    fields = {**old.fields, "headers": [*kept, *updates.values()]}
    record = old.with_times(now, expires, fields)
    record.flags |= flags_of(fields)
    return CachedResponse.from_record(record, stored.cache_key)
