"""Constants of earlier versions: what their settings were by default."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ALL_METHODS",
    "AUTH_HEADERS",
    "AUTH_PARAMS",
    "DEFAULT_CACHE_NAME",
    "DEFAULT_IGNORED_PARAMS",
    "DEFAULT_METHODS",
    "DEFAULT_STATUS_CODES",
]

ALL_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
DEFAULT_CACHE_NAME: Final = "http_cache"
DEFAULT_METHODS: Final = ("GET", "HEAD")
DEFAULT_STATUS_CODES: Final = (200,)
AUTH_HEADERS: Final = (
    "Authorization",
    "Proxy-Authorization",
    "X-API-Key",
    "X-Auth-Token",
    "X-API-Token",
    "X-Access-Token",
)
AUTH_PARAMS: Final = ("access_token", "api_key", "apikey")
DEFAULT_IGNORED_PARAMS: Final = AUTH_HEADERS + AUTH_PARAMS
"""What version 1 ignored unless told otherwise. Here such values are never stored in any case;
`ignored_parameters` that has them makes requests of different users the same request."""
