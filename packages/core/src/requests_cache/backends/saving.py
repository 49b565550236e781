"""Saving responses, redirects and notes in the stores of a cache."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response

from .. import clock
from .._store.capabilities import WHOLE_LIMIT
from .._store.entry import NOTE_PREFIX, Entry
from ..errors import ConfigurationError, ValueTooLargeError
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.record import DetachedRecord
from ..models.response import CachedResponse
from ..models.shape import note_renewed
from .reading import Reading

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter
    from ..models.fields import Fields

__all__ = ["Saving"]

# Twice as many as are written, so that sweeping catches up.
_SWEEP_EVERY = 16
_SWEEP_MOST = 32
_CHUNK = 1024 * 1024
# While `save_response` is at work: how long what it writes is kept when it has expired.
_grace: ContextVar[tuple[float | None] | None] = ContextVar("_grace", default=None)


class Saving(Reading):
    """The verbs of a cache that write."""

    max_response_size: int | None = None

    def save_response(
        self,
        response: Response,
        cache_key: str | None = None,
        expires: datetime | float | None = None,
    ) -> None:
        """Save a response, and a redirect to it for each request in its history.

        A subclass may override it, as with earlier versions: it is called for all that is stored,
        with the response as it will be stored, its key and when it expires.

        Args:
            response: response to save.
            cache_key: its key; by default that of its request.
            expires: when it expires, as datetime or in seconds since the epoch; None for never.

        Raises:
            ConfigurationError: the response has no request, or no URL, or is none.
        """
        self._check(response=response)
        for part, url in (
            ("request", getattr(response.request, "url", None)),
            ("url", response.url),
        ):
            if not url:
                raise ConfigurationError(
                    f"the response has no {part}, which says what it answers: set response.{part}"
                    " before it is saved"
                )
        # Imported on first use, for an import is part of a cold start.
        from ..models.describe import note_owner

        key = cache_key or self.create_key(response.request)
        when = expires.timestamp() if isinstance(expires, datetime) else expires
        cached = CachedResponse.from_response(
            response,
            expires=when,
            redactor=self.matching.redactor,
            cache_key=key,
            keep_cookies=False,
        )
        note_owner(cached.record, response, self.matching)
        token = _grace.set(_grace.get() or (VALIDATION_GRACE,))
        try:
            self.write_response(key, cached, *_grace.get() or ())
        finally:
            _grace.reset(token)
        for hop in response.history:
            self.save_redirect(hop.request, key, keep_until=end_of_keeping(when, VALIDATION_GRACE))

    def write_response(
        self, key: str, response: CachedResponse, grace: float | None = VALIDATION_GRACE
    ) -> None:
        """Store a response under `key`, and keep it for `grace` seconds after it has expired.

        With `grace=None` it is kept until it is deleted.

        Raises:
            ValueTooLargeError: the body exceeds `max_response_size`, or what the store takes.
        """
        own = getattr(self.save_response, "__func__", None)
        if own is not Saving.save_response and _grace.get() is None:
            self._write_by_saving(key, response, grace)
            return
        record = response.record
        self.refuse_large(record.size)
        expires = response.expires_at
        entry = Entry(*self.serializer.encode(response), expires, end_of_keeping(expires, grace))
        if isinstance(record, DetachedRecord):
            self.write_detached(key, record, entry)
        else:
            self.responses.write(key, entry)
        self.stats.add("stored")
        self.stats.add("stored_bytes", record.size)
        if self.events.is_heard():
            self._tell_stored(key, response)
        if self.stats.stored % _SWEEP_EVERY == 0:
            self.stats.add("purged", self.responses.sweep(clock.now(), _SWEEP_MOST))
            self.redirects.sweep(clock.now(), _SWEEP_MOST)

    def _write_by_saving(self, key: str, response: CachedResponse, grace: float | None) -> None:
        token = _grace.set((grace,))
        try:
            self.save_response(response, key, response.expires)
        finally:
            _grace.reset(token)

    def write_detached(self, key: str, record: DetachedRecord, entry: Entry) -> None:
        """Store a record whose body was written in pieces, or is a file."""
        writer = record.writer
        if writer is None:
            assert record.reader is not None
            writer = self.create_body()
            record.reader.seek(0)
            copyfileobj(record.reader, _Writing(writer), _CHUNK)
            record.reader.seek(0)
        writer.commit(key, entry)

    def _tell_stored(self, key: str, response: CachedResponse) -> None:
        from ..events import Event

        record = response.record
        method = str(record.fields["request"]["method"] or "")
        url = self.matching.redactor.url(record.url)
        event = Event("stored", method, url, key, status=record.status, size=record.size)
        self.events.tell(event._replace(ttl=response.ttl))

    def freshen_response(
        self, key: str, response: CachedResponse, grace: float | None = VALIDATION_GRACE
    ) -> None:
        """Replace all but the body of a stored response; `grace` as for `write_response`."""
        expires = response.expires_at
        entry = Entry(*self.serializer.encode(response), expires, end_of_keeping(expires, grace))
        note_renewed(response.record, entry.head)
        if self.serializer.keeps_body:
            self.responses.rewrite_head(key, entry)
        else:
            self.responses.write(key, entry)

    def save_redirect(
        self,
        request: PreparedRequest,
        response_key: str,
        history: list[Fields] | None = None,
        keep_until: float | None = None,
    ) -> None:
        """Map a request that was redirected to a stored response.

        Args:
            request: the request that was redirected.
            response_key: key under which the response is stored.
            history: the redirects on the way, as fields of a record.
            keep_until: when the mapping may be forgotten; by default when the response is deleted.
        """
        self.write_redirect(self.create_key(request), response_key, history, keep_until)

    def write_redirect(
        self,
        key: str,
        response_key: str,
        history: list[Fields] | None = None,
        keep_until: float | None = None,
    ) -> None:
        """Map a key to that of a stored response; the arguments are those of `save_redirect`."""
        if key == response_key:
            return
        head, _ = self.redirects.serializer.encode(response_key)
        body = b"" if history is None else self.redirects.serializer.dumps(history)
        self.redirects.write(key, Entry(head, body, None, keep_until))

    def write_note(self, name: str, value: Any, keep_until: float | None = None) -> None:
        """Keep a small value beside the responses, until a time or for ever."""
        head, body = self.redirects.serializer.encode(value)
        self.redirects.write(NOTE_PREFIX + name, Entry(head, body, None, keep_until))

    def limit_responses(self, size: int | None) -> None:
        """Store no body larger than `size`, which is what the store takes; None for any."""
        if size is not None:
            own = self.max_response_size
            self.max_response_size = size if own is None else min(own, size)

    def refuse_large(self, size: int) -> None:
        """Raise ValueTooLargeError for a body that is larger than `max_response_size`."""
        if self.max_response_size is not None and size > self.max_response_size:
            raise ValueTooLargeError(
                f"the body has {size} bytes, max_response_size is {self.max_response_size}"
            )

    @property
    def streams(self) -> bool:
        """Say whether bodies of any size go in and out without being held in memory."""
        return self.serializer.streams and self.responses.capabilities.streaming

    @property
    def stream_limit(self) -> int | None:
        """Give the largest body in bytes that is stored when it comes in pieces; None for any."""
        if self.streams:
            return self.max_response_size
        own = self.max_response_size
        return WHOLE_LIMIT if own is None else min(own, WHOLE_LIMIT)

    def create_body(self) -> BodyWriter:
        """Begin to store a body that comes in pieces."""
        return self.responses.create_body()


class _Writing:
    """What `copyfileobj` writes to."""

    def __init__(self, writer: BodyWriter) -> None:
        self.write = writer.write
