"""How old a stored response is (RFC 9111, section 4.2.3)."""

from __future__ import annotations

from math import floor

from .dates import parse_date
from .fields import parse_seconds, split_list
from .values import Headers, StoredHead


def received_age(headers: Headers) -> int:
    """Return the Age that came with a response, 0 where there is none or none that is valid.

    Of a list the first member counts (RFC 9111, section 5.1).
    """
    field = headers.first("age")
    members = split_list(field) if field else ()
    return parse_seconds(members[0]) or 0 if members else 0


def date_value(stored: StoredHead) -> float:
    """Return when the origin made the response: its Date, else when it arrived.

    RFC 9110, section 6.6.1. Of several Date lines the first counts.
    """
    date = parse_date(stored.headers.first("date") or "", stored.response_time)
    return stored.response_time if date is None else date


def initial_age(stored: StoredHead) -> float:
    """Return the age the response had when it arrived (corrected_initial_age)."""
    # A Date has whole seconds, so the rest of the second it was received in is no age.
    apparent = max(0.0, floor(stored.response_time) - date_value(stored))
    delay = max(0.0, stored.response_time - stored.request_time)
    return max(apparent, received_age(stored.headers) + delay)


def current_age(stored: StoredHead, now: float) -> float:
    """Return the age in seconds, which a clock that was set back never makes negative."""
    return initial_age(stored) + max(0.0, now - stored.response_time)
