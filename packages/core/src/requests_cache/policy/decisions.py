"""What the policy decides: values that an interpreter performs without a decision of its own.

Before the network   Serve | Fetch | GatewayTimeout           from `decide`
After a response     Serve | Store | Freshen | Combine | Discard | Retry   from `after_response`
After an exception   Serve | None (let it through)            from `on_error`
"""

from __future__ import annotations

from typing import NamedTuple

from .cache_status import CacheStatus
from .values import Field, Headers, RequestHead, StoredHead

Piece = slice | bytes
"""Part of a body to send: a slice of the stored body, or octets that stand between slices."""


class Fetch(NamedTuple):
    """Forward the request, then ask `after_response`, or `on_error` if it failed."""

    cache_status: CacheStatus
    set_fields: tuple[Field, ...] = ()
    """Header fields to send; each replaces the request's fields of its name."""
    storable: bool = True
    """False: hand the response to the caller as it comes, once `after_response` was told."""
    known: tuple[StoredHead, ...] = ()
    """All that is stored for this resource."""
    selected: StoredHead | None = None
    """What may be served on an error, or be validated or completed."""
    nominated: tuple[StoredHead, ...] = ()
    """The stored responses whose validators are in `set_fields`."""
    completes: bool = False
    """`set_fields` ask only for what `selected` lacks."""


class Refresh(NamedTuple):
    """Perform a fetch for the cache itself; `after_response` is told of this request."""

    request: RequestHead
    fetch: Fetch


class Serve(NamedTuple):
    """Answer the request from the cache."""

    stored: StoredHead
    """Whose body to take."""
    status: int
    headers: Headers
    pieces: tuple[Piece, ...] | None
    """The body as pieces (see `assemble`); None is the whole stored body."""
    age: int
    stale: bool
    cache_status: CacheStatus
    refresh: Refresh | None = None
    """To perform in the background, once however many hits ask for it."""


class GatewayTimeout(NamedTuple):
    """Answer 504: the caller wants only what is cached, and nothing suitable is."""

    cache_status: CacheStatus
    status: int = 504


class Effects(NamedTuple):
    """Say what else a response does to the cache; perform it before anything is stored."""

    remove: tuple[StoredHead, ...] = ()
    """Stored responses that are superseded or proved wrong."""
    urls: tuple[str, ...] = ()
    """Absolute URLs whose stored responses are invalid now."""
    groups: tuple[str, ...] = ()
    """Cache groups on the request's origin that are invalid now; see `in_groups`."""


class Store(NamedTuple):
    """Hand the response to the caller and store it: this head, with the body."""

    head: StoredHead
    cache_status: CacheStatus
    effects: Effects = Effects()
    replaces: tuple[StoredHead, ...] = ()
    """What gives way to it, once it is stored."""


class Update(NamedTuple):
    """Store this head with the body that belongs to `stored`; an empty key makes a new entry."""

    stored: StoredHead
    head: StoredHead


class Freshen(NamedTuple):
    """Write the updates, then serve; without `serve` the caller gets the response that came."""

    updates: tuple[Update, ...]
    serve: Serve | None
    cache_status: CacheStatus
    effects: Effects = Effects()


class Combine(NamedTuple):
    """Store this head with a body that is joined from the stored and the received one.

    Then serve, from the combined body; without `serve` the caller gets the response that came. If
    that is not complete (`is_complete`), join and store nothing, and perform `instead`; without it
    the caller gets the response that came.
    """

    stored: StoredHead
    before: slice
    """What of the stored body stands before the received one."""
    after: slice
    """What of the stored body stands after the received one."""
    head: StoredHead
    serve: Serve | None
    cache_status: CacheStatus
    effects: Effects = Effects()
    instead: Fetch | None = None

    def body(self, stored: bytes, received: bytes) -> bytes:
        """Return the combined body."""
        return stored[self.before] + received + stored[self.after]


class Discard(NamedTuple):
    """Hand the response to the caller and store nothing."""

    reason: str | None
    cache_status: CacheStatus
    effects: Effects = Effects()


class Retry(NamedTuple):
    """Drop the response and perform this fetch: what came answers our conditions wrongly."""

    fetch: Fetch


Decision = Serve | Fetch | GatewayTimeout
Outcome = Serve | Store | Freshen | Combine | Discard | Retry


def assemble(body: bytes, pieces: tuple[Piece, ...] | None) -> bytes:
    """Return the body that a `Serve` describes, made from the stored one."""
    if pieces is None:
        return body
    return b"".join(body[piece] if isinstance(piece, slice) else piece for piece in pieces)


def forwarded(request: RequestHead, fetch: Fetch) -> RequestHead:
    """Return the request to send."""
    return request._replace(headers=request.headers.replaced(fetch.set_fields))
