"""What is remembered of a request and its response; each is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .request import CachedRequest
    from .response import CachedResponse, OriginalResponse

__all__ = ["CachedRequest", "CachedResponse", "OriginalResponse"]

_MODULES = {
    "CachedRequest": "request",
    "CachedResponse": "response",
    "OriginalResponse": "response",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        from .._earlier.names import find

        return find(__name__, name)
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
