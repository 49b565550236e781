"""Put a cache into the page: its totals, its rows, and what is shown of some of its bodies."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from heapq import nlargest
from html import escape
from importlib.resources import files
from itertools import islice
from typing import IO, Any, Final

from requests_cache import clock
from requests_cache.backends import BaseCache
from requests_cache.backends.kept_statistics import KeptStatistics
from requests_cache.backends.views import media_type, row_of
from requests_cache.errors import CacheError
from requests_cache.models.record import Record
from requests_cache.models.response import CachedResponse
from requests_cache.notebook import age_text, size_text

from ..output import number_of
from ..totals import Group, Rate, Totals, count_up, rates_of, said_of

_MOST_IN_CARD: Final = 8
_LONGEST_TEXT: Final = 4000
_LARGEST_IMAGE: Final = 200_000
_LARGEST_READ: Final = 4_000_000
# A browser draws these in <img>, where even an SVG runs no script.
_IMAGES: Final = frozenset(
    {"image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/svg+xml"}
    | {"image/webp", "image/x-icon", "image/vnd.microsoft.icon"}
)
_TEXTS: Final = ("text/", "application/json", "application/xml", "application/javascript")


def write_page(
    cache: BaseCache,
    heads: Iterable[CachedResponse],
    file: IO[str],
    *,
    title: str,
    details: int,
    progress: Callable[[int, int], object] | None = None,
) -> int:
    """Write the page; give how many responses are in it.

    For `details` of them, the newest ones, header fields and the beginning of the body are in it.
    """
    found = list(heads)
    totals = count_up(cache, found, cache.redirect_count(), 0)
    newest = nlargest(details, found, key=lambda each: each.record.created)
    shown = dict(_details(cache, newest, progress))
    kept = cache.kept_statistics()
    texts = {name: _text(name) for name in ("template.html", "style.css", "script.js")}
    parts = {
        "policy": _policy(texts["script.js"], texts["style.css"]),
        "title": escape(title),
        "style": texts["style.css"],
        "script": texts["script.js"],
        "data": _embed(_data(found, totals, shown, kept)),
    }
    page = texts["template.html"]
    pieces = page.split("@")
    for piece in pieces:
        file.write(parts.get(piece, piece))
    return len(found)


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _policy(script: str, style: str) -> str:
    """Give the content security policy: our script, our style, pictures that are in the page."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _embed(value: object) -> str:
    """Write JSON that cannot end the element that it stands in."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(
    found: list[CachedResponse],
    totals: Totals,
    details: dict[str, dict[str, Any]],
    kept: KeptStatistics,
) -> dict[str, Any]:
    types: dict[str, int] = {}
    return {
        "now": clock.now(),
        "summary": "; ".join(filter(None, (_summary(totals), said_of(kept)))),
        "cards": [*_cards(found, totals), *_card_of(rates_of(kept))],
        "rows": list(_rows(found, types, details)),
        "types": list(types),
    }


def _rows(
    found: Iterable[CachedResponse], types: dict[str, int], details: dict[str, dict[str, Any]]
) -> Iterator[list[Any]]:
    for each in found:
        try:
            row = row_of(each)
        except CacheError:
            continue
        number = types.setdefault(row["content_type"], len(types))
        line = [row["url"], row["method"], row["status"], number, row["size"]]
        line += [each.record.created, each.expires_at, row["key"]]
        if row["key"] in details:
            line.append(details[row["key"]])
        yield line


def _summary(totals: Totals) -> str:
    if not totals.responses:
        return "no responses"
    return (
        f"{number_of(totals.responses, 'response')}, {size_text(totals.size)} of bodies,"
        f" {totals.expired} expired, {totals.never} never expire, {totals.redirects} redirects;"
        f" received between {age_text(totals.oldest or 0)} and {age_text(totals.newest or 0)} ago"
    )


def _cards(found: list[CachedResponse], totals: Totals) -> Iterator[tuple[str, list[Any]]]:
    records = [each.record for each in found]
    groups = {
        "Hosts": totals.hosts,
        "Status": totals.statuses,
        "Types": totals.types,
        "Received": totals.ages,
        "Expiry": expiry_groups(records, clock.now()),
        "Sizes": size_groups(records),
    }
    for title, counted in groups.items():
        yield title, _card(counted)


def _card_of(rates: list[Rate]) -> Iterator[tuple[str, list[Any]]]:
    """Give the hit rates as one more card, the newest first."""
    newest = rates[: -_MOST_IN_CARD - 1 : -1]
    if newest:
        yield (
            "Hits",
            [(f"{each.when}: {each.hits:.0%}", each.requests, each.saved) for each in newest],
        )


def _card(groups: dict[str, Group]) -> list[tuple[str, int, int]]:
    lines = [(name, *group) for name, group in islice(groups.items(), _MOST_IN_CARD)]
    rest = list(groups.values())[_MOST_IN_CARD:]
    if rest:
        counts, sizes = sum(each.responses for each in rest), sum(each.size for each in rest)
        lines.append((f"{len(rest)} others", counts, sizes))
    return lines


def _details(
    cache: BaseCache,
    heads: list[CachedResponse],
    progress: Callable[[int, int], object] | None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    from requests_cache.backends.views import watched

    field = cache.matching.redactor.field
    for head in heads if progress is None else watched(heads, len(heads), progress):
        key = head.cache_key or ""
        try:
            fields = head.record.fields
            yield (
                key,
                {
                    "reason": fields["reason"] or "",
                    "headers": [(name, field(name, text)) for name, text in fields["headers"]],
                    "request": fields["request"]["headers"],
                    **_body(cache, key, head),
                },
            )
        except (CacheError, LookupError, TypeError, AttributeError):
            continue


def _body(cache: BaseCache, key: str, head: CachedResponse) -> dict[str, Any]:
    kind, size = media_type(head.record), head.record.size
    nothing = {"image": None, "text": None, "html": False, "cut": False, "why": ""}
    if not size:
        return {**nothing, "why": "There is no body."}
    is_text = kind.startswith(_TEXTS) or kind.endswith(("+json", "+xml")) or not kind
    if size > (_LARGEST_IMAGE if kind in _IMAGES else _LARGEST_READ):
        return {**nothing, "why": f"A body of {size_text(size)} is not in this page."}
    if not (is_text or kind in _IMAGES):
        return {**nothing, "why": f"A body of type {kind} is not shown."}
    response = cache.read_response(key)
    content = b"" if response is None else response.content
    if kind in _IMAGES:
        return {**nothing, "image": f"data:{kind};base64,{b64encode(content).decode('ascii')}"}
    text = content[: 4 * _LONGEST_TEXT].decode(_encoding(response), "replace")
    return {
        **nothing,
        "text": text[:_LONGEST_TEXT],
        "cut": len(text) > _LONGEST_TEXT,
        "html": kind in {"text/html", "application/xhtml+xml"},
    }


def _encoding(response: CachedResponse | None) -> str:
    from codecs import lookup

    try:
        return lookup((response and response.encoding) or "utf-8").name
    except LookupError:
        return "utf-8"


# How expiry and size are spread over the responses

_NEVER: Final = float("inf")
_EXPIRY: Final = (
    ("more than a day ago", -86400),
    ("within the last day", 0),
    ("in the next hour", 3600),
    ("in the next day", 86400),
    ("in the next week", 604800),
    ("in the next month", 2592000),
)
_SIZES: Final = (
    ("empty", 1),
    ("to 1 kB", 1_000),
    ("to 10 kB", 10_000),
    ("to 100 kB", 100_000),
    ("to 1 MB", 1_000_000),
    ("to 10 MB", 10_000_000),
)


def expiry_groups(records: Iterable[Record], now: float) -> dict[str, Group]:
    """Count the responses by when they expire, the earliest first."""

    def name(record: Record) -> str:
        if record.expires == _NEVER:
            return "never"
        left = record.expires - now
        return next((text for text, limit in _EXPIRY if left <= limit), "later")

    return _count(records, name, [*(text for text, _ in _EXPIRY), "later", "never"])


def size_groups(records: Iterable[Record]) -> dict[str, Group]:
    """Count the responses by the size of their bodies, the smallest first."""

    def name(record: Record) -> str:
        return next((text for text, limit in _SIZES if record.size < limit), "more")

    return _count(records, name, [*(text for text, _ in _SIZES), "more"])


def _count(
    records: Iterable[Record], name: Callable[[Record], str], order: list[str]
) -> dict[str, Group]:
    counted = {each: [0, 0] for each in order}
    for record in records:
        group = counted[name(record)]
        group[0] += 1
        group[1] += record.size
    return {each: Group(*group) for each, group in counted.items() if group[0]}
