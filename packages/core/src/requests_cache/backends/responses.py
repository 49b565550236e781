"""Reading and saving responses, redirects and notes in the stores of a cache."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from io import SEEK_END, SEEK_SET, BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, TypeAlias

from requests import PreparedRequest, Response

from .. import clock
from .._store.entry import DAMAGED, NOTE_PREFIX, WHOLE_LIMIT, Entry, is_key, is_sound
from ..errors import ConfigurationError, RecordError, ValueTooLargeError
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.record import (
    DetachedRecord,
    Identity,
    check_usable,
    is_checked,
    note_checked,
    note_spoilt,
)
from ..models.response import CachedResponse
from ..models.shape import check_history, note_renewed
from .matched import Matched

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter
    from ..models.fields import Fields
    from .statistics import Events, Statistics
    from .storage import BaseStorage

logger: logging.Logger = logging.getLogger("requests_cache")

_Read: TypeAlias = "Callable[[bytes, bytes | None], Any]"

# So many values that cannot be read are warned of.
_MOST_WARNINGS = 10
# Twice as many as are written, so that sweeping catches up.
_SWEEP_EVERY = 16
_SWEEP_MOST = 32
_CHUNK = 1024 * 1024
# While `save_response` is at work: how long what it writes is kept when it has expired.
_grace: ContextVar[tuple[float | None] | None] = ContextVar("_grace", default=None)


class Responses(Matched):
    """The verbs of a cache that read by key, and those that save."""

    responses: BaseStorage
    redirects: BaseStorage
    stats: Statistics
    events: Events

    asks_for_both: ClassVar[bool] = False
    """Whether `read_either` and `open_either` take `beside`, and ask for both at once."""
    max_response_size: int | None = None
    _damaged: int = 0

    # Reading

    def get_response(self, key: str, default: Any = None) -> CachedResponse | Any:
        """Give the response stored under `key` or under a redirect of this key, else `default`.

        Bytes that cannot be read count as nothing; there is a warning in the log.
        """
        if not isinstance(key, str):
            self._check(key=key)
        response = self.make_response(key, *self.read_either(key))
        return default if response is None else response

    def make_response(
        self, key: str, entry: Entry | None, alias: Entry | None
    ) -> CachedResponse | None:
        """Make the response for a key of what `read_either` gave; None if nothing can be made."""
        if entry is not None:
            return self._load(key, entry)
        return None if alias is None else self._follow(key, alias)

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Give what is stored under `key`, and, if that is nothing, the redirect from it.

        A cache behind a network overrides this if it can ask for both at once. If it takes
        `beside` as well, the key of something else to look for among the redirects, and declares
        `asks_for_both`, then a miss by the rules of HTTP takes one look, too.
        """
        entry = self.responses.read(key)
        return entry, None if entry is not None else self.redirects.read(beside or key)

    def read_response(self, key: str) -> CachedResponse | None:
        """Give the response stored under `key` itself; redirects are not followed."""
        if not isinstance(key, str):
            self._check(key=key)
        entry = self.responses.read(key)
        return None if entry is None else self._load(key, entry)

    def read_responses(self, keys: Iterable[str]) -> Iterator[tuple[str, CachedResponse]]:
        """Give those of the responses that are stored and can be read, with their keys."""
        for key, entry in self.responses.read_many(self._listed("keys", keys)):
            response = self._load(key, entry)
            if response is not None:
                yield key, response

    def read_note(self, name: str) -> Any:
        """Give a small value that was kept beside the responses; None if there is none."""
        return self.make_note(name, self.redirects.read(NOTE_PREFIX + name))

    def make_note(self, name: str, entry: Entry | None) -> Any:
        """Make the value of what is stored as a note; None if nothing can be made."""
        return entry and self._made_of(entry, "note", name, self.redirects.serializer.decode)

    def _load(
        self, key: str, entry: Entry, bodies: bool = True, *, peek: bool = False
    ) -> CachedResponse | None:
        read = self.serializer.peek if peek else self.serializer.decode
        whole = bodies or not self.serializer.splits
        response = self._made_of(entry, "response under", key, read, whole)
        if response is None:
            return None
        if not isinstance(response, CachedResponse):
            self.note_damage("response under", key, "it is another value")
            return None
        response.cache_key = key
        return response

    def _made_of(self, entry: Entry, what: str, key: str, read: _Read, whole: bool = True) -> Any:
        """Give what is read from an entry, or from its head; None, with a warning, if nothing is.

        Whatever is stored may be wrong, and a serializer of somebody else's may raise anything for
        it. That is no failure of the store: it concerns this value alone.
        """
        try:
            return read(entry.head, entry.body if whole else None)
        except RecordError as error:
            self.note_damage(what, key, error)
        except Exception as error:  # noqa: BLE001  # see above
            title = self.serializer.title
            why = f"the serializer {title} failed: {type(error).__name__}: {error}"
            self.note_damage(what, key, why)
        return None

    def _follow(
        self,
        key: str,
        alias: Entry,
        read: Callable[[str], CachedResponse | None] | None = None,
    ) -> CachedResponse | None:
        target = self._target(key, alias)
        response = None if target is None else (read or self.read_response)(target)
        if response is not None and alias.body:
            self._add_history(response, key, alias)
        return response

    def _target(self, key: str, alias: Entry) -> str | None:
        """Give the key that a redirect leads to; None if it cannot be read."""
        decode = self.redirects.serializer.decode
        target: str | None = self._made_of(
            alias, "redirect of", key, lambda head, body: decode(head, b"")
        )
        if target is None or is_key(target):
            return target
        self.note_damage("redirect of", key, "it is not the key of a response")
        return None

    def _add_history(self, response: CachedResponse, key: str, alias: Entry) -> None:
        def read(head: bytes, body: bytes | None) -> Any:
            history = self.redirects.serializer.loads(body or b"")
            check_history(history)
            return history

        history = self._made_of(alias, "redirect of", key, read)
        if history is not None:
            response.set_history(history)

    def entries(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the responses; `bodies` as for `BaseStorage.scan`.

        What is no entry at all comes as one that cannot be read.
        """
        return _made_sound(self.responses.scan(bodies))

    def aliases(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the redirects and notes, as `entries` does."""
        return _made_sound(self.redirects.scan(bodies))

    def note_damage(self, what: str, key: str, why: object) -> None:
        """Count a value that cannot be read, and warn of it; of many only of the first ones.

        All of a cache are, if it is opened with another key or serializer.
        """
        self.stats.add("invalid")
        self._damaged += 1
        level = logging.WARNING if self._damaged <= _MOST_WARNINGS else logging.DEBUG
        logger.log(level, "%r: the %s key %.64s cannot be read: %s", self, what, key, why)
        if self._damaged == _MOST_WARNINGS:
            logger.warning("%r: more that cannot be read is logged with level DEBUG", self)

    # Saving

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
        if own is not Responses.save_response and _grace.get() is None:
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
            while piece := record.reader.read(_CHUNK):
                writer.write(piece)
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

    # Bodies that are read as the caller asks

    def open_response(self, key: str) -> CachedResponse | None:
        """Give what `get_response` gives, with a body that is read as far as the caller asks.

        The caller closes the response. A store that cannot stream reads the body at once.
        """
        if not self.streams:
            return self.get_response(key)
        return self.make_opened(key, *self.open_either(key))

    def make_opened(
        self, key: str, opened: tuple[Entry, BinaryIO] | None, alias: Entry | None
    ) -> CachedResponse | None:
        """Make the response for a key of what `open_either` gave; None if nothing can be made."""
        if opened is not None:
            return self._opened(key, *opened)
        return None if alias is None else self._follow(key, alias, self.open_exactly)

    def open_either(
        self, key: str, beside: str | None = None
    ) -> tuple[tuple[Entry, BinaryIO] | None, Entry | None]:
        """Open what is stored under `key`, and, if that is nothing, give the redirect from it.

        A cache behind a network overrides this if it can ask for both at once, as `read_either`.
        """
        opened = self.responses.open_body(key)
        return opened, None if opened is not None else self.redirects.read(beside or key)

    def open_exactly(self, key: str) -> CachedResponse | None:
        """Give what `open_response` gives; redirects are not followed."""
        if not self.streams:
            return self.read_response(key)
        opened = self.responses.open_body(key)
        return None if opened is None else self._opened(key, *opened)

    def _opened(self, key: str, entry: Entry, file: BinaryIO) -> CachedResponse | None:
        if isinstance(file, BytesIO):
            # It is in memory as it is.
            return self._load(key, entry._replace(body=file.getvalue()))
        try:
            return self._attach(key, entry, file)
        except BaseException:
            file.close()
            raise

    def open_responses(self, keys: Iterable[str]) -> Iterator[tuple[str, CachedResponse]]:
        """Give those of the responses that are stored, each closed when the next one is asked for.

        A store that cannot stream reads all of them at once.
        """
        if not self.streams:
            yield from self.read_responses(keys)
            return
        for key in keys:
            response = self.open_exactly(key)
            if response is not None:
                with response:
                    yield key, response

    def _attach(self, key: str, entry: Entry, file: BinaryIO) -> CachedResponse | None:
        response = self._load(key, entry, bodies=False)
        if response is None:
            file.close()
            return None
        size = file.seek(0, SEEK_END)
        file.seek(0, SEEK_SET)
        record = DetachedRecord.of(response.record, file)
        try:
            _check(record, size)
        except RecordError as error:
            file.close()
            self.note_damage("response under", key, error)
            return None
        from .._store.pieces import CheckedBody

        crc = None if is_checked(record.identity) else record.crc
        # It does not know the record: a response that is forgotten lets its file go at once.
        ended = partial(self._note_end, key, record.identity)
        checked: Any = CheckedBody(file, size, crc, ended)
        record.reader = checked
        record.reopen = partial(self._reopen, key, record.size, record.crc)
        return CachedResponse.from_record(record, key)

    def _reopen(self, key: str, size: int, crc: int) -> BinaryIO | None:
        """Open a body that was read to its end once more; None if another one is stored by now."""
        response = self.open_exactly(key)
        if response is None or not isinstance(response.record, DetachedRecord):
            return None
        if (response.record.size, response.record.crc) == (size, crc):
            return response.record.reader
        response.close()
        return None

    def _note_end(self, key: str, identity: Identity, why: str | None) -> None:
        """Take note of a body that was read to its end, and why it is of no use."""
        if why is None:
            note_checked(identity)
            return
        self.note_damage("response under", key, why)
        # Whatever becomes of the store: who asks next gets another one.
        note_spoilt(identity)
        with suppress(Exception):
            self.responses.discard(key)


def _check(record: DetachedRecord, size: int) -> None:
    """Raise RecordError for a body of another size, or one that was of no use before."""
    if size != record.size:
        raise RecordError(f"its body has {size} bytes")
    check_usable(record.identity)


def _made_sound(items: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    return ((key, entry if is_sound(entry) else DAMAGED) for key, entry in items if is_key(key))
