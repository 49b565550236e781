"""Asking the origin once, for an exchange that makes of the answer what its policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from requests.exceptions import RequestException

from .. import clock
from .._transfer.capture import Capture
from .beginnings import is_of_use
from .doubles import DoubleError, is_double
from .heads import response_head
from .loading import filtered
from .sent import Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response

    from ..policy import Fetch, Outcome, ResponseHead
    from .base import BaseExchange

__all__ = ["Answer", "ask_origin", "outcome_of", "take_back"]


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
            response.content  # noqa: B018  # a property that reads, as requests does
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
