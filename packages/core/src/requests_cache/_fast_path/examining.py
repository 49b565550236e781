"""What is seen of a stored response once: until when it can be used as it is, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, BinaryIO

from ..errors import RecordError
from ..models.base import attributes_of
from ..models.record import KeptRecord, Record
from ..models.response import CachedResponse, copies_of
from ..models.shape import check_shape
from .presenting import is_fitted, present
from .standing import standing

if TYPE_CHECKING:
    from .._exchange.host import Host
    from .._store.entry import Entry
    from ..backends.cache import BaseCache
    from .memo import KnownCall, Seen
    from .state import SessionState

__all__ = ["examine", "look_open", "read_small"]


def read_small(cache: BaseCache, key: str) -> Entry | None:
    """Read what a store has at once, for a caller who reads the body himself; None for the rest."""
    if not cache.streams:
        return cache.responses.read(key)
    opened = cache.responses.open_body(key)
    if opened is None:
        return None
    entry, file = opened
    if isinstance(file, BytesIO):
        return entry._replace(body=file.getvalue())
    file.close()
    return None


def look_open(
    cache: BaseCache, key: str, *beside: str
) -> tuple[Entry | None, Entry | None, tuple[Entry, BinaryIO] | None]:
    """Do what `read_either` does for a caller who reads the body himself.

    Give also what was opened: of a body in pieces that is all there is.
    """
    if not cache.streams:
        return *cache.read_either(key, *beside), None
    opened, alias = cache.open_either(key, *beside)
    entry, file = opened or (None, None)
    if entry is None or not isinstance(file, BytesIO):
        return None, alias, opened
    return entry._replace(body=file.getvalue()), alias, opened


def examine(
    session: Host, state: SessionState, known: KnownCall, entry: Entry
) -> tuple[Record, Seen, bool] | None:
    """Read what is stored; of what is seen for the first time, keep what will be the same.

    Returns:
        The record, what is kept of it, and whether that is new; None if it cannot be read.
    """
    # Another thread may put something else there meanwhile.
    before = known.seen
    same, record = before[:2]
    try:
        if record is not None:
            if same is None and entry.head == record.source:
                return record.with_body(entry.body), before, False
            if same is not None and entry[:2] == same[:2]:
                return record, before, False
        head, record = _read(state, entry)
        until, late = standing(session, state, known, head)
        is_same = state.in_memory or not state.reads_records
        if not is_same and state.memo.takes_copy(entry):
            # To compare a small body with one that was checked takes less time than to check it.
            is_same, record = True, KeptRecord.load(*entry[:2])
    except Exception:  # noqa: BLE001  # whatever it is, the long way meets it again and deals with it
        return None
    if not is_same:
        # Not the one whose text has been parsed, which takes more memory.
        head = Record.load(entry.head, None)
    fits = is_fitted(known, head)
    give: Callable[[Record], CachedResponse] = partial(present, known, fits)
    copied = None
    if known.present is None:
        # Not a thing of it depends on the time: this one stands for all.
        response = give(record)
        if is_same:
            copied = attributes_of(response)
        else:
            give = copies_of(response)
    if state.filter_fn is not None and (fits or known.present or known.read):
        # It is asked before there is anything of the caller in the response.
        until = -inf
    kept_entry, kept_record = (entry, record) if is_same else (None, head)
    kept: Seen = (kept_entry, kept_record, until, give, copied, late)
    known.seen = kept
    return record, kept, True


def _read(state: SessionState, entry: Entry) -> tuple[Record, Record]:
    """Read the record of an entry, once without its body."""
    if state.reads_records:
        head = Record.load(entry.head, None)
        check_shape(head)
        return head, head.with_body(entry.body)
    response = state.cache.serializer.decode(entry.head, entry.body)
    if type(response) is not CachedResponse or type(response.record) is not Record:
        raise RecordError("it is no response in memory")
    record = response.record
    # A pickle has the key that it was stored under; who asks gets it with his own.
    made = CachedResponse.from_record(record, response.cache_key)
    if attributes_of(response) != attributes_of(made):
        raise RecordError("the response has more than its record")
    return record, record
