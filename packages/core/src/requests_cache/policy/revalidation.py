"""A response that is validated again and again: what the rules say of it is known after the first.

Who polls an origin asks about one response, and a 304 brings another Date and changes nothing else
that a rule reads. Then the next validation asks the same, and what its 304 means is known but for
the times. Whatever differs is decided anew.
"""

from __future__ import annotations

from math import floor
from typing import Final, NamedTuple

from .cache_status import CacheStatus
from .freshness import (
    RequestDirectives,
    expires_at,
    measure,
    refresh_window,
    request_directives,
)
from .selection import is_conditional, storable_fields, updated_fields
from .values import (
    Fetch,
    Freshen,
    RequestHead,
    ResponseHead,
    Rules,
    Serve,
    StoredHead,
    Update,
)

# What the rules read of a stored response when it is validated, but for its times.
_READ: Final = ("cache-control", "etag", "last-modified", "vary")
# Seconds by which the end of a lifetime may be rounded.
_ROUNDING: Final = 1e-5


class Revalidation(NamedTuple):
    """The next validation of a response."""

    request: RequestHead
    stored: StoredHead
    """The response as the last 304 has left it, with the end of its lifetime."""
    fetch: Fetch
    read: tuple[tuple[str, str | None], ...]
    """What the rules read of it, but for its times."""

    def is_next(self, request: RequestHead, stored: StoredHead, now: float) -> bool:
        """Say whether this is what a request for a stored response needs."""
        end = self.stored.expires
        return (
            end is not None
            and now > end + _ROUNDING
            and stored == self.stored
            and request == self.request
        )

    def answered(
        self, received: ResponseHead, request_time: float, response_time: float, rules: Rules
    ) -> Freshen | None:
        """Give what a 304 means that says the same as the last one; None if it does not."""
        stored, fields = self.stored, received.headers
        for name, value in self.read:
            if fields.joined(name) not in (None, value):
                return None
        headers = updated_fields(stored.headers, storable_fields(fields, response_time))
        head = stored._replace(
            headers=headers,
            request_time=request_time,
            response_time=response_time,
        )
        told = self.fetch.cache_status._replace(fwd_status=304, stored=True)
        age = floor(measure(head, response_time, rules).age)
        serve = Serve(stored, head.status, headers, None, age, stale=False, cache_status=told)
        return Freshen((Update(stored, head),), serve, told)

    def renewed(self, outcome: Freshen, rules: Rules) -> Revalidation:
        """Give the validation that follows an answer like the last one."""
        return _about(outcome.updates[0].head, self.request, self.fetch, self.read, rules)


def revalidation(
    request: RequestHead, fetch: Fetch, outcome: Freshen, rules: Rules
) -> Revalidation | None:
    """Give the validation that follows a 304; None if it has to be decided then.

    Args:
        request: the request.
        fetch: what was asked.
        outcome: what the 304 meant.
        rules: the rules for the request.
    """
    stored, serve = fetch.selected, outcome.serve
    if stored is None or fetch.nominated != (stored,) or len(outcome.updates) != 1:
        return None
    if serve is None or serve.pieces is not None or _has_wishes(request):
        return None
    head = outcome.updates[0].head
    read = tuple((name, stored.headers.joined(name)) for name in _READ)
    if any(head.headers.joined(name) != value for name, value in read):
        return None
    if refresh_window(measure(head, head.response_time, rules), rules):
        # Then it may be served first.
        return None
    return _about(head, request, fetch, read, rules)


def _has_wishes(request: RequestHead) -> bool:
    """Say whether anything but the time has a part in what is decided about a request."""
    return (
        request_directives(request.headers) != RequestDirectives()
        or is_conditional(request)
        or "range" in request.headers
    )


def _about(
    head: StoredHead,
    request: RequestHead,
    fetch: Fetch,
    read: tuple[tuple[str, str | None], ...],
    rules: Rules,
) -> Revalidation:
    stored = head._replace(expires=expires_at(head, rules))
    status, about = CacheStatus(fwd="stale"), (stored,)
    following = Fetch(status, fetch.set_fields, True, about, stored, about)
    return Revalidation(request, stored, following, read)
