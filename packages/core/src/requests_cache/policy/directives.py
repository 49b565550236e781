"""Cache-Control of requests and responses (RFC 9111, section 5.2), as `freshness` reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _door
from .freshness import (
    RequestDirectives,
    ResponseDirectives,
    request_directives,
    response_directives,
)

__all__ = ["RequestDirectives", "ResponseDirectives", "request_directives", "response_directives"]

if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
