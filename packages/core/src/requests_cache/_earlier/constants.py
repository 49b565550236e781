"""Constants of earlier versions: the defaults of their settings, and which backends there are."""

from __future__ import annotations

from typing import Any, Final

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


def __getattr__(name: str) -> Any:
    """Give `BACKEND_CLASSES`: the caches of the backends that are installed, imported for it."""
    if name != "BACKEND_CLASSES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..backends.registry import available, find_cache

    globals()[name] = {backend.name: find_cache(backend.name) for backend in available()}
    return globals()[name]
