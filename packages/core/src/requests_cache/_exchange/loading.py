"""What is stored for a request, or where its redirects led, and may be its caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._store.entry import NOTE_PREFIX
from ..expiration import end_of_keeping
from ..models.describe import describe_history, is_put_back, needs_of
from ..models.record import DetachedRecord
from ..models.response import CachedResponse, fit
from ..policy import without_search
from .asking import Asking
from .environment import resolve
from .keying import is_get, key_of, make_key, name_of_index
from .known import Index, Known, Note, Read, StoredSet
from .whose import holds, why_not

if TYPE_CHECKING:
    from requests import Response

    from .._store.entry import Entry
    from .base import BaseExchange
    from .request_context import Lookup


def nothing(exchange: BaseExchange) -> Known:
    """Give what is known before anything is read."""
    return Known(_set_of(exchange, exchange.key or ""), exchange.cache, exchange.head)


def load(exchange: BaseExchange) -> Known:
    """Read what is stored under the key of a request, or where a redirect from it leads."""
    known = nothing(exchange)
    if exchange.key is None:
        return known
    is_part = "range" in exchange.head.headers and not exchange.in_background
    read: Read | None = None
    if exchange.call.stream or is_part:

        def read(key: str) -> CachedResponse | None:
            return exchange.note_opened(exchange.cache.open_exactly(key))

    if not exchange.policy.remembers_redirects:
        first, note = _read_beside_note(exchange, read)
        known.load(first, read, note)
        return known
    first = _read_first(exchange, read)
    if first is None or first.cache_key == exchange.key:
        known.load(first, read, None)
    elif exchange.send_kwargs.get("allow_redirects", True) and _leads_to(exchange, first):
        target = _set_of(exchange, first.cache_key or "")
        known.load_target(target, first, read)
    # Else the caller wants the redirect itself, which is not what is stored.
    return known


def _read_first(exchange: BaseExchange, read: Read | None) -> CachedResponse | None:
    """Give what lies under the key, or what a redirect that is remembered leads to."""
    cache, key, lookup = exchange.cache, exchange.key or "", exchange.lookup
    if lookup is not None:
        return _take(exchange, lookup, lookup.alias if lookup.beside is None else None)
    if read is None:
        found: CachedResponse | None = cache.get_response(key)
        return found
    return exchange.note_opened(cache.open_response(key))


def _take(
    exchange: BaseExchange, lookup: Lookup, alias: Entry | None = None
) -> CachedResponse | None:
    """Give what the fast path has read; the next time it is read anew."""
    exchange.lookup = None
    cache, key = exchange.cache, exchange.key or ""
    if exchange.call.stream and cache.streams:
        return exchange.note_opened(cache.make_opened(key, lookup.opened, alias))
    return cache.make_response(key, lookup.entry, alias)


def _read_beside_note(
    exchange: BaseExchange, read: Read | None
) -> tuple[CachedResponse | None, Note]:
    """Give what lies under the key, and the note of other queries, at once if the store can."""
    cache, key, lookup = exchange.cache, exchange.key or "", exchange.lookup
    if lookup is not None:
        first = _take(exchange, lookup)
        if lookup.beside is None or lookup.beside != NOTE_PREFIX + _name_of_index(exchange):
            return first, lambda: cache.read_note(_name_of_index(exchange))
        name, noted = lookup.beside, lookup.alias
    elif not cache.asks_for_both:
        first = (read or cache.read_response)(key)
        return first, lambda: cache.read_note(_name_of_index(exchange))
    else:
        name = NOTE_PREFIX + _name_of_index(exchange)
        first, noted = _ask_for_both(exchange, name, opens=read is not None)
    return first, lambda: cache.make_note(name, noted)


def _ask_for_both(
    exchange: BaseExchange, beside: str, *, opens: bool
) -> tuple[CachedResponse | None, Entry | None]:
    cache, key = exchange.cache, exchange.key or ""
    if not (opens and cache.streams):
        entry, noted = cache.read_either(key, beside)
        return cache.make_response(key, entry, None), noted
    opened, noted = cache.open_either(key, beside)
    return exchange.note_opened(cache.make_opened(key, opened, None)), noted


def _set_of(exchange: BaseExchange, key: str) -> StoredSet:
    return StoredSet(exchange.cache, key, exchange.recorder.grace)


def index_of(exchange: BaseExchange) -> Index | None:
    """Give what names the note where other queries of the path are found; None for no note."""
    return None if exchange.policy.remembers_redirects else lambda: _name_of_index(exchange)


def _name_of_index(exchange: BaseExchange) -> str:
    request, path = exchange.request, without_search(exchange.head.url)
    is_own = path == request.url and is_get(request)
    return name_of_index(exchange.key if is_own else key_of(exchange, request, path))


def filtered(exchange: BaseExchange, stored: CachedResponse) -> CachedResponse | None:
    """Give a stored response if it may be the caller's, and `filter_fn` lets it through.

    A body in pieces can be read only once; if the filter read it, it is asked again with one in
    memory.
    """
    reason = why_not(exchange.arrival or exchange.asking, stored)
    if reason is not None:
        exchange.unfit[stored.cache_key or ""] = reason
        return None
    wanted = exchange.settings.filter_fn
    if wanted is None:
        return stored
    is_wanted = wanted(stored)
    if is_wanted and isinstance(stored.record, DetachedRecord) and stored.is_opened:
        key = stored.cache_key or ""
        whole = exchange.ask_store(lambda: exchange.cache.read_response(key), None)
        return whole if whole is not None and wanted(whole) else None
    return stored if is_wanted else None


# A chain of redirects that is remembered as one answer to its first request


def _leads_to(exchange: BaseExchange, target: CachedResponse) -> bool:
    """Say whether this caller would arrive at what a redirect leads to as who stored it did."""
    asking, jar = exchange.asking, exchange.session.cookies
    hops = [hop for hop in target.history if isinstance(hop, CachedResponse)]
    if not all(holds(asking, hop) for hop in hops):
        return False
    is_nobodys = not asking.owner and target.record.fields.get("owner") == ""
    has_cookies = next(iter(jar), None) is not None or any(map(_sent_cookies, (*hops, target)))
    repeats = any(is_put_back(stored.record.fields) for stored in (*hops, target))
    if is_nobodys and not (has_cookies or repeats or _has_fragment(exchange, hops)):
        if hops:
            fit(hops[0], exchange.request, jar)
        return True
    return _walk(exchange, hops) == target.cache_key


def _sent_cookies(stored: CachedResponse) -> bool:
    headers = stored.record.fields["request"]["headers"]
    return any(str(name).lower() == "cookie" for name, _ in headers)


def _has_fragment(exchange: BaseExchange, hops: list[CachedResponse]) -> bool:
    """Say whether the URL at the end has a fragment, the caller's or that of a redirect."""
    places = (hop.headers.get("Location", "") for hop in hops)
    return "#" in (exchange.request.url or "") or any("#" in place for place in places)


def _walk(exchange: BaseExchange, hops: list[CachedResponse]) -> str | None:
    """Go where redirects lead, as requests would; give the key of the request at their end."""
    session, request = exchange.session, exchange.request
    chain = exchange.asking.chain.copy()
    kwargs = {**resolve(exchange.send_kwargs), "stream": True}
    kwargs.pop("allow_redirects", None)
    for hop in hops:
        fit(hop, request, session.cookies)
        onward = session.resolve_redirects(hop, request, yield_requests=True, **kwargs)
        following = next(onward, None)
        if following is None:
            return None
        request = following
        exchange.arrival = Asking(session, request, exchange.send_kwargs, chain)
    return make_key(exchange, request)


def remember_redirects(exchange: BaseExchange, response: Response) -> None:
    """Remember where a redirect led, once the response at its end is stored."""
    target = getattr(response, "cache_key", None)
    if target is None or exchange.key is None or exchange.settings.read_only:
        return
    if not (exchange.chain.is_one_persons or exchange.asking.is_shared):
        return
    history = describe_history(
        response.history,
        exchange.cache.matching.redactor,
        keep_cookies=exchange.settings.replay_cookies,
    )
    for fields, hop in zip(history, response.history, strict=True):
        if needs := needs_of(hop, exchange.asking.ignored):
            fields["needs"] = needs
    expires = getattr(response, "expires", None)
    # A response that is validated stays for longer; then the redirect is just asked anew.
    end = end_of_keeping(expires and expires.timestamp(), exchange.settings.grace)
    cache, key, own = exchange.cache, exchange.key, exchange.known.own

    def write() -> None:
        # What was stored before the URL was redirected would hide the redirect.
        own.remove([*own.members, *own.unread])
        cache.write_redirect(key, target, history, end)
        for number, hop in enumerate(response.history[1:], 1):
            cache.save_redirect(hop.request, target, history[number:], end)

    exchange.write(write)
