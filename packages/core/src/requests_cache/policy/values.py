"""The values of the policy: what it is asked, and what it decides; all are immutable.

Before the network   Serve | Fetch | GatewayTimeout           from `decide`
After a response     Serve | Store | Freshen | Combine | Discard | Retry   from `after_response`
After an exception   Serve | None (let it through)            from `on_error`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from .cache_status import CacheStatus
from .fields import Field, Headers

Variant = tuple[tuple[str, str | None], ...]


class RequestHead(NamedTuple):
    """Describe the request to decide about."""

    method: str
    url: str
    headers: Headers = Headers()
    override: str = ""
    """The method that a field asks the server to take in place of this one."""


class ResponseHead(NamedTuple):
    """Describe a response that came from the network."""

    status: int
    headers: Headers = Headers()


class StoredHead(NamedTuple):
    """Describe a stored response, without its body.

    Times are UNIX seconds. The policy copies `key` and never reads it: it is the interpreter's
    handle, and empty in a head that has not been stored yet.
    """

    status: int
    headers: Headers
    method: str
    url: str
    request_time: float
    response_time: float
    variant: Variant = ()
    """The request fields that `Vary` names, as `vary.variant` wrote them down."""
    lifetime: float | None = None
    """The lifetime in seconds that a setting gave when the response was stored."""
    body_length: int | None = None
    """Octets of the body as transferred; None where slices of the body cannot be served."""
    alternate: bool = False
    """Found under another URL: by No-Vary-Search, or at the end of a redirect."""
    key: str = ""
    expires: float | None = None
    """When it expires by the time that it was stored for; None is never. RFC 9111 reads headers."""


class Rules(NamedTuple):
    """Hold the settings of one request. Lifetimes are seconds; `math.inf` is for ever."""

    lifetime: float | None = None
    """Overrides what the response says; 0 means validate at each use."""
    fallback: float | None = None
    """Used where the response gives neither a lifetime nor a hint for a heuristic one."""
    ends: float | None = None
    """When these two end, if a time was given: seconds since the epoch, whenever it was stored."""
    heuristics: bool = True
    heuristic_fraction: float = 0.1
    heuristic_limit: float = 7 * 86400.0
    stale_if_error: float | None = None
    stale_while_revalidate: float | None = None
    always_revalidate: bool = False
    """Validate before each use, except a fresh response that is `immutable`."""
    refresh: bool = False
    """Validate before this use, whatever is stored."""
    force_refresh: bool = False
    """Fetch unconditionally, whatever is stored."""
    only_if_cached: bool = False
    no_store: bool = False
    """Neither use nor fill the cache."""
    methods: frozenset[str] = frozenset(("GET", "HEAD"))
    """Naming an unsafe method declares that here it is safe to repeat."""
    statuses: frozenset[int] | None = None
    """Store these only; None for all that HTTP allows."""

    @property
    def asks_anew(self) -> bool:
        """Say whether the origin is asked before each use, whatever is stored."""
        return self.always_revalidate or self.refresh or self.force_refresh


DEFAULT_RULES = Rules()


# Decisions

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


# Policies


class Policy(Protocol):
    """The rules for one request: `Http` is RFC 9111, `Keep` keeps a response for a time.

    All times are seconds since the epoch.
    """

    @property
    def rules(self) -> Rules:
        """The settings that hold for the request."""

    @property
    def remembers_redirects(self) -> bool:
        """Whether a chain of redirects is one answer to its first request.

        If not, each redirect is a response of its own.
        """

    def method_of_key(self, method: str) -> str | None:
        """Give the method that a request is looked up and stored under; None for neither."""

    def bypass(self, request: RequestHead) -> Fetch | GatewayTimeout | None:
        """Say what to do with a request that the cache has no part in; None for any other."""

    def decide(self, request: RequestHead, stored: list[StoredHead], now: float) -> Decision:
        """Decide how to answer a request; `stored` is all that is stored under its key."""

    def after_response(
        self,
        request: RequestHead,
        response: ResponseHead,
        fetch: Fetch,
        request_time: float,
        response_time: float,
    ) -> Outcome:
        """Decide what a response to a `Fetch` does."""

    def on_error(
        self, request: RequestHead, fetch: Fetch, now: float, status: int | None = None
    ) -> Serve | None:
        """Decide what stands in for a failed fetch; None lets the failure through.

        `status` is that of the response, None after an exception.
        """

    def can_resume(self, head: StoredHead) -> bool:
        """Say whether the rest of a body can be joined to its beginning, if it breaks off."""

    def broken_off(self, head: StoredHead, received: int) -> StoredHead | None:
        """Give the head to store of so many octets of a body that broke off; None for nothing."""

    def standing(self, stored: StoredHead) -> float | None:
        """Give until when a stored response answers a plain request as it is; None for never.

        A plain request has no conditions, no Range and no Cache-Control of its own, and selects the
        response. Infinity is for ever.
        """

    def lingering(self, stored: StoredHead) -> float:
        """Give until when it answers a plain request after it has become stale.

        Each such answer leads to a refresh in the background. Minus infinity is never.
        """

    def serve(self, stored: StoredHead, now: float) -> Serve:
        """Answer a plain request with a stored response that may be used without waiting."""

    def expires_at(self, stored: StoredHead) -> float | None:
        """Give when a response that is being stored expires; None for never."""

    def grace(self, stored: Callable[[], StoredHead], wanted: float | None) -> float | None:
        """Give for how many seconds a store has to keep a response after it has expired.

        `stored` describes the response to who needs it; `wanted` is what the settings ask for. None
        is for ever.
        """
