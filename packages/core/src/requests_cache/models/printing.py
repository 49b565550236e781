"""What a person reads of a response or a request when it is printed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from .. import clock
from .._matching.credentials import Redactor
from ..notebook import age_text, expiry_text, size_text

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["show_request", "show_response"]


class Printed(Protocol):
    """What is read of a response to print it."""

    status_code: int
    url: str
    request: Any
    revalidated: bool
    from_cache: bool
    _content: Any

    @property
    def size(self) -> int:
        """Bytes of the body."""

    @property
    def created_at(self) -> datetime | None:
        """When it was received, if it is stored."""

    @property
    def expires(self) -> datetime | None:
        """When it expires."""


def show_response(response: Printed) -> str:
    """Give one line: `<CachedResponse [200] GET https://… (hit, 270 B, ...)>`."""
    method = getattr(response.request, "method", None) or ""
    what = " ".join(filter(None, (method, Redactor().url(response.url or ""))))
    kind = type(response).__name__
    return f"<{kind} [{response.status_code}] {what} ({', '.join(_facts(response))})>"


def _facts(response: Printed) -> list[str]:
    facts = [_origin_of(response)]
    unread = not response.from_cache and response._content is False
    facts.append("body not read" if unread else size_text(response.size))
    if response.created_at is None:
        return facts
    now = clock.now()
    facts.append(f"{age_text(now - response.created_at.timestamp())} old")
    if response.expires is None:
        return [*facts, "never expires"]
    left = response.expires.timestamp() - now
    return [*facts, f"{'expires' if left > 0 else 'expired'} {expiry_text(left)}"]


def _origin_of(response: Printed) -> str:
    if response.revalidated:
        return "hit, revalidated"
    if response.from_cache:
        return "hit"
    return "miss, stored" if response.created_at is not None else "miss, not stored"


def show_request(request: PreparedRequest) -> str:
    """Give one line: `<CachedRequest GET https://…>`."""
    what = " ".join(filter(None, (request.method, Redactor().url(request.url or ""))))
    return f"<{type(request).__name__} {what}>"
