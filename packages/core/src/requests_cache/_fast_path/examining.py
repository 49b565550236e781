"""What is seen of a stored response once: until when it can be used as it is, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, BinaryIO, Final

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._exchange.request_context import NO_OPTIONS, Lifetime
from .._matching.owner import NOBODY, ask
from ..errors import RecordError
from ..models.original import attributes_of
from ..models.record import Flag, KeptRecord, Record, pack_text
from ..models.response import CachedResponse, copies_of
from ..models.shape import check_shape

if TYPE_CHECKING:
    from .._exchange.host import Host
    from .._store.entry import Entry
    from ..backends.cache import BaseCache
    from .memo import KnownCall, Seen
    from .state import SessionState

__all__ = ["LONG_WAY", "examine", "look_open", "read_small"]

LONG_WAY: Final = Flag.COOKIES | Flag.NOT_WHOLE | Flag.SELECTED
"""Flags of responses that only the long way can give, if the jar has no cookies."""
# What does not say whose it is takes the long way, too.
_LOOKED_AT: Final = LONG_WAY | Flag.OWNED
_CHALLENGES: Final = frozenset({401, 407})


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
        until = _standing(session, state, known, head)
        is_same = state.in_memory or not state.reads_records
        if not is_same and state.memo.takes_copy(entry):
            # To compare a small body with one that was checked takes less time than to check it.
            is_same, record = True, KeptRecord.load(*entry[:2])
    except Exception:  # noqa: BLE001  # whatever it is, the long way meets it again and deals with it
        return None
    if not is_same:
        # Not the one whose text has been parsed, which takes more memory.
        head = Record.load(entry.head, None)
    is_fitted = _is_fitted(known, head)
    give: Callable[[Record], CachedResponse] = partial(_present, known, is_fitted)
    copied = None
    if known.present is None and known.read is None and not is_fitted:
        give = CachedResponse.from_record
        if is_same:
            copied = attributes_of(CachedResponse.from_record(record, known.key))
        else:
            give = copies_of(record, known.key)
    elif state.filter_fn is not None:
        # It is asked before there is anything of the caller in the response.
        until = -inf
    kept: Seen = (entry if is_same else None, record if is_same else head, until, give, copied)
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


def _standing(session: Host, state: SessionState, known: KnownCall, head: Record) -> float:
    """Give until when a response can be used as it is; minus infinity if it cannot."""
    flags, status = head.flags, head.status
    if known.jar is not None:
        if not _is_for_jar(session, known, head):
            return -inf
        flags &= ~Flag.COOKIES
    is_answered = 300 <= status < 400 or status in _CHALLENGES
    if known.lock is not None and head.fields.get("owner") != known.lock:
        return -inf
    if state.partition is not None and flags & Flag.VARY:
        # It selects by other fields than the request shows.
        return -inf
    source = head.source or pack_text(head.fields)
    if is_answered or flags & _LOOKED_AT != Flag.OWNED or not _answers_get(source):
        # Somebody fills the jar, follows it, or has a hook that sends the request again.
        return -inf
    if (head.flags & Flag.VARY or b'"siblings"' in source) and not _is_selected(state, known, head):
        return -inf
    if state.keeps and known.options is NO_OPTIONS:
        # Of the simple rules that is all there is to it, see `Keep.standing`.
        return head.expires
    from .._exchange.heads import request_fields, stored_head
    from .._exchange.policies import policy_of
    from .._exchange.presented import PresentedRecord
    from ..policy.vary import matches

    redactor = state.cache.matching.redactor
    lifetime = Lifetime.of(head.url, state.settings, known.options)
    policy = policy_of(state.settings, known.options, lifetime, clock.now())
    # By the key and URL by which an exchange would have it described, which goes on from here.
    stored = stored_head(CachedResponse.from_record(head, known.key), known.url)
    until = policy.standing(stored)
    if until is None or not matches(stored, request_fields(known.headers, redactor)):
        return -inf
    if state.settings.cache_control:
        known.present = partial(PresentedRecord.of, policy)
    return until


def _is_for_jar(session: Host, known: KnownCall, head: Record) -> bool:
    """Say whether a response can be given as it is to a caller whose jar has cookies."""
    jar = known.jar
    assert jar is not None
    if head.flags & Flag.HISTORY:
        return False
    if jar.selects and (head.flags & Flag.VARY or "selected" in head.fields):
        return False
    if not head.flags & Flag.COOKIES:
        return True
    if session.settings.replay_cookies:
        return False
    from .._exchange.whose import has_needs

    return has_needs(session, _request_of(known), head.fields)


def _present(known: KnownCall, is_fitted: bool, record: Record) -> CachedResponse:
    """Give the response that the caller gets, where time or the caller have a part in it."""
    if known.present is not None:
        record = known.present(record, clock.now())
    response = CachedResponse.from_record(record, known.key)
    if is_fitted:
        response.fit_later(_fit, known)
    if known.read is not None:
        response.leave_unread()
    return response


def _is_fitted(known: KnownCall, head: Record) -> bool:
    """Say whether the caller's request shows in a response, which has something else stored."""
    if head.flags & Flag.PUT_BACK or known.jar is not None or known.partition is not None:
        return True
    # The URL that a record says it is of has no fragment, that of its request may have one.
    has_fragment = "#" in known.url
    return has_fragment or not known.is_stored_in(head.source or pack_text(head.fields))


def _fit(response: CachedResponse, known: KnownCall) -> None:
    from ..models.fitting import fit

    fit(response, _request_of(known), () if known.jar is None else known.jar.copy)


def _request_of(known: KnownCall) -> PreparedRequest:
    """Give the request of a call that was never prepared, or not kept."""
    request = PreparedRequest()
    request.method, request.url = "GET", known.url
    request.headers = CaseInsensitiveDict(known.headers)
    request.prepare_cookies(RequestsCookieJar() if known.jar is None else known.jar.copy.copy())
    if known.jar is not None or known.partition is not None:
        # So that its key is that of the response.
        knows = known.jar is not None
        asker = NOBODY._replace(partition=known.partition, knows_cookies=knows)
        ask(request, asker, request.headers.get("Cookie"))
    return request


def _answers_get(source: bytes) -> bool:
    """Say whether it is the answer to a GET, as all of its redirects are.

    In JSON no quote stands in a text without a backslash, so these bytes are the names of members.
    """
    return source.count(b'"method":"') == source.count(b'"method":"GET"')


def _is_selected(state: SessionState, known: KnownCall, head: Record) -> bool:
    """Say whether the request selects it, and no other response of its URL."""
    from .._exchange.heads import request_fields, selects
    from .._exchange.siblings import read_siblings, selected_by

    redactor = state.cache.matching.redactor
    if head.flags & Flag.VARY and not selects(head, known.headers, redactor):
        return False
    siblings = read_siblings(head.fields)
    return not (siblings and selected_by(request_fields(known.headers, redactor), siblings))
