"""What a person reads of a response or a request when it is printed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from .. import clock
from .._matching.credentials import Redactor

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["show_request", "show_response", "show_size"]

_UNITS = ("bytes", "KiB", "MiB", "GiB")
_STEPS = ((86400, "d"), (3600, "h"), (60, "min"))


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
    """Give one line: `<CachedResponse [200] GET https://… (hit, 270 bytes, ...)>`."""
    method = getattr(response.request, "method", None) or ""
    what = " ".join(filter(None, (method, Redactor().url(response.url or ""))))
    kind = type(response).__name__
    return f"<{kind} [{response.status_code}] {what} ({', '.join(_facts(response))})>"


def _facts(response: Printed) -> list[str]:
    facts = [_origin_of(response)]
    unread = not response.from_cache and response._content is False
    facts.append("body not read" if unread else show_size(response.size))
    if response.created_at is None:
        return facts
    now = clock.now()
    facts.append(f"{_show_time(now - response.created_at.timestamp())} old")
    if response.expires is None:
        return [*facts, "never expires"]
    left = response.expires.timestamp() - now
    return [
        *facts,
        f"expires in {_show_time(left)}" if left > 0 else f"expired {_show_time(-left)} ago",
    ]


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


def show_size(size: float) -> str:
    """Give a number of bytes as a person reads it."""
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"


def _show_time(seconds: float) -> str:
    for length, unit in _STEPS:
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
