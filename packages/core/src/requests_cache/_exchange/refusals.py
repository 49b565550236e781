"""Why an answer of the origin is handed on, but not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._matching.owner import names_in, own_of, value_in
from ..models.describe import comes_coded
from ..models.record import Kept, Written
from ..policy import is_complete
from .sealing import refusal

if TYPE_CHECKING:
    from requests import Response

    from .._matching.credentials import Source
    from ..policy import ResponseHead
    from .base import BaseExchange

__all__ = ["reason_of_body", "reason_of_head"]


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
