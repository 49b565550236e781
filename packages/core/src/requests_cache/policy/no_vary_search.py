"""Which parts of a query do not matter (No-Vary-Search, draft-ietf-httpbis-no-vary-search)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .fields import Headers
from .structured import Item, parse_dictionary
from .values import StoredHead


class SearchVariance(NamedTuple):
    """Say what of a query is compared; the default compares everything."""

    ignored: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    """If not None, these parameters alone are compared."""
    ordered: bool = True


EVERYTHING = SearchVariance()


def search_variance(headers: Headers) -> SearchVariance:
    """Read No-Vary-Search; whatever is not as specified means that the whole query matters."""
    field = headers.joined("no-vary-search")
    members = parse_dictionary(field) if field else None
    if not members:
        return EVERYTHING
    ordered = members.get("key-order", Item(False, {})).value
    params = members.get("params", Item(False, {})).value
    names = _names(params)
    if not isinstance(ordered, bool) or not (isinstance(params, bool) or names is not None):
        return EVERYTHING
    if "except" not in members:
        only = frozenset[str]() if params is True else None
        return SearchVariance(names or frozenset(), only, not ordered)
    only = _names(members["except"].value)
    if params is not True or only is None:
        return EVERYTHING
    return SearchVariance(frozenset(), only, not ordered)


def matches(stored: StoredHead, url: str) -> bool:
    """Say whether a response stored for one URL may answer for another."""
    variance = search_variance(stored.headers)
    here, there = _split(url), _split(stored.url)
    if here is None or there is None or here[0] != there[0]:
        return False
    return _compared(here[1], variance) == _compared(there[1], variance)


def without_search(url: str) -> str:
    """Return a URL without query and fragment: an index under which to find alternates."""
    return url.partition("#")[0].partition("?")[0]


def _names(value: object) -> frozenset[str] | None:
    if not isinstance(value, tuple):
        return None
    items: list[Item] = [item for item in value if isinstance(item, Item)]
    # A Token is a str as well, but the draft asks for strings.
    names = [str(item.value) for item in items if type(item.value) is str]
    return frozenset(names) if len(names) == len(value) else None


def _split(url: str) -> tuple[tuple[str, str, str], str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme.lower(), parts.netloc.lower(), parts.path or "/"), parts.query


def _compared(query: str, variance: SearchVariance) -> list[tuple[str, str]]:
    pairs = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if name not in variance.ignored and (variance.only is None or name in variance.only)
    ]
    # Equal names keep their order: only that of different names is free.
    return pairs if variance.ordered else sorted(pairs, key=lambda pair: pair[0])
