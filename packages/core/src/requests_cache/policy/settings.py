"""The settings of a session, at the place where version 1 had them."""

from __future__ import annotations

from .._earlier.constants import (
    ALL_METHODS,
    AUTH_HEADERS,
    AUTH_PARAMS,
    DEFAULT_CACHE_NAME,
    DEFAULT_IGNORED_PARAMS,
    DEFAULT_METHODS,
    DEFAULT_STATUS_CODES,
)
from ..settings import CacheSettings

__all__ = [
    "ALL_METHODS",
    "AUTH_HEADERS",
    "AUTH_PARAMS",
    "DEFAULT_CACHE_NAME",
    "DEFAULT_IGNORED_PARAMS",
    "DEFAULT_METHODS",
    "DEFAULT_STATUS_CODES",
    "CacheSettings",
]
