"""What is remembered of a request and its response; each is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _door

if TYPE_CHECKING:
    from collections.abc import Callable

    from .request import CachedRequest
    from .response import CachedResponse, OriginalResponse

__all__ = ["CachedRequest", "CachedResponse", "OriginalResponse"]

__getattr__: Callable[[str], Any] = _door(
    __name__,
    {"CachedRequest": "request", "CachedResponse": "response", "OriginalResponse": "response"},
)
