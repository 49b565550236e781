"""Conditions of the caller, and ours: is what is stored still good (RFC 9111, section 4.3)?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .fields import Field, parse_date
from .freshness import date_value
from .storing import may_be_reused
from .tables import ORIGIN_CONDITIONS
from .validators import (
    contradict,
    is_strong_date,
    modified_of,
    parse_tag,
    parse_tags,
    strong_match,
    tag_of,
    weak_match,
)
from .values import RequestHead, ResponseHead, StoredHead
from .vary import matches


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
        return _has_tag(tags, stored)
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


def _has_tag(tags: str, stored: StoredHead) -> bool:
    own = tag_of(stored.headers)
    return tags.strip() == "*" or any(weak_match(tag, own) for tag in parse_tags(tags))


# So many variants of one URL can be named without an overlong request.
_MOST_TAGS = 32


def most_recent_first(candidates: list[StoredHead]) -> list[StoredHead]:
    """Sort by Date, then by arrival: the most recent match must be used (section 4)."""
    if len(candidates) < 2:
        return list(candidates)
    return sorted(candidates, key=lambda head: (date_value(head), head.response_time), reverse=True)


def nominated(
    request: RequestHead, selected: StoredHead | None, others: Iterable[StoredHead]
) -> tuple[StoredHead, ...]:
    """Return the stored responses whose validators to send, the selected one first.

    Other variants take part by their entity tags; incomplete ones do not, since a 304 would
    leave the caller without the rest (sections 4.3.1 and 4.3.2).
    """
    if (request.headers.joined("if-none-match") or "").strip() == "*":
        return ()
    tagged = [head for head in others if head.status != 206 and tag_of(head.headers)]
    first = [selected] if selected else []
    rest = [head for head in tagged if head is not selected and may_be_reused(head)]
    rest = most_recent_first(rest)
    return tuple((first + rest)[:_MOST_TAGS])


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
