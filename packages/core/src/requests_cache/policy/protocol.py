"""What an exchange asks of the rules that it follows: a policy is a value, and performs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .decisions import Decision, Fetch, GatewayTimeout, Outcome, Serve
from .values import RequestHead, ResponseHead, Rules, StoredHead

__all__ = ["Policy"]


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
