"""Cache-Control of requests and responses (RFC 9111, section 5.2).

Directives that are repeated or contradict each other are read in the most restrictive way, and
an invalid argument restricts as well (section 4.2.1).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .fields import MAX_SECONDS, OWS, Headers, parse_seconds, split_list, unquote
from .values import StoredHead

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


if not TYPE_CHECKING:  # else every name could be imported

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .._earlier.names import find

        return find(__name__, name)
