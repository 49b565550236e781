"""A chain of redirects that is remembered as one answer to its first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.describe import describe_history, is_put_back, needs_of
from ..models.response import CachedResponse, fit
from .asking import Asking
from .environment import resolve
from .keying import make_key
from .whose import holds, note_half

if TYPE_CHECKING:
    from requests import Response

    from .base import BaseExchange

__all__ = ["leads_to", "remember"]


def leads_to(exchange: BaseExchange, target: CachedResponse) -> bool:
    """Say whether this caller would arrive at what a redirect leads to as who stored it did."""
    asking, jar = exchange.asking, exchange.session.cookies
    hops = [hop for hop in target.history if isinstance(hop, CachedResponse)]
    for hop in hops:
        if not holds(asking, hop.record.fields):
            note_half(asking, hop.status_code)
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
    """Say whether the request of a stored response had cookies."""
    return any(
        str(name).lower() == "cookie" for name, _ in stored.record.fields["request"]["headers"]
    )


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


def remember(exchange: BaseExchange, response: Response) -> None:
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
    end = exchange.recorder.end_of_redirect(None if expires is None else expires.timestamp())
    cache, key, own = exchange.cache, exchange.key, exchange.known.own

    def write() -> None:
        # What was stored before the URL was redirected would hide the redirect.
        own.remove([*own.members, *own.unread])
        cache.write_redirect(key, target, history, end)
        for number, hop in enumerate(response.history[1:], 1):
            cache.save_redirect(hop.request, target, history[number:], end)

    exchange.write(write)
