"""The keys of an exchange: that of its request, and those of other requests by the same caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._matching.keys import UncacheableBodyError
from .uris import as_get

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .base import BaseExchange

__all__ = ["key_of", "make_key"]

_ANSWERED_BY_GET: Final = frozenset({"GET", "HEAD"})


def key_of(exchange: BaseExchange, request: PreparedRequest, url: str | None = None) -> str | None:
    """Give the key of a request, or of a GET of another URL; None if there is none."""
    own = exchange.head.method
    method = "GET" if url is not None else exchange.policy.method_of_key(own)
    if method is None:
        return None
    if url is not None or (method != own and own not in _ANSWERED_BY_GET):
        request = as_get(request, url)
    elif method != own:
        request = request.copy()
        request.method = method
    return make_key(exchange, request)


def make_key(exchange: BaseExchange, request: PreparedRequest) -> str | None:
    """Give the key of a request; None if its body can be read only once."""
    if exchange.lookup is not None:
        return exchange.lookup.key
    try:
        verify = exchange.send_kwargs.get("verify", exchange.session.verify)
        return exchange.cache.create_key(request, verify=verify)
    except UncacheableBodyError:
        return None
