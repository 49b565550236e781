"""A request and the redirects that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .doubles import DoubleError
from .environment import resolve
from .exchange import Exchange

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from .request_context import Host, Lookup, RequestContext


def answer(
    session: Host,
    request: PreparedRequest,
    kwargs: dict[str, Any],
    call: RequestContext,
    lookup: Lookup | None = None,
) -> Response:
    """Answer a request from the cache or from the origin, and follow its redirects."""
    alone, chain = session.settings.cache_control, call.chain
    before = None if chain is None else chain.receive_redirect
    try:
        response = _first_hop(session, request, kwargs, call, lookup).run()
        # What the origin answered has been followed on its way here, or was not to be.
        is_last = not alone and response._next is not None
        if is_last or (response.status_code or 0) < 300 or not response.is_redirect:
            return response
        return _follow(session, response, request, kwargs)
    except DoubleError as double:
        return double.answer
    finally:
        if chain is not None:
            # Who asks has the chain: a circle would keep both, and the request, for the collector.
            chain.receive_redirect = before


def refresh(
    session: Host, request: PreparedRequest, kwargs: dict[str, Any], call: RequestContext, key: str
) -> Response | None:
    """Do what is left to do after a stale answer, given under a key, that needed no exchange."""
    return _first_hop(session, request, kwargs, call).refresh(key)


def _first_hop(
    session: Host,
    request: PreparedRequest,
    kwargs: dict[str, Any],
    call: RequestContext,
    lookup: Lookup | None = None,
) -> Exchange:
    """Give the exchange of a request; by HTTP each redirect from it has one of its own."""
    if session.settings.cache_control:
        kwargs = {**kwargs, "allow_redirects": False}
    if not session.cache.events.is_heard():
        return Exchange(session, request, kwargs, call, lookup)
    from .told import ToldExchange

    return ToldExchange(session, request, kwargs, call, lookup)


def _follow(
    session: Host, response: Response, request: PreparedRequest, kwargs: dict[str, Any]
) -> Response:
    """Follow the redirects of a response, and raise errors, as `requests.Session.send` does."""
    resolved = {**resolve(kwargs)}
    if not resolved.pop("allow_redirects", True):
        onward = session.resolve_redirects(response, request, yield_requests=True, **resolved)
        response._next = response._next or cast("PreparedRequest | None", next(onward, None))
        return response
    hops: list[Response] = [response, *session.resolve_redirects(response, request, **resolved)]
    *history, last = hops
    last.history = history
    return last
