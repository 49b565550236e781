"""Which stored responses a request selects, and which are still good (RFC 9111, 4.1 and 4.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .fields import Field, Headers, format_date, parse_date, split_list
from .structured import Item, parse_dictionary
from .values import RequestHead, ResponseHead, StoredHead, Variant

# Vary (RFC 9111, section 4.1)

# Requests that select by a credential are told apart by its digest, never by its text.
CREDENTIAL_FIELDS = frozenset(
    ("authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"),
)

# RFC 9110, section 12.5: lists whose order carries nothing and whose case does not matter.
UNORDERED_FIELDS = frozenset(("accept", "accept-charset", "accept-encoding", "accept-language"))


def selecting_fields(headers: Headers) -> tuple[str, ...]:
    """Return the names in the Vary of a response, in lower case and sorted."""
    return _selecting(headers.joined("vary") or "")


# A decision reads the same Vary again and again, and the next response says the same.
@lru_cache(64)
def _selecting(text: str) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in split_list(text)}))


def variant(response: Headers, request: Headers) -> Variant:
    """Write down the request fields that select this response, normalised; None is absent."""
    return tuple((name, normalise(name, request)) for name in selecting_fields(response))


def matches(stored: StoredHead, request: Headers) -> bool:
    """Say whether a request selects a stored response; with `Vary: *` none ever does."""
    names = selecting_fields(stored.headers)
    if "*" in names:
        return False
    return stored.variant == tuple((name, normalise(name, request)) for name in names)


def normalise(name: str, headers: Headers) -> str | None:
    """Return a request field in a form that is equal for values of equal meaning.

    Lines are combined and white space around list members goes; the Accept family is
    compared without order, case and ways to write a weight. Nothing else is taken for equal:
    which of several languages an origin would choose, no stored response tells.
    """
    lines = headers.lines(name)
    if not lines:
        return None
    if name in CREDENTIAL_FIELDS:
        return "sha256:" + sha256("\0".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
    members = split_list(", ".join(lines))
    if name in UNORDERED_FIELDS:
        return ",".join(sorted({_preference(member) for member in members}))
    return ",".join(members)


def _preference(member: str) -> str:
    parts = (_parameter(part) for part in split_list(member, ";"))
    # Without a weight it is 1 (RFC 9110, section 12.4.2).
    return ";".join(part for part in parts if part != "q=1")


def _parameter(text: str) -> str:
    name, equals, value = text.partition("=")
    name = name.lower()
    # A media type's parameter values may depend on case (RFC 9110, section 8.3.1); a weight
    # of 0.50 is one of 0.5 (section 12.4.2).
    if name == "q":
        value = value.rstrip("0").rstrip(".") if "." in value else value
    return f"{name}{equals}{value}"


# No-Vary-Search, of draft-ietf-httpbis-no-vary-search


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


def same_search(stored: StoredHead, url: str) -> bool:
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


# Validators (RFC 9110, section 8.8)

# Tags without quotes or with spaces are invalid but sent; who sends them expects them unchanged.
_TAG = re.compile(
    r'(?P<weak>W/)?(?P<opaque>"[\x20\x21\x23-\x7e\x80-\xff]*"|[\x21\x23-\x2b\x2d-\x7e]+)'
)


class EntityTag(NamedTuple):
    """Hold an entity tag; `opaque` includes the quotes."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f"W/{self.opaque}" if self.weak else self.opaque


# A decision reads the same few tags again and again.
@lru_cache(64)
def parse_tag(text: str | None) -> EntityTag | None:
    """Read one entity tag; None where it is none."""
    match = _TAG.fullmatch(text or "")
    return EntityTag(match["opaque"], bool(match["weak"])) if match else None


def parse_tags(value: str) -> list[EntityTag]:
    """Read a list of entity tags, passing over what is none."""
    return [tag for member in split_list(value) if (tag := parse_tag(member))]


def tag_of(headers: Headers) -> EntityTag | None:
    """Return the entity tag of a response."""
    return parse_tag(headers.first("etag"))


def strong_match(one: EntityTag | None, other: EntityTag | None) -> bool:
    """Compare two tags so that equal means the same octets (RFC 9110, section 8.8.3.2)."""
    return one is not None and one == other and not one.weak


def weak_match(one: EntityTag | None, other: EntityTag | None) -> bool:
    """Compare two tags so that equal means equally good (RFC 9110, section 8.8.3.2)."""
    return one is not None and other is not None and one.opaque == other.opaque


def contradict(one: Headers, other: Headers) -> bool:
    """Say whether validators show two responses to be of different representations."""
    old, new = tag_of(one), tag_of(other)
    if old is not None and new is not None:
        return not weak_match(old, new)
    before, after = one.first("last-modified"), other.first("last-modified")
    return before is not None and after is not None and before != after


def modified_of(headers: Headers, now: float) -> float | None:
    """Return the Last-Modified date of a response."""
    return parse_date(headers.first("last-modified") or "", now)


def has_validator(headers: Headers, now: float) -> bool:
    """Say whether a response can be validated later."""
    return tag_of(headers) is not None or modified_of(headers, now) is not None


def is_strong_date(stored: StoredHead) -> bool:
    """Say whether Last-Modified identifies the octets: the Date must be later by a second.

    RFC 9110, section 8.8.2.2.
    """
    modified = modified_of(stored.headers, stored.response_time)
    date = parse_date(stored.headers.first("date") or "", stored.response_time)
    return modified is not None and date is not None and date >= modified + 1


def date_value(stored: StoredHead) -> float:
    """Return when the origin made the response: its Date, else when it arrived.

    RFC 9110, section 6.6.1. Of several Date lines the first counts.
    """
    date = parse_date(stored.headers.first("date") or "", stored.response_time)
    return stored.response_time if date is None else date


# Validation: conditions of the caller, and ours (RFC 9111, section 4.3)

# RFC 9110, sections 13.1.1 and 13.1.4: for the origin server alone
# (RFC 9111, section 4.3.2: a cache must not evaluate them).
ORIGIN_CONDITIONS = frozenset(("if-match", "if-unmodified-since"))


def for_origin_only(request: RequestHead) -> bool:
    """Say whether a condition is one that a cache must not evaluate."""
    return request.headers.has_any(ORIGIN_CONDITIONS)


def is_conditional(request: RequestHead) -> bool:
    """Say whether the caller is prepared for a 304."""
    return request.headers.has_any(_CONDITIONS)


_CONDITIONS = frozenset(("if-none-match", "if-modified-since"))


def is_not_modified(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether the caller already has what is stored, so that a 304 answers the request.

    Only a 2xx answer can become a 304 (RFC 9110, section 13.2.1), and If-Modified-Since counts
    only without If-None-Match (section 13.1.3).
    """
    if not 200 <= stored.status < 300:
        return False
    tags = request.headers.joined("if-none-match")
    if tags is not None:
        own = tag_of(stored.headers)
        return tags.strip() == "*" or any(weak_match(tag, own) for tag in parse_tags(tags))
    since = parse_date(request.headers.first("if-modified-since") or "", stored.response_time)
    if since is None:
        return False
    modified = modified_of(stored.headers, stored.response_time)
    return (date_value(stored) if modified is None else modified) <= since


def wants_range_of(request: RequestHead, stored: StoredHead) -> bool:
    """Say whether If-Range lets the Range apply to what is stored (RFC 9110, section 13.1.5)."""
    condition = request.headers.first("if-range")
    if condition is None:
        return True
    since = parse_date(condition, stored.response_time)
    if since is None:
        return strong_match(parse_tag(condition), tag_of(stored.headers))
    return is_strong_date(stored) and since == modified_of(stored.headers, stored.response_time)


def most_recent_first(candidates: list[StoredHead]) -> list[StoredHead]:
    """Sort by Date, then by arrival: the most recent match must be used (section 4)."""
    if len(candidates) < 2:
        return list(candidates)
    return sorted(candidates, key=lambda head: (date_value(head), head.response_time), reverse=True)


def conditions(
    request: RequestHead, selected: StoredHead | None, heads: Sequence[StoredHead]
) -> tuple[Field, ...]:
    """Return the fields that make a request conditional; they replace the caller's.

    If-None-Match names the caller's tags and ours. If-Modified-Since is sent as well where one
    response is validated as a whole (section 4.3.1).
    """
    fields: list[Field] = []
    named = request.headers.joined("if-none-match")
    asked = parse_tags(named) if named else []
    own = [tag for head in heads if (tag := tag_of(head.headers))]
    if own:
        tags = dict.fromkeys(str(tag) for tag in (*asked, *own))
        fields.append(("If-None-Match", ", ".join(tags)))
    if selected and len(heads) == 1 and not asked and "range" not in request.headers:
        modified = selected.headers.first("last-modified")
        if modified and modified_of(selected.headers, selected.response_time) is not None:
            fields.append(("If-Modified-Since", modified))
    return tuple(fields)


def identified(
    request: RequestHead, response: ResponseHead, heads: Sequence[StoredHead]
) -> list[StoredHead]:
    """Return the stored responses that a 304 updates, most recent first (section 4.3.4)."""
    tag = tag_of(response.headers)
    recent = most_recent_first(list(heads))
    if tag and not tag.weak:
        return [head for head in recent if strong_match(tag, tag_of(head.headers))]
    if tag:
        return [head for head in recent if weak_match(tag, tag_of(head.headers))][:1]
    modified = response.headers.first("last-modified")
    if modified is not None:
        return [head for head in recent if head.headers.first("last-modified") == modified][:1]
    return recent if len(recent) == 1 and not _asked_more(request, recent[0]) else []


def confirmed(
    request: RequestHead, response: ResponseHead, heads: Sequence[StoredHead]
) -> StoredHead | None:
    """Return the stored response that a 304 confirms, though it identifies none for an update.

    A server that codes what it sends (nginx with gzip) gives a weak tag with a 200, and the strong
    form of it with a 304. If-None-Match is compared weakly (RFC 9110, section 13.1.2), so this 304
    says that the response may be used; RFC 9111, section 4.3.4, forbids to change it. The same
    holds where the only response that was asked about has no tag to compare.
    """
    mine = most_recent_first([head for head in heads if matches(head, request.headers)])
    tag = tag_of(response.headers)
    for head in mine:
        if weak_match(tag, tag_of(head.headers)):
            return head
    if len(heads) != 1 or not mine or _asked_more(request, heads[0]):
        return None
    return None if contradict(heads[0].headers, response.headers) else heads[0]


def _asked_more(request: RequestHead, head: StoredHead) -> bool:
    """Say whether a 304 without validators could mean the caller's conditions, not ours."""
    if not is_conditional(request):
        return False
    tags = parse_tags(request.headers.joined("if-none-match") or "")
    return not tags or any(not weak_match(tag, tag_of(head.headers)) for tag in tags)


# What is stored of a response, and what a later one changes (RFC 9111, sections 3.1 and 3.2)

# RFC 9111, section 3.1: of one connection or one proxy, never stored.
# The fields that Connection names are not stored either.
NEVER_STORED = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    ),
)


def storable_fields(headers: Headers, response_time: float) -> Headers:
    """Return the fields to store: those of one connection are left out, Date is completed.

    RFC 9111, section 3.1; RFC 9110, section 6.6.1 for the Date.
    """
    kept = headers.without(_never_stored(headers.joined("connection")))
    if parse_date(headers.first("date") or "", response_time) is not None:
        # Others than what came, for a hook may change that until it is stored.
        return kept if kept is not headers else headers.copy()
    return kept.replaced([("Date", format_date(response_time))])


# An origin says the same each time.
@lru_cache(64)
def _never_stored(connection: str | None) -> frozenset[str]:
    listed = () if connection is None else split_list(connection)
    return NEVER_STORED.union(name.lower() for name in listed)


# RFC 9111, section 3.2: a 304 never changes what describes the stored bytes. The body is kept as
# it came, coded and perhaps partial, so the stored response depends on these.
NEVER_UPDATED = frozenset(("content-encoding", "content-length", "content-range"))


def updated_fields(stored: Headers, received: Headers) -> Headers:
    """Return stored fields brought up to date by the storable fields of a later response.

    Age belongs to the response it came with, so an old one does not survive.
    """
    return stored.without({"age"}).replaced(received.without(NEVER_UPDATED))


def head_agrees(stored: StoredHead, response: ResponseHead) -> bool:
    """Say whether a response to HEAD describes the stored response to GET (section 4.3.5).

    Each validator it has, and its length, must be the stored one.
    """
    return response.status == stored.status and all(
        response.headers.joined(name) == stored.headers.joined(name)
        for name in ("etag", "last-modified", "content-length")
        if name in response.headers
    )
