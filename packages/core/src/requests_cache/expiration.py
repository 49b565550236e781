"""When a response expires: the values that `expire_after` takes, and what they mean."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fnmatch import translate
from math import inf
from typing import Final, TypeAlias

from .errors import ConfigurationError

__all__ = [
    "DO_NOT_CACHE",
    "EXPIRE_IMMEDIATELY",
    "NEVER_EXPIRE",
    "VALIDATION_GRACE",
    "ExpirationPattern",
    "ExpirationPatterns",
    "ExpirationTime",
    "UrlExpiration",
    "absolute_expiration",
    "check_expiration",
    "end_of_keeping",
    "from_timestamp",
    "relative_seconds",
]

NEVER_EXPIRE: Final = -1
"""Keep until deleted."""

EXPIRE_IMMEDIATELY: Final = 0
"""Store, and validate at every use; a response without a validator is not stored."""

DO_NOT_CACHE: Final = 0x0D0E0200020704
"""Neither read nor write the cache. (The number is the one that requests-cache 1.x uses.)"""

VALIDATION_GRACE: Final = 86400.0
"""For how many seconds an expired response is kept, so that it can still be validated."""

ExpirationTime: TypeAlias = None | int | float | str | datetime | timedelta
ExpirationPattern: TypeAlias = str | re.Pattern[str]
ExpirationPatterns: TypeAlias = Mapping[ExpirationPattern, ExpirationTime]

# datetime's last representable second; what lies beyond it is "never" for every practical purpose.
_LAST_SECOND: Final = 253402300799.0


def absolute_expiration(value: ExpirationTime, now: float) -> float | None:
    """Turn a value of `expire_after` into seconds since the epoch; None means never.

    Args:
        value: a number of seconds or a timedelta, from `now` on; an HTTP date (RFC 9110, 5.6.7),
            which is in UTC; a datetime, which without a time zone is local time.
        now: seconds since the epoch.

    Raises:
        ConfigurationError: the value is of no such form.
    """
    if value is None or value == NEVER_EXPIRE:
        return None
    if isinstance(value, str | datetime):
        return _seconds_of(_parse_date(value) if isinstance(value, str) else value)
    expires = now + relative_seconds(value)
    return expires if expires < _LAST_SECOND else None


def relative_seconds(value: object, option: str = "expire_after") -> float:
    """Turn a duration (seconds or timedelta) into seconds.

    Args:
        value: the duration.
        option: what the caller knows it as.

    Raises:
        ConfigurationError: it is no duration, or a negative one.
    """
    expiry = option == "expire_after"
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    # Not a number is not equal to itself.
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds != seconds:  # noqa: PLR0124
        forms = ", a timedelta, a datetime or an HTTP date" if expiry else " or a timedelta"
        raise ConfigurationError(f"{option}={value!r}: give seconds{forms}")
    if seconds < 0:
        advice = (
            " lies in the past: use 0 to expire at once,"
            " NEVER_EXPIRE (-1) to keep, DO_NOT_CACHE not to store"
        )
        raise ConfigurationError(f"{option}={value!r}{advice if expiry else ' is negative'}")
    # An integer may be too large to be a float.
    return float(seconds) if seconds <= _LAST_SECOND else inf


def check_expiration(value: ExpirationTime) -> None:
    """Raise ConfigurationError now if `value` could not be used later; warn of a zone not said."""
    seconds = absolute_expiration(value, 0.0)
    if isinstance(value, datetime) and value.tzinfo is None:
        told = from_timestamp(seconds)
        warnings.warn(
            f"expire_after={value!r} has no time zone: it is taken as local time, {told} in UTC;"
            " give it a tzinfo, such as datetime.UTC",
            UserWarning,
            stacklevel=2,
        )


def _seconds_of(moment: datetime) -> float:
    try:
        return moment.timestamp()
    except (OverflowError, ValueError, OSError):
        # What is local time in the first or the last year may be in none in UTC.
        return moment.replace(tzinfo=UTC).timestamp()


def _parse_date(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except ValueError as error:
        raise ConfigurationError(
            f"expire_after={text!r} is not an HTTP date such as 'Sun, 06 Nov 1994 08:49:37 GMT':"
            " give seconds, a timedelta, a datetime or such a date"
        ) from error


def from_timestamp(seconds: float | None) -> datetime | None:
    """Give an aware UTC datetime for seconds since the epoch."""
    return None if seconds is None else datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


class UrlExpiration:
    """The expiration of URLs by pattern; the first pattern that matches wins.

    A string is a glob that is matched against the URL without its scheme, and matches any longer
    path too (`site.com/a` matches `https://site.com/a/b?c`). A compiled pattern is searched for
    in the whole URL.
    """

    __slots__ = ("_rules",)

    def __init__(self, patterns: Mapping[str | re.Pattern[str], ExpirationTime]) -> None:
        self._rules: list[tuple[re.Pattern[str], bool, ExpirationTime]] = []
        for pattern, value in patterns.items():
            _check_rule(pattern, value)
            is_glob = isinstance(pattern, str)
            self._rules.append((_compile(pattern), is_glob, value))

    def match(self, url: str) -> ExpirationTime:
        """Give the value of the first pattern that matches `url`; None says nothing."""
        without_scheme = url.partition("://")[2] or url
        for pattern, is_glob, value in self._rules:
            if pattern.match(without_scheme) if is_glob else pattern.search(url):
                return value
        return None


def _check_rule(pattern: object, value: ExpirationTime) -> None:
    try:
        check_expiration(value)
    except ConfigurationError as error:
        shown = getattr(pattern, "pattern", pattern)
        raise ConfigurationError(f"urls_expire_after, pattern {shown!r}: {error}") from error


def _compile(pattern: object) -> re.Pattern[str]:
    if isinstance(pattern, re.Pattern):
        return pattern
    if not isinstance(pattern, str):
        raise ConfigurationError(
            f"urls_expire_after: {pattern!r} is neither a glob (str) nor a compiled pattern"
        )
    return re.compile(translate((pattern.partition("://")[2] or pattern).rstrip("*") + "*"))


def end_of_keeping(expires: float | None, grace: float | None) -> float | None:
    """Give until when something is kept that is wanted for so long after it has expired.

    Args:
        expires: when it expires, in seconds since the epoch; None for never.
        grace: how many seconds longer it is wanted; None for ever.
    """
    return None if expires is None or grace is None else expires + grace
