"""What an exchange asks of the session that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response
    from requests.cookies import RequestsCookieJar

    from ..backends.cache import BaseCache
    from ..settings import CacheSettings
    from .circuit_breaker import CircuitBreaker
    from .request_context import Options

__all__ = ["Host"]


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
