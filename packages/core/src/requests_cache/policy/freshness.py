"""How long a stored response may be used without asking (RFC 9111, section 4.2)."""

from __future__ import annotations

from typing import NamedTuple

from .age import current_age, date_value, initial_age
from .dates import parse_date
from .directives import ResponseDirectives, response_directives
from .tables import HEURISTIC_STATUSES
from .values import Rules, StoredHead


class Freshness(NamedTuple):
    """Hold the lifetime and the age of a stored response, in seconds, and its directives."""

    lifetime: float
    age: float
    told: ResponseDirectives

    @property
    def fresh(self) -> bool:
        """Say whether the lifetime is longer than the age."""
        return self.lifetime > self.age

    @property
    def staleness(self) -> float:
        """Return for how many seconds the response has been stale; negative while fresh."""
        return self.age - self.lifetime


def measure(stored: StoredHead, now: float, rules: Rules) -> Freshness:
    """Measure a stored response at a moment."""
    told = response_directives(stored.headers)
    return Freshness(lifetime(stored, told, rules), current_age(stored, now), told)


def lifetime(stored: StoredHead, told: ResponseDirectives, rules: Rules) -> float:
    """Return the freshness lifetime in seconds; see `lifetime_and_rule`."""
    return lifetime_and_rule(stored, told, rules)[0]


def lifetime_and_rule(
    stored: StoredHead, told: ResponseDirectives, rules: Rules
) -> tuple[float, str]:
    """Return the freshness lifetime in seconds, and which rule it is from.

    In this order: the setting of this request, the setting that was in force when the response was
    stored, what the response says, a heuristic, the fallback of the session.
    """
    if rules.lifetime is not None:
        return _from_receipt(rules.lifetime, stored), "expire_after for this request or URL"
    if stored.lifetime is not None:
        return _from_receipt(stored.lifetime, stored), "expire_after when it was stored"
    explicit = explicit_lifetime(stored, told)
    if explicit is not None:
        if told.max_age is not None:
            return explicit, "RFC 9111, section 5.2.2.1: max-age"
        return explicit, "RFC 9111, section 5.3: Expires"
    if not _may_guess(stored, told):
        return 0.0, "RFC 9111, section 4.2.2: no lifetime is said, and none may be guessed"
    heuristic = heuristic_lifetime(stored, rules) if rules.heuristics else None
    if heuristic is not None:
        return heuristic, "RFC 9111, section 4.2.2: a part of the time since Last-Modified"
    if rules.fallback is None:
        return 0.0, "RFC 9111, section 4.2.1: no lifetime is said"
    fallback = _from_receipt(rules.fallback, stored)
    return fallback, "expire_after of the session, for no lifetime is said"


def explicit_lifetime(stored: StoredHead, told: ResponseDirectives) -> float | None:
    """Return the lifetime that the response states, None where it states none (section 4.2.1).

    s-maxage is for shared caches. Of several Expires the earliest counts, and one that is
    no date lies in the past (section 5.3).
    """
    if told.max_age is not None:
        return float(told.max_age)
    lines = stored.headers.lines("expires")
    if not lines:
        return None
    dates = [parse_date(line, stored.response_time) for line in lines]
    created = date_value(stored)
    return max(0.0, min(0.0 if date is None else date - created for date in dates))


def heuristic_lifetime(stored: StoredHead, rules: Rules) -> float | None:
    """Return a share of the time since the last modification, None if that is unknown.

    RFC 9111, section 4.2.2, whose example is a tenth.
    """
    modified = parse_date(stored.headers.first("last-modified") or "", stored.response_time)
    if modified is None:
        return None
    unchanged = max(0.0, date_value(stored) - modified)
    return min(unchanged * rules.heuristic_fraction, rules.heuristic_limit)


def _may_guess(stored: StoredHead, told: ResponseDirectives) -> bool:
    """Allow a lifetime of our own choice only where section 4.2.2 does."""
    return stored.status in HEURISTIC_STATUSES or told.public


def _from_receipt(seconds: float, stored: StoredHead) -> float:
    """Count a setting from when the response arrived, however old it was then."""
    return seconds + initial_age(stored) if seconds > 0 else 0.0
