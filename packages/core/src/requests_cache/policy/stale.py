"""Serving stale responses while refreshing and on errors (RFC 5861; RFC 9111, section 4.2.4)."""

from __future__ import annotations

from .directives import RequestDirectives
from .freshness import Freshness
from .values import Rules


def is_error(status: int) -> bool:
    """Say whether a status counts as the server's failure (RFC 9111, section 4.3.3).

    429 says that it does not answer now, whoever asks for what (RFC 6585, section 4).
    """
    return status >= 500 or status == 429


def may_refresh_later(state: Freshness, asked: RequestDirectives, rules: Rules) -> bool:
    """Allow a stale response now and a refresh in the background (RFC 5861, section 3).

    A caller who limits the age does not want stale responses (RFC 9111, section 5.2.1.1).
    """
    if asked.max_age is not None:
        return False
    return _within(state, state.told.stale_while_revalidate, rules.stale_while_revalidate)


def may_serve_on_error(state: Freshness, asked: RequestDirectives, rules: Rules) -> bool:
    """Allow a stored response in place of an error (RFC 5861, section 4).

    The widest window of response, request and settings counts. must-revalidate and no-cache of
    the response forbid it; a caller who insisted on validation must allow it himself.
    """
    if state.told.must_revalidate or state.told.no_cache:
        return False
    insists = asked.no_cache or rules.refresh or rules.force_refresh
    granted = None if insists else state.told.stale_if_error
    return _within(state, granted, asked.stale_if_error, rules.stale_if_error)


def _within(state: Freshness, *windows: float | None) -> bool:
    return any(window and state.staleness <= window for window in windows)
