"""Records of responses, made of messages and of the heads that the policy gives."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING

from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from .._matching.credentials import Redactor
from ..models.describe import describe_headers, describe_request, flags_of, own_values
from ..models.record import DetachedRecord, Flag, Record
from ..models.response import CachedResponse
from ..policy import Combine, Piece, Serve, StoredHead, Update, assemble
from .heads import stored_head

if TYPE_CHECKING:
    from ..models.fields import Fields
    from ..models.record import Kept
    from ..policy.values import Policy


class Recorder:
    """Makes what is stored and what is served.

    Args:
        policy: the policy of the request.
        redactor: keeps secrets out.
        grace: for how many seconds the session wants what has expired; None for ever.
        keep_cookies: whether values of cookies are stored.
    """

    def __init__(
        self, policy: Policy, redactor: Redactor, grace: float | None, *, keep_cookies: bool
    ) -> None:
        self._policy = policy
        self._redactor = redactor
        self._grace = grace
        self._keep_cookies = keep_cookies
        self._described: tuple[Record, StoredHead] | None = None
        """The record that was made last, and of what."""

    def describe(
        self,
        response: Response,
        body: Kept | None,
        head: StoredHead,
        items: Iterable[tuple[str, str]] | None = None,
    ) -> CachedResponse:
        """Give a response of the origin as it is stored.

        `body` is what came over the wire, if that is known; `items` are the header fields to store,
        by default those that the response has by now.
        """
        cached = CachedResponse.from_response(
            response,
            body,
            created_at=head.response_time,
            expires=self._policy.expires_at(head),
            redactor=self._redactor,
            keep_cookies=self._keep_cookies,
            items=items,
        )
        record = cached.record
        fields = record.fields
        fields.update(_facts_of(head))
        if fields["request"]["method"] != head.method:
            # A response to POST that answers GET.
            fields["request"]["method"] = head.method
            fields["request"].pop("body", None)
        record.flags |= _not_whole(head)
        self._described = record, head
        return cached

    def freshen(self, stored: CachedResponse, update: Update, response: Response) -> CachedResponse:
        """Give a stored response with the head that a 304 or a HEAD makes of it."""
        fresh = self.with_head(stored, update.head, response)
        fields = fresh.record.fields
        old, new = (each.headers.joined("content-type") for each in (update.stored, update.head))
        if old != new:
            fields["encoding"] = get_encoding_from_headers(CaseInsensitiveDict(update.head.headers))
        return fresh

    def join(self, stored: CachedResponse, outcome: Combine, received: bytes) -> CachedResponse:
        """Give a stored response joined with a part that was received."""
        old = stored.record
        body = outcome.body(old.read_body(), received)
        joined = Record(old.status, old.created, None, old.fields, body, old.flags)
        return self.with_head(CachedResponse.from_record(joined), outcome.head)

    def serve(
        self, stored: CachedResponse, serve: Serve, request: PreparedRequest, *, streams: bool
    ) -> CachedResponse:
        """Give what the caller of a request gets of a stored response.

        Unless the caller reads the body in pieces, a file is read now.

        Raises:
            OSError: the file cannot be read, or is damaged.
        """
        record = stored.record
        if serve.headers is serve.stored.headers and serve.pieces is None:
            return self._served_as_it_is(stored, serve, streams=streams)
        fields = self._served_fields(record, serve, request)
        served = record.with_times(record.created, record.expires, fields)
        served.status = serve.status
        if serve.pieces is not None:
            served = _cut(served, serve.pieces)
        if isinstance(served, DetachedRecord) and not streams:
            served = served.load_body()
        answer = CachedResponse.from_record(served, serve.stored.key or stored.cache_key)
        answer.cache_status = serve.cache_status
        return answer

    @staticmethod
    def _served_as_it_is(stored: CachedResponse, serve: Serve, *, streams: bool) -> CachedResponse:
        record = stored.record
        if isinstance(record, DetachedRecord) and not streams:
            history = stored.history
            stored = CachedResponse.from_record(record.load_body(), stored.cache_key)
            stored.history = history
        stored.cache_status = serve.cache_status
        return stored

    def grace(self, response: CachedResponse) -> float | None:
        """Give for how many seconds a store has to keep a response after it has become stale."""
        return self._policy.grace(lambda: self._head_of(response), self._grace)

    def _head_of(self, response: CachedResponse) -> StoredHead:
        described = self._described
        if described is not None and described[0] is response.record:
            return described[1]
        return stored_head(response)

    def with_head(
        self, stored: CachedResponse, head: StoredHead, response: Response | None = None
    ) -> CachedResponse:
        """Give a stored response with another head, that of a response of the origin if any."""
        old = stored.record
        redacted = self._redacted(head, old, response)
        fields: Fields = {**old.fields, **_facts_of(head), **redacted}
        if head.status != old.status:
            fields["reason"] = HTTPStatus(head.status).phrase
        record = old.with_times(head.response_time, self._policy.expires_at(head), fields)
        record.status = head.status
        record.flags = (record.flags & Flag.ENCODED) | flags_of(fields) | _not_whole(head)
        self._described = record, head
        return CachedResponse.from_record(record, head.key or None)

    def _redacted(self, head: StoredHead, old: Record, response: Response | None) -> Fields:
        """Give the fields of a head as they are stored; those that are stored already stay."""
        stored = {(name, value) for name, value in old.fields["headers"]}
        items = head.headers.fields
        if "set-cookie" in head.headers:
            # A cookie that comes with a 304 is for the jar alone.
            items = tuple(
                item for item in items if item[0].lower() != "set-cookie" or item in stored
            )
        fields: Fields = {"headers": [*items]}
        if not self._redactor.keeps({*items} - stored):
            own: dict[str, str] = {}
            if response is not None:
                own = own_values(self._redactor, response, keep_cookies=self._keep_cookies)
            fields = describe_headers(items, self._redactor, own, self._keep_cookies, stored)
        if "own" in old.fields:
            fields["own"] = {**old.fields["own"], **fields.get("own", {})}
        return fields

    def _served_fields(self, record: Record, serve: Serve, request: PreparedRequest) -> Fields:
        fields: Fields = {**record.fields, "headers": list(serve.headers.fields)}
        if serve.status != record.status:
            fields["reason"] = HTTPStatus(serve.status).phrase
        if serve.stored.alternate or fields["request"]["method"] != request.method:
            fields["url"] = self._redactor.url(request.url or "")
            fields["request"] = describe_request(request, self._redactor)
        return fields


def _facts_of(head: StoredHead) -> Fields:
    """Give what a record says of a head beside its fields."""
    return {
        "sent": head.request_time,
        "vary": list(head.variant),
        "lifetime": "inf" if head.lifetime == inf else head.lifetime,
    }


def _not_whole(head: StoredHead) -> int:
    return Flag.NOT_WHOLE if head.status == 206 or head.method == "HEAD" else 0


def _cut(record: Record, pieces: tuple[Piece, ...]) -> Record:
    """Give a record with these pieces of its body in place of the whole."""
    if isinstance(record, DetachedRecord) and record.reader is not None and pieces:
        from .._transfer.ranges import cut_body

        record.cut(*cut_body(record.reader, pieces))
        return record
    body = assemble(record.body, pieces)
    return Record(record.status, record.created, record.expires, record.fields, body, record.flags)
