"""Lifetimes as functions, by the names that version 1 gave them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from .. import clock
from ..errors import ConfigurationError
from ..expiration import (
    DO_NOT_CACHE,
    EXPIRE_IMMEDIATELY,
    NEVER_EXPIRE,
    ExpirationTime,
    UrlExpiration,
    absolute_expiration,
    from_timestamp,
)

if TYPE_CHECKING:
    from ..expiration import ExpirationPatterns

__all__ = [
    "DO_NOT_CACHE",
    "EXPIRE_IMMEDIATELY",
    "NEVER_EXPIRE",
    "ExpirationTime",
    "add_tzinfo",
    "get_expiration_datetime",
    "get_expiration_seconds",
    "get_url_expiration",
    "utcnow",
]


def get_expiration_datetime(
    expire_after: ExpirationTime,
    start_time: datetime | None = None,
    negative_delta: bool = False,
    ignore_invalid_httpdate: bool = False,
) -> datetime | None:
    """Give when something expires, in UTC; None for never.

    Args:
        expire_after: a lifetime in any form.
        start_time: what a duration counts from; by default now.
        negative_delta: count back from there.
        ignore_invalid_httpdate: take text that is no date for no lifetime.

    Raises:
        ConfigurationError: it is no lifetime.
    """
    start = clock.now() if start_time is None else start_time.timestamp()
    if expire_after is None or expire_after in (NEVER_EXPIRE, DO_NOT_CACHE):
        return None
    if negative_delta and isinstance(expire_after, int | float | timedelta):
        return from_timestamp(2 * start - (absolute_expiration(expire_after, start) or start))
    try:
        return from_timestamp(absolute_expiration(expire_after, start))
    except ConfigurationError:
        if ignore_invalid_httpdate and isinstance(expire_after, str):
            return None
        raise


def get_expiration_seconds(expire_after: ExpirationTime) -> int:
    """Give a lifetime in whole seconds from now, rounded up; -1 for never."""
    expires = get_expiration_datetime(expire_after)
    return NEVER_EXPIRE if expires is None else ceil(expires.timestamp() - clock.now())


def get_url_expiration(
    url: str | None, urls_expire_after: ExpirationPatterns | None = None
) -> ExpirationTime:
    """Give the lifetime of the first pattern that matches a URL; None if none does.

    Args:
        url: the URL, with its scheme.
        urls_expire_after: lifetimes by pattern, as the option of a session takes them.
    """
    return UrlExpiration(urls_expire_after or {}).match(url) if url else None


def add_tzinfo(dt: datetime | None) -> datetime | None:
    """Give a time without a zone the zone UTC."""
    return dt.replace(tzinfo=UTC) if dt is not None and dt.tzinfo is None else dt


def utcnow() -> datetime:
    """Give the time, in UTC and with its zone."""
    return datetime.fromtimestamp(clock.now(), UTC)
