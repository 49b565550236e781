"""Completing a stored part while the caller reads it, in the memory of one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from .._store.capabilities import WHOLE_LIMIT
from ..policy import ResponseHead

if TYPE_CHECKING:
    from ..policy import Combine
    from .base import BaseExchange
    from .fetching import Answer

__all__ = ["can_stream", "is_too_large", "joined_answer"]


def can_stream(exchange: BaseExchange, outcome: Combine, answer: Answer) -> bool:
    """Say whether the rest of a stored part can go to the caller before all of it has come.

    Only if it announces exactly what is missing: else it may be too long or too short to be the
    rest, and a caller who has read the beginning cannot be given another body.
    """
    raw, headers = answer.response.raw, answer.received.headers
    if (
        "range" in exchange.head.headers
        or not exchange.call.stream
        or not isinstance(raw, HTTPResponse)
    ):
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
    from .._transfer.joining import file_of, join_raw

    response, head, record = (
        answer.response,
        outcome.head,
        exchange.known.response(outcome.stored).record,
    )
    exchange.hand_over(record)
    response.raw = join_raw(
        file_of(record),
        response.raw,
        outcome.before,
        outcome.after,
        head.headers.fields,
        head.body_length or 0,
    )
    response.status_code, response.reason = head.status, "OK"
    response.headers = CaseInsensitiveDict(head.headers)
    return answer._replace(received=ResponseHead(head.status, head.headers))
