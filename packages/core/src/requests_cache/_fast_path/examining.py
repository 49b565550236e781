"""What is seen of a stored response once: until when it can be used as it is, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._exchange.request_context import NO_OPTIONS
from .._matching.owner import NOBODY, ask
from ..errors import RecordError
from ..models.base import attributes_of
from ..models.record import Flag, KeptRecord, Record, pack_text
from ..models.response import CachedResponse, copies_of, fit
from ..models.shape import check_shape
from .memo import LONG_WAY

if TYPE_CHECKING:
    from .._exchange.request_context import Host
    from .._store.entry import Entry
    from .memo import KnownCall, Seen
    from .state import SessionState


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
        until, late = _standing(session, state, known, head)
        is_same = state.in_memory or not state.reads_records
        if not is_same and state.memo.takes_copy(entry):
            # To compare a small body with one that was checked takes less time than to check it.
            is_same, record = True, KeptRecord.load(*entry[:2])
    except Exception:  # noqa: BLE001  # whatever it is, the long way meets it again and deals with it
        return None
    if not is_same:
        # Not the one whose text has been parsed, which takes more memory.
        head = Record.load(entry.head, None)
    fits = _is_fitted(known, head)
    give: Callable[[Record], CachedResponse] = partial(_present, known, fits)
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


# Until when it can be given without an exchange, if it can at all

# What does not say whose it is takes the long way, too.
_LOOKED_AT: Final = LONG_WAY | Flag.OWNED
_CHALLENGES: Final = frozenset({401, 407})
_NEVER: Final = (-inf, -inf)


def _standing(
    session: Host, state: SessionState, known: KnownCall, head: Record
) -> tuple[float, float]:
    """Give until when a response can be used as it is, and until when while it is refreshed."""
    if not _is_for_call(session, state, known, head):
        return _NEVER
    if state.keeps and known.options is NO_OPTIONS:
        # Of the simple rules that is all there is to it, see `Keep.standing`.
        return head.expires, -inf
    from .._exchange.heads import PresentedRecord, policy_of, request_fields, stored_head
    from ..policy.selection import matches

    redactor = state.cache.matching.redactor
    policy = policy_of(head.url, state.settings, known.options, clock.now())
    # By the key and URL by which an exchange would have it described, which goes on from here.
    stored = stored_head(CachedResponse.from_record(head, known.key), known.url)
    until, late = policy.standing(stored), policy.lingering(stored)
    if not matches(stored, request_fields(known.headers, redactor)):
        return _NEVER
    if state.settings.cache_control:
        known.present = partial(PresentedRecord.of, policy)
    if known.read is not None or not state.is_done:
        # An exchange refreshes what has been read, and what a filter and hooks have seen.
        late = -inf
    return -inf if until is None else until, late


def _is_for_call(session: Host, state: SessionState, known: KnownCall, head: Record) -> bool:
    """Say whether a response is one that can be given to the caller, as long as it holds."""
    flags, status = head.flags, head.status
    if known.jar is not None:
        if not _is_for_jar(session, known, head):
            return False
        flags &= ~Flag.COOKIES
    if known.lock is not None and head.fields.get("owner") != known.lock:
        return False
    if state.partition is not None and flags & Flag.VARY:
        # It selects by other fields than the request shows.
        return False
    if flags & _LOOKED_AT != Flag.OWNED or 300 <= status < 400 or status in _CHALLENGES:
        # Somebody fills the jar, follows it, or has a hook that sends the request again.
        return False
    source = head.source or pack_text(head.fields)
    if not _answers(known.method, source):
        return False
    may_be_another = head.flags & Flag.VARY or b'"siblings"' in source
    return not may_be_another or _is_selected(state, known, head)


def _is_for_jar(session: Host, known: KnownCall, head: Record) -> bool:
    """Say whether a response can be given as it is to a caller whose jar has cookies."""
    jar = known.jar
    assert jar is not None
    if head.flags & Flag.HISTORY:
        return False
    if (jar.selects and head.flags & Flag.VARY) or (
        (jar.selects or jar.tells) and "selected" in head.fields
    ):
        return False
    if not head.flags & Flag.COOKIES:
        return True
    if session.settings.replay_cookies:
        return False
    from .._exchange.whose import missing_cookie

    return missing_cookie(session, request_of(known), head.fields) is None


def _answers(method: str, source: bytes) -> bool:
    """Say whether it is the answer to a method, as all of its redirects are.

    In JSON no quote stands in a text without a backslash, so these bytes are the names of members.
    """
    return source.count(b'"method":"') == source.count(b'"method":"%b"' % method.encode())


def _is_selected(state: SessionState, known: KnownCall, head: Record) -> bool:
    """Say whether the request selects it, and no other response of its URL."""
    from .._exchange.heads import request_fields, selects
    from .._exchange.known import read_siblings, selected_by

    redactor = state.cache.matching.redactor
    if head.flags & Flag.VARY and not selects(head, known.headers, redactor):
        return False
    siblings = read_siblings(head.fields)
    return not (siblings and selected_by(request_fields(known.headers, redactor), siblings))


# What a caller gets of it: his own request in it, and what depends on the time


def _present(known: KnownCall, fits: bool, record: Record) -> CachedResponse:
    """Give the response that the caller gets, where time or the caller have a part in it."""
    if known.present is not None:
        record = known.present(record, clock.now())
    response = CachedResponse.from_record(record, known.key)
    if fits:
        response.fit_later(_fit, known)
    if known.read is not None:
        response.leave_unread()
    return response


def _is_fitted(known: KnownCall, head: Record) -> bool:
    """Say whether the caller's request shows in a response, which has something else stored."""
    if head.flags & Flag.PUT_BACK or known.jar is not None or known.asker is not None:
        return True
    # Other bodies have the same key. The URL that a record says it is of has no fragment, that of
    # its request may have one.
    if known.body is not None or "#" in known.url:
        return True
    return not known.is_stored_in(head.source or pack_text(head.fields))


def _fit(response: CachedResponse, known: KnownCall) -> None:
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
