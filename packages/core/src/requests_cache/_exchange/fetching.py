"""Asking the origin once, for an exchange that makes of the answer what its policy says.

An `auth` object may answer a challenge by sending the request again with a credential, and a hook
may answer with anything. What comes back then belongs to that other request, and not to `Sent`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from requests import PreparedRequest, Response
from requests.exceptions import RequestException

from .. import clock
from .._matching.names import field_says
from .._matching.owner import lines
from .._store.capabilities import WHOLE_LIMIT
from .._transfer.capture import Capture
from ..policy import Store, StoredHead
from .doubles import DoubleError, is_double
from .heads import response_head
from .loading import filtered

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response

    from ..policy import Fetch, Outcome, ResponseHead
    from .base import BaseExchange

__all__ = ["Answer", "Sent", "ask_origin", "is_of_use", "is_to_be_kept", "outcome_of", "take_back"]


class Sent:
    """A request as it was when it was sent."""

    def __init__(self, request: PreparedRequest) -> None:
        self._request = request
        self._shape = request.method, request.url
        self._fields = list(lines(request.headers))
        self._has_hooks = bool((request.hooks or {}).get("response"))

    def is_answered_by(
        self, response: Response, key_of: Callable[[PreparedRequest], str | None]
    ) -> bool:
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
        return key_of(answered) == key_of(self._as_it_was())

    @staticmethod
    def was_redirected(response: Response) -> bool:
        """Say whether the response came by a redirect; a challenge in the history is none."""
        return bool(response.history) and any(hop.is_redirect for hop in response.history)

    def _as_it_was(self) -> PreparedRequest:
        request = self._request.copy()
        request.headers.clear()
        request.headers.update(self._fields)
        return request


def is_of_use(exchange: BaseExchange, received: ResponseHead) -> bool:
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
    return exchange.policy.broken_off(begun, 1) is not None


def is_to_be_kept(exchange: BaseExchange, fetch: Fetch, outcome: Store, received: int) -> bool:
    """Say whether so many octets of a body take the place of what is stored.

    What stands in for an answer that did not come whole is worth more.
    """
    if exchange.policy.on_error(exchange.head, fetch, clock.now()) is not None:
        return False
    return exchange.policy.broken_off(outcome.head, received) is not None


class Answer(NamedTuple):
    """What the origin answered, and what it was asked."""

    sent: Sent
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

    Args:
        exchange: the request.
        fetch: what the policy wants.
        broke_off: called with an answer of which only the beginning has come, if that is of use.

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
    sent = Sent(request)
    exchange.asking.send()
    response = exchange.send(request)
    if not exchange.asking.has_received(response) and is_double(response):
        if not exchange.call.stream:
            getattr(response, "content", None)  # a property that reads, as requests does
        raise DoubleError(exchange.run_hooks(response) if exchange.unhooked else response)
    received_at = clock.now()
    exchange.asking.receive_all(response)
    received = response_head(response)
    try:
        capture = exchange.receive(response, is_of_use(exchange, received))
    except RequestException:
        if response._content:
            begun = Capture(response)
            broke_off(Answer(sent, response, received, begun, sent_at, received_at))
        raise
    return Answer(sent, response, received, capture, sent_at, received_at)


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
    known, url = exchange.known, exchange.head.url
    return exchange.ask_store(
        lambda: known.read_confirmed(
            fetch, received.headers, url, lambda stored: filtered(exchange, stored)
        ),
        fetch._replace(nominated=()),
    )


def take_back(exchange: BaseExchange, fetch: Fetch, response: Response) -> None:
    """Show the caller the request that was asked for, without the conditions that are ours."""
    asked = exchange.request.headers
    for name, _ in fetch.set_fields:
        response.request.headers.pop(name, None)
        if name in asked:
            response.request.headers[name] = asked[name]
