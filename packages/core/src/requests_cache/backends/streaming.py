"""Responses whose body comes out of a cache as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from io import SEEK_END, SEEK_SET, BytesIO
from typing import Any, BinaryIO

from .._store.entry import Entry
from ..errors import RecordError
from ..models.record import (
    DetachedRecord,
    Identity,
    check_usable,
    is_checked,
    note_checked,
    note_spoilt,
)
from ..models.response import CachedResponse
from .saving import Saving

__all__ = ["Streaming"]


class Streaming(Saving):
    """The verbs of a cache that open a body."""

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
        from .._store.checked_body import CheckedBody

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
