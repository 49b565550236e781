"""Bodies that break off: what of them is of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import clock
from .._store.capabilities import WHOLE_LIMIT
from ..policy import Store, StoredHead

if TYPE_CHECKING:
    from ..policy import Fetch, Outcome, ResponseHead
    from .base import BaseExchange

__all__ = ["is_of_use", "is_to_be_kept"]


def is_of_use(exchange: BaseExchange, received: ResponseHead) -> bool:
    """Say whether what comes of a body that is read at once is of use if the rest does not come.

    A body is in memory twice while it is read so; that is for those of moderate size.
    """
    length = received.headers.first("content-length") or ""
    if not length.isdecimal() or int(length) > WHOLE_LIMIT:
        return False
    head, (status, headers) = exchange.head, received
    begun = StoredHead(status, headers, head.method, head.url, 0.0, 0.0)
    return exchange.policy.broken_off(begun, 1) is not None


def is_to_be_kept(exchange: BaseExchange, fetch: Fetch, outcome: Outcome, received: int) -> bool:
    """Say whether so many octets of a body take the place of what is stored.

    What stands in for an answer that did not come whole is worth more.
    """
    if not isinstance(outcome, Store):
        return False
    if exchange.policy.on_error(exchange.head, fetch, clock.now()) is not None:
        return False
    return exchange.policy.broken_off(outcome.head, received) is not None
