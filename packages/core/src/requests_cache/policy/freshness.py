"""What messages say of freshness, how old and how fresh a response is, and how long it is of use.

Cache-Control is RFC 9111, section 5.2. Directives that are repeated or contradict each other are
read in the most restrictive way, and an invalid argument restricts as well (section 4.2.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from math import floor
from typing import NamedTuple

from .fields import MAX_SECONDS, OWS, Headers, parse_date, parse_seconds, split_list, unquote
from .selection import date_value, has_validator
from .values import DEFAULT_RULES, Rules, StoredHead

# Directives

Arguments = dict[str, list[str | None]]


class ResponseDirectives(NamedTuple):
    """Hold what Cache-Control says in a response; None where a directive is absent.

    s-maxage and proxy-revalidate are not here, because they speak to shared caches only, nor is
    no-transform, which does not concern a cache that transforms nothing.
    """

    immutable: bool = False  # RFC 8246, section 2
    max_age: int | None = None  # RFC 9111, section 5.2.2.1
    must_revalidate: bool = False  # 5.2.2.2
    must_understand: bool = False  # 5.2.2.3
    no_cache: bool = False  # 5.2.2.4
    no_cache_fields: frozenset[str] = frozenset()
    no_store: bool = False  # 5.2.2.5
    private: bool = False  # 5.2.2.7
    public: bool = False  # 5.2.2.9
    stale_if_error: int | None = None  # RFC 5861, section 4
    stale_while_revalidate: int | None = None  # RFC 5861, section 3


class RequestDirectives(NamedTuple):
    """Hold what Cache-Control, or Pragma in its absence, says in a request."""

    max_age: int | None = None  # RFC 9111, section 5.2.1.1
    max_stale: int | None = None  # 5.2.1.2
    min_fresh: int | None = None  # 5.2.1.3
    no_cache: bool = False  # 5.2.1.4
    no_store: bool = False  # 5.2.1.5
    only_if_cached: bool = False  # 5.2.1.7
    stale_if_error: int | None = None  # RFC 5861, section 4


_ASKING = frozenset(("cache-control", "pragma"))
_NOTHING_ASKED = RequestDirectives()


def response_directives(headers: Headers) -> ResponseDirectives:
    """Read the Cache-Control of a response."""
    return _response_directives(headers.joined("cache-control") or "")


# A decision reads the same few fields again and again, and the next response says the same.
@lru_cache(64)
def _response_directives(text: str) -> ResponseDirectives:
    found = _collect(text)
    no_cache, fields = _fields(found, "no-cache")
    return ResponseDirectives(
        immutable="immutable" in found,
        max_age=_seconds(found, "max-age"),
        must_revalidate="must-revalidate" in found,
        must_understand="must-understand" in found,
        no_cache=no_cache,
        no_cache_fields=fields,
        no_store="no-store" in found,
        private="private" in found,
        public="public" in found,
        stale_if_error=_seconds(found, "stale-if-error"),
        stale_while_revalidate=_seconds(found, "stale-while-revalidate"),
    )


def request_directives(headers: Headers) -> RequestDirectives:
    """Read the Cache-Control of a request."""
    if not headers.has_any(_ASKING):
        return _NOTHING_ASKED
    text = headers.joined("cache-control")
    if text is None:
        # Pragma counts only where Cache-Control is absent (RFC 9111, section 5.4).
        pragma = split_list((headers.joined("pragma") or "").lower())
        return RequestDirectives(no_cache="no-cache" in pragma)
    found = _collect(text)
    return RequestDirectives(
        max_age=_seconds(found, "max-age"),
        max_stale=_seconds(found, "max-stale"),
        # A wish for freshness that cannot be read is one that nothing stored fulfils.
        min_fresh=_seconds(found, "min-fresh", invalid=MAX_SECONDS, strictest=max),
        no_cache="no-cache" in found,
        no_store="no-store" in found,
        only_if_cached="only-if-cached" in found,
        stale_if_error=_seconds(found, "stale-if-error"),
    )


def _collect(text: str) -> Arguments:
    found: Arguments = {}
    for member in split_list(text):
        name, equals, value = member.partition("=")
        directive = name.strip(OWS).lower()
        argument = value if equals else None
        if name != name.strip(OWS):
            # No white space is allowed around "=": what follows is no valid argument.
            argument = f" {value}"
        if argument is None and directive == "max-stale":
            # Without a number it is any number.
            argument = str(MAX_SECONDS)
        found.setdefault(directive, []).append(argument)
    return found


def _seconds(
    found: Arguments,
    name: str,
    *,
    invalid: int = 0,
    strictest: Callable[[list[int]], int] = min,
) -> int | None:
    if name not in found:
        return None
    parsed = [parse_seconds(None if text is None else unquote(text)) for text in found[name]]
    return strictest([invalid if number is None else number for number in parsed])


def _fields(found: Arguments, name: str) -> tuple[bool, frozenset[str]]:
    """Say whether the directive stands for the whole response, else for which fields."""
    arguments = [split_list(unquote(text or "")) for text in found.get(name, ())]
    if not all(arguments):
        return True, frozenset()
    return False, frozenset(field.lower() for fields in arguments for field in fields)


# RFC 9110, section 15: the final status codes whose caching requirements this policy implements.
# must-understand asks for that (RFC 9111, section 5.2.2.3).
_UNDERSTOOD_STATUSES = frozenset(
    (
        *range(200, 207),
        *(300, 301, 302, 303, 304, 305, 307, 308),
        *range(400, 418),
        *(421, 422, 426, 451),
        *(500, 501, 502, 503, 504, 505),
    ),
)


def forbids_storing(told: ResponseDirectives, status: int) -> str | None:
    """Return which directive forbids to store a response; must-understand lifts no-store.

    It does so for a status that we understand (RFC 9111, section 5.2.2.3).
    """
    if told.must_understand:
        return None if status in _UNDERSTOOD_STATUSES else "must-understand"
    return "no-store" if told.no_store else None


def may_be_reused(stored: StoredHead) -> bool:
    """Say whether a stored response may be used at all: not one that says `no-store`.

    Who stored it may follow other rules (RFC 9111, section 5.2.2.5).
    """
    return forbids_storing(response_directives(stored.headers), stored.status) is None


# Age and lifetime (RFC 9111, section 4.2)

# RFC 9110, section 15.1. A 206 is in its list too; `partial` says when one may be kept.
HEURISTIC_STATUSES = frozenset(
    (200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501),
)


def received_age(headers: Headers) -> int:
    """Return the Age that came with a response, 0 where there is none or none that is valid.

    Of a list the first member counts (RFC 9111, section 5.1).
    """
    field = headers.first("age")
    members = split_list(field) if field else ()
    return parse_seconds(members[0]) or 0 if members else 0


def initial_age(stored: StoredHead) -> float:
    """Return the age the response had when it arrived (corrected_initial_age)."""
    # A Date has whole seconds, so the rest of the second it was received in is no age.
    apparent = max(0.0, floor(stored.response_time) - date_value(stored))
    delay = max(0.0, stored.response_time - stored.request_time)
    return max(apparent, received_age(stored.headers) + delay)


def current_age(stored: StoredHead, now: float) -> float:
    """Return the age in seconds, which a clock that was set back never makes negative."""
    return initial_age(stored) + max(0.0, now - stored.response_time)


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


# What is made of a response, when it expires and how long it is kept ask one after the other.
_last: tuple[StoredHead, float, Rules, Freshness] | None = None


def measure(stored: StoredHead, now: float, rules: Rules) -> Freshness:
    """Measure a stored response at a moment; what was measured last is known."""
    global _last  # noqa: PLW0603  # changed in one step, so that threads need no lock
    last = _last
    if last is not None and last[0] is stored and last[1] == now and last[2] is rules:
        return last[3]
    told = response_directives(stored.headers)
    state = Freshness(lifetime(stored, told, rules), current_age(stored, now), told)
    _last = stored, now, rules, state
    return state


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
        seconds = _from_receipt(rules.lifetime, stored, rules.ends)
        return seconds, "expire_after for this request or URL"
    if stored.lifetime is not None:
        return _from_receipt(stored.lifetime, stored), "expire_after when it was stored"
    explicit = explicit_lifetime(stored, told)
    if explicit is not None:
        if told.max_age is not None:
            return explicit, "RFC 9111, section 5.2.2.1: max-age"
        return explicit, "RFC 9111, section 5.3: Expires"
    # Only there a lifetime of our own choice is allowed.
    if stored.status not in HEURISTIC_STATUSES and not told.public:
        return 0.0, "RFC 9111, section 4.2.2: no lifetime is said, and none may be guessed"
    heuristic = heuristic_lifetime(stored, rules) if rules.heuristics else None
    if heuristic is not None:
        return heuristic, "RFC 9111, section 4.2.2: a part of the time since Last-Modified"
    if rules.fallback is None:
        return 0.0, "RFC 9111, section 4.2.1: no lifetime is said"
    fallback = _from_receipt(rules.fallback, stored, rules.ends)
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


def _from_receipt(seconds: float, stored: StoredHead, ends: float | None = None) -> float:
    """Count a setting from when the response arrived, however old it was then.

    One that ends at a time ends then, whenever it is asked for.
    """
    if ends is not None:
        seconds = ends - stored.response_time
    return seconds + initial_age(stored) if seconds > 0 else 0.0


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
    return _within(state, refresh_window(state, rules))


def refresh_window(state: Freshness, rules: Rules) -> float:
    """Give for how many seconds a stale response may be used while it is refreshed."""
    return max(state.told.stale_while_revalidate or 0.0, rules.stale_while_revalidate or 0.0)


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


def expires_at(stored: StoredHead, rules: Rules = DEFAULT_RULES) -> float | None:
    """Return when a stored response becomes stale, in UNIX seconds; None is never."""
    return end_of(stored, measure(stored, stored.response_time, rules))


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
    return end_of(stored, state, max(window or 0.0 for window in windows))


def end_of(stored: StoredHead, state: Freshness, window: float = 0.0) -> float | None:
    """Return when a lifetime as it was measured at the receipt ends, and a window after it."""
    end = stored.response_time - state.staleness + window
    return None if math.isinf(end) else end
