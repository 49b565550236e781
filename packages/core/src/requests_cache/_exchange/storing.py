"""Writing what an answer of the origin means to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..expiration import end_of_keeping
from ..models.response import CachedResponse, OriginalResponse
from ..policy import Effects
from . import effects
from .loading import index_of
from .owner_misses import note_cause
from .refusals import reason_of_body, reason_of_head
from .sealing import seal
from .uris import is_nobodys, note_key

if TYPE_CHECKING:
    from requests import Response

    from ..models.detached import Kept
    from ..policy import Combine, Freshen, Store, StoredHead
    from ..policy.cache_status import CacheStatus
    from .base import BaseExchange
    from .fetching import Answer

__all__ = ["store", "write_joined", "write_updates"]


def store(
    exchange: BaseExchange, outcome: Store, answer: Answer, response: Response, why_not: str | None
) -> Response:
    """Store a response once its body has come; give it to the caller at once.

    Args:
        exchange: the request.
        outcome: what the policy says.
        answer: what the origin answered.
        response: the response as the caller gets it.
        why_not: why it is not to be stored, if that is known.
    """
    status, removed, received = outcome.cache_status, outcome.effects.remove, answer.received
    replaced = [head.key for head in (*removed, *outcome.replaces)]
    unfit = dict(exchange.unfit)
    effects.perform(exchange, outcome.effects._replace(remove=()))

    # Hooks that are called for the caller alone may have changed what came.
    is_anew = exchange.unhooked and outcome.head.headers is received.headers
    items = None if is_anew else outcome.head.headers

    # Neither holds the response, which may be dropped unread.
    def when_read(response: Response, arrived: Response, body: Kept | None) -> bool:
        head = outcome.head
        cached = exchange.recorder.describe(arrived, body, head, items)
        broken = reason_of_body(exchange, arrived, received, body)
        part = exchange.policy.broken_off(head, cached.size) if broken else None
        if part is not None:
            head, cached = part, exchange.recorder.cut(cached, part)
        reason = broken if part is None else None
        if reason := reason or seal(exchange.asking, cached, arrived):
            note_cause(exchange)
            refuse(response, reason)
            return False
        gone = [*replaced, *exchange.known.superseded(cached, unfit)]
        if exchange.write(lambda: _add(exchange, cached, head, gone)):
            OriginalResponse.mark(
                response, status._replace(detail=broken or status.detail), cached, exchange.key
            )
            return part is None
        refuse(response, exchange.refusal or "store-failed")
        return False

    def refuse(response: Response, why: str) -> None:
        effects.perform(exchange, Effects(remove=removed))
        OriginalResponse.mark(response, status._replace(stored=False, detail=why))

    why_not = why_not or reason_of_head(exchange, response)
    if why_not is not None:
        refuse(response, why_not)
        return response
    response = OriginalResponse.mark(response, status._replace(stored=False))
    spool = exchange.make_spool()
    spool.keeps_beginning = exchange.policy.broken_off(outcome.head, 1) is not None
    answer.capture.when_complete(when_read, refuse, spool)
    return response


def _add(
    exchange: BaseExchange, cached: CachedResponse, head: StoredHead, replaced: list[str]
) -> None:
    known = exchange.known
    is_first = not known.own.members
    known.add(cached, head, index_of(exchange), replaced)
    if is_first and not exchange.policy.remembers_redirects and not is_nobodys(exchange):
        end = end_of_keeping(cached.expires_at, exchange.recorder.grace(cached))
        note_key(exchange.cache, exchange.request, known.own.key, end)


def write_updates(
    exchange: BaseExchange, outcome: Freshen, response: Response
) -> tuple[CacheStatus, CachedResponse | None]:
    """Write what a 304 or a HEAD brought up to date.

    Returns:
        What is told of it, and the response that the policy wants to be served, brought up to date.
    """
    exchange.cache.stats.add("revalidated")
    known, recorder = exchange.known, exchange.recorder
    updated = [
        (update, recorder.freshen(known.response(update.stored), update, response))
        for update in outcome.updates
    ]

    def write() -> None:
        for update, fresh in updated:
            known.freshen(update, fresh, index_of(exchange))

    may_write = not (exchange.settings.read_only or exchange.asking.is_changed)
    done = may_write and exchange.write(write)
    effects.perform(exchange, outcome.effects)
    status = outcome.cache_status
    key = None if outcome.serve is None else outcome.serve.stored.key
    served = next((fresh for update, fresh in updated if update.stored.key == key), None)
    return status._replace(stored=status.stored and done), served


def write_joined(exchange: BaseExchange, outcome: Combine, whole: CachedResponse) -> bool:
    """Write what is joined from two parts; say whether it is stored."""
    index, replaced = index_of(exchange), [outcome.stored.key]
    return exchange.write(lambda: exchange.known.add(whole, outcome.head, index, replaced))
