"""Asking the origin: for one caller, for many who ask the same at once, or for the rest of a body.

An `auth` object may answer a challenge by sending the request again with a credential, and a hook
may answer with anything. What comes back then belongs to that other request, see `_Sent`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple

from requests import PreparedRequest, Response
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from .. import clock
from .._matching.names import field_says
from .._matching.owner import lines, names_in
from .._store.entry import WHOLE_LIMIT
from .._store.single_flight import Flight
from .._transfer.capture import Capture, pending_watch
from .._transfer.watching import Watch
from ..errors import ConfigurationError
from ..policy import ResponseHead, Store, StoredHead
from .doubles import DoubleError, is_double
from .heads import response_head
from .keying import key_of
from .loading import filtered
from .request_context import CONTROLS

if TYPE_CHECKING:
    from ..backends.base import BaseCache
    from ..policy import Combine, Fetch, Outcome
    from ..policy.cache_status import CacheStatus
    from .base import BaseExchange


class Answer(NamedTuple):
    """What the origin answered, and what it was asked."""

    sent: _Sent
    response: Response
    received: ResponseHead
    """The head of the response, as the policy sees it."""
    capture: Capture
    sent_at: float
    received_at: float


def ask_origin(
    exchange: BaseExchange, fetch: Fetch, broke_off: Callable[[Answer], object]
) -> Answer:
    """Send a request as a policy wants it; its body is read, unless the caller reads it.

    `broke_off` is called with an answer of which only the beginning has come, if that is of use.

    Raises:
        requests.RequestException: the origin cannot be reached, or breaks off.
        DoubleError: what came is nothing to be stored.
    """
    sent_at = clock.now()
    # The hooks are for what the caller gets, and that may be what is stored.
    exchange.unhooked = bool(fetch.set_fields) or fetch.selected is not None
    request = exchange.request
    if exchange.unhooked:
        request = exchange.with_fields(dict(fetch.set_fields))
    sent = _Sent(request)
    exchange.asking.send()
    response = exchange.send(request)
    if not exchange.asking.has_received(response) and is_double(response):
        if not exchange.call.stream:
            getattr(response, "content", None)  # a property that reads, as requests does
        raise DoubleError(exchange.for_caller(response))
    received_at = clock.now()
    exchange.asking.receive_all(response)
    received = response_head(response)
    try:
        capture = exchange.receive(response, _is_of_use(exchange, received))
    except RequestException:
        if response._content:
            begun = Capture(response)
            broke_off(Answer(sent, response, received, begun, sent_at, received_at))
        raise
    return Answer(sent, response, received, capture, sent_at, received_at)


class _Sent:
    """A request as it was when it was sent."""

    def __init__(self, request: PreparedRequest) -> None:
        self._request = request
        self._shape = request.method, request.url
        self._fields = list(lines(request.headers))
        self._has_hooks = bool((request.hooks or {}).get("response"))

    def is_answered_by(self, exchange: BaseExchange, response: Response) -> bool:
        """Say whether a response answers this request, or one that has the same key.

        An adapter may add fields to each request. What a hook adds, and no name tells what it is,
        may say who is asking.
        """
        answered = response.request
        is_same = answered is self._request or (answered.method, answered.url) == self._shape
        if is_same and list(lines(answered.headers)) == self._fields:
            return True
        if self.was_redirected(response):
            return True
        others = {name for name, _ in {*lines(answered.headers)} ^ {*self._fields}}
        if self._has_hooks and not (is_same and all(map(field_says, others))):
            return False
        return key_of(exchange, answered) == key_of(exchange, self._as_it_was())

    @staticmethod
    def was_redirected(response: Response) -> bool:
        """Say whether the response came by a redirect; a challenge in the history is none."""
        return bool(response.history) and any(hop.is_redirect for hop in response.history)

    def _as_it_was(self) -> PreparedRequest:
        request = self._request.copy()
        request.headers.clear()
        request.headers.update(self._fields)
        return request


def _is_of_use(exchange: BaseExchange, received: ResponseHead) -> bool:
    """Say whether what comes of a body that is read at once is of use if the rest does not come.

    A body is in memory twice while it is read so; that is for those of moderate size.
    """
    if received.status == 304:
        # It has no body, whatever length it says.
        return False
    length = received.headers.first("content-length") or ""
    if not length.isdecimal() or int(length) > WHOLE_LIMIT:
        return False
    head, (status, headers) = exchange.head, received
    begun = StoredHead(status, headers, head.method, head.url, 0.0, 0.0)
    return exchange.policy.can_resume(begun)


def outcome_of(exchange: BaseExchange, fetch: Fetch, answer: Answer) -> Outcome:
    """Ask the policy what an answer means."""
    received = answer.received
    if received.status == 304 and exchange.known.own.unread:
        fetch = _read_confirmed(exchange, fetch, received)
    return exchange.policy.after_response(
        exchange.head, received, fetch, answer.sent_at, answer.received_at
    )


def _read_confirmed(exchange: BaseExchange, fetch: Fetch, received: ResponseHead) -> Fetch:
    """Read the variants that a 304 is about, which were known by their tags alone."""
    return exchange.ask_store(
        lambda: exchange.known.read_confirmed(
            fetch, received.headers, lambda stored: filtered(exchange, stored)
        ),
        fetch._replace(nominated=()),
    )


def is_to_be_kept(exchange: BaseExchange, fetch: Fetch, outcome: Store, received: int) -> bool:
    """Say whether so many octets of a body take the place of what is stored.

    What stands in for an answer that did not come whole is worth more.
    """
    if exchange.policy.on_error(exchange.head, fetch, clock.now()) is not None:
        return False
    return exchange.policy.broken_off(outcome.head, received) is not None


def take_back(exchange: BaseExchange, fetch: Fetch, response: Response) -> None:
    """Show the caller the request that was asked for, without the conditions that are ours."""
    asked = exchange.request.headers
    for name, _ in fetch.set_fields:
        response.request.headers.pop(name, None)
        if name in asked:
            response.request.headers[name] = asked[name]


# One request to the origin for many identical ones (RFC 9111, section 4: collapsed requests)


def check_leases(cache: BaseCache) -> None:
    """Raise ConfigurationError for a store that has no leases."""
    if not cache.responses.capabilities.leases:
        raise ConfigurationError(
            f"collapse='processes': {type(cache).__name__} has no leases; choose True, which holds"
            " for the threads of a process, or another backend"
        )


def is_shareable(exchange: BaseExchange) -> bool:
    """Say whether the answer to a request may be what another, identical one gets."""
    settings, rules = exchange.settings, exchange.policy.rules
    if exchange.key is None or exchange.head.method not in rules.methods:
        return False
    if not settings.collapse or settings.read_only or rules.asks_anew:
        return False
    if exchange.session.breaker.is_troubled:
        return False
    return CONTROLS.isdisjoint(names_in(exchange.request.headers))


def fetch_once(exchange: BaseExchange, since: int) -> Response:
    """Fetch a response, or take what an identical request that is on its way brings.

    `since` is what `flights.landings` was before the store was asked.
    """
    flights, follows = exchange.cache.flights, exchange.send_kwargs.get("allow_redirects", True)
    flight, leads = flights.join((exchange.key, exchange.head.method, follows), since)
    if flight is not None and leads:
        return _lead(exchange, flight)
    if flight is None or not flight.wait(_patience(exchange)):
        return exchange.fetch_planned()
    answer = exchange.serve_stored()
    if answer is None:
        flights.keep_apart(flight.key)
        return exchange.fetch_planned()
    return _collapsed(exchange, answer)


def _lead(exchange: BaseExchange, flight: Flight) -> Response:
    flights = exchange.cache.flights
    watch: Watch | None = None
    is_stored = False
    try:
        # The one before may have landed between our look into the store and our start.
        found = exchange.serve_stored() if flight.may_be_late else None
        response, is_others = _ask(exchange, flight) if found is None else (found, True)
        if is_others:
            is_stored = True
            return _collapsed(exchange, response)
        status: CacheStatus | None = getattr(response, "cache_status", None)
        is_stored = status is not None and (status.stored or status.hit)
        watch = pending_watch(response)
        if not is_stored and watch is None:
            flights.keep_apart(flight.key)
        return response
    finally:
        flights.leave(flight)
        if watch is None:
            flight.land(is_stored)
        else:
            watch.land(flight)


def _ask(exchange: BaseExchange, flight: Flight) -> tuple[Response, bool]:
    """Fetch, unless another process does; say whether the response is another's."""
    has_leases = exchange.cache.responses.capabilities.leases
    if exchange.settings.collapse != "processes" or not has_leases:
        return exchange.fetch_planned(), False
    return _fetch_under_lease(exchange, repr(flight.key))


def _collapsed(exchange: BaseExchange, answer: Response) -> Response:
    exchange.cache.stats.add("collapsed")
    status: CacheStatus | None = getattr(answer, "cache_status", None)
    if status is not None:
        answer.cache_status = status._replace(collapsed=True)  # type: ignore[attr-defined]  # an answer of ours has it
    return answer


def _patience(exchange: BaseExchange) -> float | None:
    """Give for how long a caller would wait for the origin, from the `timeout` of requests."""
    timeout = exchange.send_kwargs.get("timeout")
    parts = timeout if isinstance(timeout, tuple) else (timeout,)
    seconds = [part for part in parts if isinstance(part, int | float)]
    return sum(seconds) if len(seconds) == len(parts) else None


# One request to the origin for several processes, by a lease that their store gives

# How long a process that was killed while it fetched may keep others waiting.
_LEASE_SECONDS: Final = 10.0
_FIRST_PAUSE: Final = 0.005
_LONGEST_PAUSE: Final = 0.1


def _fetch_under_lease(exchange: BaseExchange, key: str) -> tuple[Response, bool]:
    """Fetch, or take what another process brings; say also whether it was another's.

    Who has waited in vain fetches without a lease, so that nobody queues behind failures.
    """
    token = _take(exchange, key)
    has_waited = token is None
    patience = _patience(exchange)
    end = monotonic() + (_LEASE_SECONDS if patience is None else min(_LEASE_SECONDS, patience))
    pause = _FIRST_PAUSE
    while token is None and monotonic() < end:
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        token = _take(exchange, key)
    try:
        found = exchange.serve_stored()
        if found is not None:
            return found, True
        if has_waited and token:
            _release(exchange, key, token)
            token = None
        return exchange.fetch_planned(), False
    finally:
        if token:
            _release(exchange, key, token)


def _take(exchange: BaseExchange, key: str) -> str | None:
    # "" is what a store in trouble gives: then nobody waits.
    nobody: str | None = ""
    return exchange.ask_store(lambda: exchange.cache.responses.lease(key, _LEASE_SECONDS), nobody)


def _release(exchange: BaseExchange, key: str, token: str) -> None:
    exchange.ask_store(lambda: exchange.cache.responses.release(key, token), None)


# Completing a stored part while the caller reads it, in the memory of one piece


def can_stream(exchange: BaseExchange, outcome: Combine, answer: Answer) -> bool:
    """Say whether the rest of a stored part can go to the caller before all of it has come.

    Only if it announces exactly what is missing: else it may be too long or too short to be the
    rest, and a caller who has read the beginning cannot be given another body.
    """
    headers = answer.received.headers
    if "range" in exchange.head.headers or not exchange.call.stream:
        return False
    if not isinstance(answer.response.raw, HTTPResponse):
        return False
    held = outcome.stored.body_length or 0
    kept = [range(held)[kept] for kept in (outcome.before, outcome.after)]
    missing = (outcome.head.body_length or 0) - sum(map(len, kept))
    return "transfer-encoding" not in headers and headers.joined("content-length") == str(missing)


def is_too_large(exchange: BaseExchange, outcome: Combine) -> bool:
    """Say whether who reads piece by piece is to get the whole anew, for it cannot be streamed.

    Joined in memory it would be there twice. Who does not stream has all of it in memory anyway.
    """
    return bool(exchange.call.stream) and (outcome.head.body_length or 0) > WHOLE_LIMIT


def joined_answer(exchange: BaseExchange, outcome: Combine, answer: Answer) -> Answer:
    """Make of the answer to a question for the rest an answer with the whole."""
    from .._transfer.ranges import file_of, join_raw

    response, head = answer.response, outcome.head
    record = exchange.known.response(outcome.stored).record
    exchange.hand_over(record)
    fields, size = head.headers.fields, head.body_length or 0
    response.raw = join_raw(
        file_of(record), response.raw, outcome.before, outcome.after, fields, size
    )
    response.status_code, response.reason = head.status, "OK"
    response.headers = CaseInsensitiveDict(head.headers)
    return answer._replace(received=ResponseHead(head.status, head.headers))
