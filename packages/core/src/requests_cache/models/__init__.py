"""What is remembered of a request and its response."""

from __future__ import annotations

from .request import CachedRequest
from .response import CachedResponse, OriginalResponse

__all__ = ["CachedRequest", "CachedResponse", "OriginalResponse"]
