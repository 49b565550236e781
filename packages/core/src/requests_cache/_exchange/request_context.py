"""What travels with a call from `request` to `send`: the caller's wishes, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, Protocol

from ..expiration import DO_NOT_CACHE, ExpirationTime, absolute_expiration, check_expiration

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response
    from requests.cookies import RequestsCookieJar

    from .._store.entry import Entry
    from ..backends.cache import BaseCache
    from ..settings import CacheSettings
    from .chain import Chain
    from .circuit_breaker import CircuitBreaker

CONTROLS: Final = frozenset(
    {
        *("cache-control", "pragma", "range"),
        *("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
    }
)
"""Header fields by which a request asks for an answer of its own (RFC 9110, sections 13.1 and 14.2;
RFC 9111, section 5.2.1)."""


class Options(NamedTuple):
    """What a caller asked of the cache for one request."""

    expire_after: ExpirationTime = None
    only_if_cached: bool = False
    refresh: bool = False
    force_refresh: bool = False
    given: bool = False
    """Whether `expire_after` was given; None is a value of its own."""


class Lifetime(NamedTuple):
    """The value of `expire_after` that holds for a request."""

    value: ExpirationTime
    is_specific: bool
    """Whether it was given for this request or URL, and not for the whole session."""

    @classmethod
    def of(cls, url: str, settings: CacheSettings, options: Options) -> Lifetime:
        """Find the value that holds for a request."""
        if options.given:
            return cls(options.expire_after, True)
        if settings.urls_expire_after:
            value = settings.url_rules.match(url)
            if value is not None:
                return cls(value, True)
        return cls(settings.expire_after, False)

    @property
    def is_cached(self) -> bool:
        """Say whether the cache is used at all."""
        return self.value != DO_NOT_CACHE

    def expires(self, now: float) -> float | None:
        """Give the time of expiry; None for never."""
        return absolute_expiration(self.value, now)


class RequestContext(NamedTuple):
    """A call on its way from `request` to `send`, and to the requests of its redirects."""

    options: Options
    stream: bool | None = None
    """Whether the caller reads the body; None until the first request is sent."""
    owner: object = None
    """The session that was called."""
    since: int | None = None
    """What `CircuitBreaker.begin` gave when its first request was sent."""
    chain: Chain | None = None
    """What its hops say of who is asking; None until the first one."""


class Lookup(NamedTuple):
    """What a look into the store has found for a plain call; an exchange goes on from it."""

    key: str
    entry: Entry | None
    alias: Entry | None
    """The redirect from the key, if there is no entry."""
    since: int
    """What `single_flight.landings` was before."""
    make_request: Callable[[str], PreparedRequest]
    """Makes the request that belongs to the key, whatever the session is by then."""
    opened: tuple[Entry, BinaryIO] | None = None
    """What is found for a caller who reads the body himself."""
    beside: str | None = None
    """The key among the redirects where `alias` lies, if it is not that of the response."""
    says_nothing: bool = False
    """Whether it is known that the request says nothing of who is asking."""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was found."""
        return self.entry is None and self.alias is None and self.opened is None


NO_OPTIONS: Final = Options()


def options_of(
    expire_after: ExpirationTime, only_if_cached: bool, refresh: bool, force_refresh: bool
) -> Options:
    """Give what the arguments of a request ask for: `NO_OPTIONS` itself, if that is nothing.

    Raises:
        ConfigurationError: `expire_after` is no time, or a flag is not True or False.
    """
    if expire_after is None and not (only_if_cached or refresh or force_refresh):
        return NO_OPTIONS
    check_expiration(expire_after)
    flags = (only_if_cached, refresh, force_refresh)
    if not all(flag is True or flag is False for flag in flags):
        # Imported for what is wrong: an import is part of a cold start.
        from ..option_types import OF_REQUESTS, check_options

        check_options(dict(zip(OF_REQUESTS, flags, strict=True)), OF_REQUESTS)
    given = expire_after is not None
    return Options(expire_after, only_if_cached, refresh, force_refresh, given)


# What an exchange asks of the session that it belongs to


class Host(Protocol):
    """A session, as an exchange sees it."""

    cache: BaseCache
    settings: CacheSettings
    breaker: CircuitBreaker
    cookies: RequestsCookieJar
    auth: Any
    verify: Any
    cert: Any
    stream: bool
    proxies: Any
    trust_env: bool
    partition: str | None
    is_for_one_call: bool

    def get_adapter(self, url: str) -> Any:
        """Give what sends requests for a URL."""

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Make of a request what is sent, with what the session adds to each."""

    def send_to_origin(self, request: PreparedRequest, send_kwargs: dict[str, Any]) -> Response:
        """Send a request past the cache; its body is not read yet."""

    def refresh_in_background(self, key: str, fetch: Callable[[], object], url: str) -> None:
        """Refresh a stored response in a thread; one at a time for each key."""

    def refresh_known(
        self,
        make_request: Callable[[], PreparedRequest],
        key: str,
        options: Options,
        kwargs: dict[str, Any],
        *,
        is_sent: bool,
    ) -> Response | None:
        """Refresh in this thread what the fast path has given stale."""

    def resolve_redirects(self, resp: Response, req: PreparedRequest, **kwargs: Any) -> Any:
        """Follow redirects, as `requests.Session` does."""
