"""After a response: what it means for the cache and for the caller (RFC 9111, sections 3 and 4)."""

from __future__ import annotations

from .deciding import on_error
from .freshness import is_error, measure
from .invalidation import invalidated_groups, invalidated_urls, invalidates
from .partial import Joined, append, join
from .presenting import can_answer, present
from .storing import Transaction, adds_nothing, answers_get, refusal, superseded
from .validation import confirmed, identified
from .validators import head_agrees, parse_tags, tag_of, updated_fields, weak_match
from .values import (
    DEFAULT_RULES,
    Combine,
    Discard,
    Effects,
    Fetch,
    Freshen,
    Outcome,
    RequestHead,
    ResponseHead,
    Retry,
    Rules,
    Store,
    StoredHead,
    Update,
)
from .vary import matches, variant


def after_response(
    request: RequestHead,
    response: ResponseHead,
    fetch: Fetch,
    request_time: float,
    response_time: float,
    rules: Rules = DEFAULT_RULES,
) -> Outcome:
    """Decide what a response to a `Fetch` does.

    `request` is the caller's, without what the fetch added. The times are UNIX seconds at which
    the request was sent and the head of the response was complete.
    """
    if is_error(response.status):
        serve = on_error(request, fetch, response_time, rules, response.status)
        if serve is not None:
            return serve
    this = Transaction(request, response, fetch, request_time, response_time, rules)
    if fetch.completes and response.status in (206, 304, 416):
        return _completed(this)
    if response.status == 304:
        return _not_modified(this)
    if response.status == 200 and request.method == "HEAD" and fetch.storable:
        return _described(this)
    return _kept(this)


def _kept(this: Transaction, also_remove: tuple[StoredHead, ...] = ()) -> Outcome:
    """Store the response, or say why not (RFC 9111, section 3)."""
    effects = _effects(this, also_remove)
    if answers_get(this.request, this.response):
        this = this.as_get()
    reason = _refusal(this)
    if reason is None and this.response.status == 206:
        for head in this.matching:
            if joined := append(head, this.received):
                return _combined(this, head, joined)
    if reason is not None:
        return Discard(reason, this.told, effects)
    return Store(this.new_head(), this.told._replace(stored=True), effects)


def _effects(this: Transaction, also_remove: tuple[StoredHead, ...]) -> Effects:
    removed = superseded(this) if this.fetch.storable else ()
    effects = Effects(remove=tuple(dict.fromkeys(also_remove + removed)))
    if not invalidates(this.request, this.response, this.rules):
        return effects
    urls = invalidated_urls(this.request, this.response)
    return effects._replace(urls=urls, groups=invalidated_groups(this.response.headers))


def _refusal(this: Transaction) -> str | None:
    if not this.fetch.storable:
        return "pass-through"
    if this.response.status == 206 and adds_nothing(this):
        return "complete response is stored"
    return refusal(this.request, this.response, this.rules)


def _not_modified(this: Transaction) -> Outcome:
    """Use a 304 for the stored response it is about (RFC 9111, sections 4.3.3 and 4.3.4)."""
    if heads := identified(this.request, this.response, this.fetch.nominated):
        updates, removed = _freshened(this, heads)
        chosen = _chosen(this, updates)
    elif head := confirmed(this.request, this.response, this.fetch.nominated):
        # It is served as it is, and nothing changes, unless the 304 forbids to store it.
        updates, chosen = [], Update(head, head)
        removed = () if _still_storable(this, _renewed(this, head)) else (head,)
    elif this.fetch.nominated and not _is_for_caller(this):
        return Retry(_plain(this.fetch))
    else:
        return Discard("304 for the caller", this.told)
    if not can_answer(this.request, chosen.head):
        return Retry(_plain(this.fetch))
    state = measure(chosen.head, this.response_time, this.rules)
    kept = tuple(update for update in updates if update.stored not in removed)
    told = this.told._replace(stored=bool(kept))
    serve = present(this.request, chosen.head, state, told, validated=True)
    return Freshen(kept, serve._replace(stored=chosen.stored), told, Effects(remove=removed))


def _freshened(
    this: Transaction, heads: list[StoredHead]
) -> tuple[list[Update], tuple[StoredHead, ...]]:
    """Bring stored heads up to date; those that may not be stored any more are to remove.

    If the request selects none of them, its own variant joins with a copy of the body.
    """
    updates = [Update(head, _renewed(this, head)) for head in heads]
    if not any(matches(head, this.request.headers) for head in heads):
        copy = updates[0].head._replace(key="", url=this.request.url)
        selected_by = variant(copy.headers, this.request.headers)
        # With `Vary: *` a copy would be no different.
        if selected_by != copy.variant:
            updates.insert(0, Update(heads[0], copy._replace(variant=selected_by)))
    removed = [update.stored for update in updates if not _still_storable(this, update.head)]
    return updates, tuple(dict.fromkeys(removed))


def _chosen(this: Transaction, updates: list[Update]) -> Update:
    """Return the update that answers the request: the most recent one that it selects."""
    selected = (one for one in updates if matches(one.stored, this.request.headers))
    return next(selected, updates[0])


def _renewed(this: Transaction, head: StoredHead) -> StoredHead:
    """Return a stored head with the fields and times of this response (section 3.2)."""
    headers = updated_fields(head.headers, this.received.headers)
    mine = matches(head, this.request.headers)
    return head._replace(
        headers=headers,
        request_time=this.request_time,
        response_time=this.response_time,
        variant=variant(headers, this.request.headers) if mine else head.variant,
        lifetime=this.rules.lifetime,
        alternate=False,
    )


def _still_storable(this: Transaction, head: StoredHead) -> bool:
    return refusal(this.request, ResponseHead(head.status, head.headers), this.rules) is None


def _is_for_caller(this: Transaction) -> bool:
    """Say whether a 304 names a tag that the caller asked about."""
    tags = parse_tags(this.request.headers.joined("if-none-match") or "")
    return any(weak_match(tag, tag_of(this.response.headers)) for tag in tags)


def _described(this: Transaction) -> Outcome:
    """Use a 200 to HEAD for the stored responses to GET (RFC 9111, section 4.3.5)."""
    gets = [head for head in this.matching if head.method == "GET"]
    agreeing = [head for head in gets if head_agrees(head, this.received)]
    updates = [Update(head, _renewed(this, head)) for head in agreeing]
    kept = tuple(update for update in updates if _still_storable(this, update.head))
    valid = [update.stored for update in kept]
    effects = Effects(remove=tuple(head for head in gets if head not in valid))
    if not kept:
        return _kept(this, effects.remove)
    return Freshen(kept, None, this.told._replace(stored=True), effects)


def _completed(this: Transaction) -> Outcome:
    """Use the missing rest of a stored part, else ask again for the whole (section 3.4)."""
    part = this.fetch.selected
    joined = join(part, this.received) if part else None
    if part is None or joined is None:
        return Retry(_plain(this.fetch))
    outcome = _combined(this, part, joined)
    if not _still_storable(this, outcome.head) or not can_answer(this.request, outcome.head):
        return Retry(_plain(this.fetch))
    state = measure(outcome.head, this.response_time, this.rules)
    serve = present(this.request, outcome.head, state, outcome.cache_status, validated=True)
    return outcome._replace(serve=serve, instead=_plain(this.fetch))


def _combined(this: Transaction, part: StoredHead, joined: Joined) -> Combine:
    head = _renewed(this, part)._replace(
        status=joined.status, headers=joined.headers, body_length=joined.body_length
    )
    told = this.told._replace(stored=True)
    return Combine(part, joined.before, joined.after, head, None, told)


def _plain(fetch: Fetch) -> Fetch:
    """Return the same fetch as the caller wrote it; a 304 to it can only be the caller's."""
    return fetch._replace(set_fields=(), nominated=(), completes=False)
