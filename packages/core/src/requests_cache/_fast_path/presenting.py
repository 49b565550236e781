"""What a caller gets of a stored response: his own request in it, and what depends on the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._matching.owner import NOBODY, ask
from ..models.record import Flag, Record, pack_text
from ..models.response import CachedResponse

if TYPE_CHECKING:
    from .memo import KnownCall

__all__ = ["is_fitted", "present", "request_of"]


def present(known: KnownCall, fits: bool, record: Record) -> CachedResponse:
    """Give the response that the caller gets, where time or the caller have a part in it."""
    if known.present is not None:
        record = known.present(record, clock.now())
    response = CachedResponse.from_record(record, known.key)
    if fits:
        response.fit_later(_fit, known)
    if known.read is not None:
        response.leave_unread()
    return response


def is_fitted(known: KnownCall, head: Record) -> bool:
    """Say whether the caller's request shows in a response, which has something else stored."""
    if head.flags & Flag.PUT_BACK or known.jar is not None or known.asker is not None:
        return True
    if known.body is not None:
        # Other bodies have the same key.
        return True
    # The URL that a record says it is of has no fragment, that of its request may have one.
    has_fragment = "#" in known.url
    return has_fragment or not known.is_stored_in(head.source or pack_text(head.fields))


def _fit(response: CachedResponse, known: KnownCall) -> None:
    from ..models.response import fit

    fit(response, request_of(known), () if known.jar is None else known.jar.copy)


def request_of(known: KnownCall) -> PreparedRequest:
    """Give the request of a call that was never prepared, or not kept."""
    request = PreparedRequest()
    request.method, request.url, request.body = known.method, known.url, known.body
    request.headers = CaseInsensitiveDict(known.headers)
    request.prepare_cookies(RequestsCookieJar() if known.jar is None else known.jar.copy.copy())
    asker = known.asker
    if known.jar is not None and asker is None:
        asker = NOBODY._replace(knows_cookies=True)
    if asker is not None:
        # So that its key is that of the response.
        ask(request, asker, request.headers.get("Cookie"))
    return request
