"""Until when a stored response is of use, for stores that drop what has expired."""

from __future__ import annotations

import math

from .freshness import Freshness, measure
from .validators import has_validator
from .values import DEFAULT_RULES, Rules, StoredHead


def expires_at(stored: StoredHead, rules: Rules = DEFAULT_RULES) -> float | None:
    """Return when a stored response becomes stale, in UNIX seconds; None is never."""
    return _end(stored, measure(stored, stored.response_time, rules), 0.0)


def kept_until(stored: StoredHead, rules: Rules = DEFAULT_RULES) -> float | None:
    """Return until when a store must keep a response at least; None has no limit.

    A validator keeps it useful for ever. Without one, what remains after the lifetime is the time
    for which it may be served stale (RFC 5861). `max-stale` of later requests cannot be known.
    """
    if has_validator(stored.headers, stored.response_time):
        return None
    state = measure(stored, stored.response_time, rules)
    windows = (
        state.told.stale_while_revalidate,
        state.told.stale_if_error,
        rules.stale_while_revalidate,
        rules.stale_if_error,
    )
    return _end(stored, state, max(window or 0.0 for window in windows))


def _end(stored: StoredHead, state: Freshness, window: float) -> float | None:
    end = stored.response_time - state.staleness + window
    return None if math.isinf(end) else end
