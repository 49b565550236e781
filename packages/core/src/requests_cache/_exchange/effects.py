"""What a response proves wrong of all that is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..policy import Effects, groups_of, in_groups
from .heads import stored_head
from .keying import key_of
from .uris import keys_of_uri

if TYPE_CHECKING:
    from .base import BaseExchange

__all__ = ["perform"]

_NO_EFFECTS = Effects()


def perform(exchange: BaseExchange, effects: Effects) -> None:
    """Remove what a response proved wrong."""
    if effects != _NO_EFFECTS and not exchange.settings.read_only:
        exchange.write(lambda: _remove(exchange, effects))


def _remove(exchange: BaseExchange, effects: Effects) -> None:
    cache, known, request = exchange.cache, exchange.known, exchange.request
    known.remove([head.key for head in effects.remove])
    for url in effects.urls:
        keys = {key_of(exchange, request, url) or "", *keys_of_uri(cache, request, url)}
        if known.own.key in keys:
            # A response to POST is stored among these afterwards.
            known.own.clear()
        cache.delete_responses([*keys, *cache.siblings_of(keys)])
    if effects.groups:
        _invalidate_groups(exchange, effects.groups)


def _invalidate_groups(exchange: BaseExchange, names: tuple[str, ...]) -> None:
    """Remove the responses of groups; groups are rare, so there is no index of them."""
    for response in list(exchange.cache.heads()):
        head = stored_head(response)
        if groups_of(head.headers) and in_groups(head, exchange.head.url, names):
            exchange.cache.delete_responses([head.key])
