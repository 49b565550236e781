"""Writing what an answer of the origin means to the store, or why it is only handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._matching.owner import names_in, own_of, value_in
from ..expiration import end_of_keeping
from ..models.describe import comes_coded
from ..models.record import Kept, Written
from ..models.response import CachedResponse, OriginalResponse
from ..policy import Effects, groups_of, in_groups, is_complete
from .heads import note_described, stored_head
from .keying import is_nobodys, key_of, keys_of_uri, note_key
from .loading import index_of
from .whose import note_cause, refusal, seal

if TYPE_CHECKING:
    from requests import Response

    from .._matching.credentials import Source
    from .._transfer.spool import Spool
    from ..policy import Combine, Freshen, ResponseHead, Store, StoredHead
    from ..policy.cache_status import CacheStatus
    from ..policy.fields import Field
    from .base import BaseExchange
    from .fetching import Answer


def store(
    exchange: BaseExchange, outcome: Store, answer: Answer, response: Response, why_not: str | None
) -> Response:
    """Store a response once its body has come, unless it is known why not; give it at once."""
    storing = _Storing(exchange, outcome, answer.received)
    told = outcome.effects
    perform(exchange, told._replace(remove=()) if told.remove else told)
    why_not = why_not or reason_of_head(exchange, response)
    if why_not is not None:
        storing.refuse(response, why_not)
        return response
    answer.capture.when_complete(storing.end, storing.refuse, lambda: storing.begin(response))
    return response


class _Storing:
    """Waits for the body of a response; holds none, for the caller may drop it unread."""

    __slots__ = ("_exchange", "_outcome", "_received", "_unfit")

    def __init__(self, exchange: BaseExchange, outcome: Store, received: ResponseHead) -> None:
        self._exchange = exchange
        self._outcome = outcome
        self._received = received
        self._unfit = dict(exchange.unfit)

    def begin(self, response: Response) -> Spool:
        """Say of a response that its body has not come yet; give what keeps that."""
        exchange, outcome = self._exchange, self._outcome
        OriginalResponse.mark(response, outcome.cache_status._replace(stored=False))
        spool = exchange.make_spool()
        spool.keeps_beginning = exchange.policy.can_resume(outcome.head)
        return spool

    def end(self, response: Response, arrived: Response, body: Kept | None) -> bool:
        """Store a response whose body has come, or its beginning; say whether it is whole."""
        exchange, head, status = self._exchange, self._outcome.head, self._outcome.cache_status
        cached = exchange.recorder.describe(arrived, body, head, self._items())
        reason = broken = reason_of_body(exchange, arrived, self._received, body)
        part = exchange.policy.broken_off(head, cached.size) if broken else None
        if part is not None:
            head, cached, reason = part, exchange.recorder.with_head(cached, part), None
        reason = reason or seal(exchange.asking, cached, arrived)
        if reason:
            note_cause(exchange)
        elif exchange.write(lambda: self._add(cached, head)):
            told = status._replace(detail=broken) if broken else status
            OriginalResponse.mark(response, told, cached, exchange.key)
            return part is None
        self.refuse(response, reason or exchange.refusal or "store-failed")
        return False

    def refuse(self, response: Response, why: str) -> None:
        """Say why a response is not stored, and delete what it would have replaced."""
        perform(self._exchange, Effects(remove=self._outcome.effects.remove))
        status = self._outcome.cache_status
        OriginalResponse.mark(response, status._replace(stored=False, detail=why))

    def _items(self) -> tuple[Field, ...] | None:
        """Give the header fields to store; None for those that have come."""
        headers = self._outcome.head.headers
        # Hooks that are called for the caller alone may have changed what came.
        is_anew = self._exchange.unhooked and headers is self._received.headers
        return None if is_anew else headers.fields

    def _add(self, cached: CachedResponse, head: StoredHead) -> None:
        exchange, outcome = self._exchange, self._outcome
        replaced = [each.key for each in (*outcome.effects.remove, *outcome.replaces)]
        replaced += exchange.known.superseded(cached, self._unfit)
        _add(exchange, cached, head, replaced)


def _add(
    exchange: BaseExchange, response: CachedResponse, head: StoredHead, replaced: list[str]
) -> None:
    exchange.known.add(response, head, index_of(exchange), *replaced)
    _note(exchange, response)


def _note(exchange: BaseExchange, response: CachedResponse) -> None:
    """Note that a response lies under the key of the request, where nobody could guess that."""
    if not exchange.policy.remembers_redirects and not is_nobodys(exchange):
        end = end_of_keeping(response.expires_at, exchange.recorder.grace(response))
        note_key(exchange.cache, exchange.request, exchange.known.own.key, end)


def write_updates(
    exchange: BaseExchange, outcome: Freshen, response: Response
) -> tuple[CacheStatus, CachedResponse | None]:
    """Write what a 304 or a HEAD brought up to date; give also the response to be served of it."""
    exchange.cache.stats.add("revalidated")
    known, recorder = exchange.known, exchange.recorder
    updated = [
        (update, recorder.freshen(known.response(update.stored), update, response))
        for update in outcome.updates
    ]

    def write() -> None:
        for update, fresh in updated:
            known.freshen(update, fresh, index_of(exchange))
            _note(exchange, fresh)
            note_described(fresh, update.head)

    may_write = not (exchange.settings.read_only or exchange.asking.is_changed)
    done = may_write and exchange.write(write)
    perform(exchange, outcome.effects)
    status = outcome.cache_status
    key = None if outcome.serve is None else outcome.serve.stored.key
    served = next((fresh for update, fresh in updated if update.stored.key == key), None)
    return status if done else status._replace(stored=False), served


def write_joined(exchange: BaseExchange, outcome: Combine, whole: CachedResponse) -> bool:
    """Write what is joined from two parts; say whether it is stored."""
    return exchange.write(lambda: _add(exchange, whole, outcome.head, [outcome.stored.key]))


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


# Reasons not to store it


def reason_of_head(exchange: BaseExchange, response: Response) -> str | None:
    """Say why a response is not stored, as far as its head shows it."""
    settings = exchange.settings
    if settings.read_only:
        return "read_only"
    if exchange.key is None:
        return "body-not-repeatable"
    if _is_too_large(exchange, response):
        return "too-large"
    if settings.filter_fn is not None and not settings.filter_fn(response):
        return "filter_fn"
    location = value_in(response.headers, "Location")
    if location and _hands_out(exchange, location):
        return "secret-in-location"
    return refusal(exchange.asking)


def _is_too_large(exchange: BaseExchange, response: Response) -> bool:
    """Say whether a response announces more than is stored."""
    cache = exchange.cache
    limit = cache.stream_limit if exchange.call.stream else cache.max_response_size
    announced = "" if limit is None else value_in(response.headers, "Content-Length") or ""
    return limit is not None and announced.isdecimal() and int(announced) > limit


def _hands_out(exchange: BaseExchange, location: str) -> bool:
    """Say whether a redirect has a secret that is not the caller's."""
    redactor = exchange.cache.matching.redactor
    if redactor.url(location) == location:
        return False
    sources: list[Source] = []
    redactor.url(location, own_of(redactor, exchange.request), sources)
    return not sources or None in sources


def reason_of_body(
    exchange: BaseExchange, response: Response, received: ResponseHead, body: Kept | None
) -> str | None:
    """Say if less came than was announced; urllib3 before 2 lets that pass."""
    is_coded = "content-encoding" in names_in(response.headers)
    if is_coded and (body is None or not comes_coded(response)):
        # A hook has read and decoded it, or the adapter has.
        return None
    # Without `raw` the content is None.
    size = len(response.content or b"") if body is None else _size(body)
    return None if is_complete(exchange.head, received, size) else "incomplete"


def _size(body: Kept) -> int:
    return body.size if isinstance(body, Written) else len(body)
