"""Bodies that go into a cache and come out of it in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import SEEK_END, SEEK_SET, BytesIO
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any, BinaryIO

from .._store.capabilities import WHOLE_LIMIT
from .._store.entry import Entry
from ..errors import RecordError, ValueTooLargeError
from ..models.record import DetachedRecord, check_usable, is_checked, note_checked, note_spoilt
from ..models.response import CachedResponse

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter
    from .cache import BaseCache

__all__ = ["Streaming"]

_CHUNK = 1024 * 1024


class Streaming:
    """The verbs of a cache that handle a body in pieces."""

    @property
    def streams(self: BaseCache) -> bool:
        """Say whether bodies of any size go in and out without being held in memory."""
        return self.serializer.streams and self.responses.capabilities.streaming

    @property
    def stream_limit(self: BaseCache) -> int | None:
        """Give the largest body in bytes that is stored when it comes in pieces; None for any."""
        if self.streams:
            return self.max_response_size
        own = self.max_response_size
        return WHOLE_LIMIT if own is None else min(own, WHOLE_LIMIT)

    def create_body(self: BaseCache) -> BodyWriter:
        """Begin to store a body that comes in pieces."""
        return self.responses.create_body()

    def open_response(self: BaseCache, key: str) -> CachedResponse | None:
        """Give what `get_response` gives, with a body that is read as far as the caller asks.

        The caller closes the response. A store that cannot stream reads the body at once.
        """
        if not self.streams:
            return self.get_response(key)
        opened, alias = self.open_either(key)
        if opened is not None:
            return self._opened(key, *opened)
        return None if alias is None else self._follow(key, alias, self.open_exactly)

    def open_either(
        self: BaseCache, key: str
    ) -> tuple[tuple[Entry, BinaryIO] | None, Entry | None]:
        """Open what is stored under `key`, and, if that is nothing, give the redirect from it.

        A cache behind a network overrides this if it can ask for both at once.
        """
        opened = self.responses.open_body(key)
        return opened, None if opened is not None else self.redirects.read(key)

    def open_exactly(self: BaseCache, key: str) -> CachedResponse | None:
        """Give what `open_response` gives; redirects are not followed."""
        if not self.streams:
            return self.read_response(key)
        opened = self.responses.open_body(key)
        return None if opened is None else self._opened(key, *opened)

    def _opened(self: BaseCache, key: str, entry: Entry, file: BinaryIO) -> CachedResponse | None:
        if isinstance(file, BytesIO):
            # It is in memory as it is.
            return self._load(key, entry._replace(body=file.getvalue()))
        try:
            return self._attach(key, entry, file)
        except BaseException:
            file.close()
            raise

    def open_responses(
        self: BaseCache, keys: Iterable[str]
    ) -> Iterator[tuple[str, CachedResponse]]:
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

    def _attach(self: BaseCache, key: str, entry: Entry, file: BinaryIO) -> CachedResponse | None:
        response = self._load(key, entry, bodies=False)
        if response is None:
            file.close()
            return None
        size = file.seek(0, SEEK_END)
        file.seek(0, SEEK_SET)
        if size != response.record.size:
            file.close()
            self.note_damage("response under", key, f"its body has {size} bytes")
            return None

        record = DetachedRecord.of(response.record, file)
        identity = record.identity
        try:
            check_usable(identity)
        except RecordError as error:
            file.close()
            self.note_damage("response under", key, error)
            return None

        # It does not know the record: a response that is forgotten lets its file go at once.
        def finished(why: str | None) -> None:
            if why is None:
                note_checked(identity)
                return
            self.note_damage("response under", key, why)
            # Whatever becomes of the store: who asks next gets another one.
            note_spoilt(identity)
            with suppress(Exception):
                self.responses.discard(key)

        from .._store.checked_body import CheckedBody

        crc = None if is_checked(identity) else record.crc
        checked: Any = CheckedBody(file, size, crc, finished)
        record.reader = checked
        return CachedResponse.from_record(record, key)

    def write_detached(self: BaseCache, key: str, record: DetachedRecord, entry: Entry) -> None:
        """Store a record whose body was written in pieces, or is a file."""
        writer = record.writer
        if writer is None:
            assert record.reader is not None
            writer = self.create_body()
            record.reader.seek(0)
            copyfileobj(record.reader, _Writing(writer), _CHUNK)
            record.reader.seek(0)
        writer.commit(key, entry)

    def refuse_large(self: BaseCache, size: int) -> None:
        """Raise ValueTooLargeError for a body that is larger than `max_response_size`."""
        if self.max_response_size is not None and size > self.max_response_size:
            raise ValueTooLargeError(
                f"the body has {size} bytes, max_response_size is {self.max_response_size}"
            )


class _Writing:
    """What `copyfileobj` writes to."""

    def __init__(self, writer: BodyWriter) -> None:
        self.write = writer.write
