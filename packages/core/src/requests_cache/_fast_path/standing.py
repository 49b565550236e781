"""Until when a stored response can be given to a call without an exchange, if it can at all."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from .. import clock
from .._exchange.request_context import NO_OPTIONS, Lifetime
from ..models.record import Flag, Record, pack_text
from ..models.response import CachedResponse
from .memo import LONG_WAY
from .presenting import request_of

if TYPE_CHECKING:
    from .._exchange.host import Host
    from .memo import KnownCall
    from .state import SessionState

__all__ = ["NEVER", "standing"]

# What does not say whose it is takes the long way, too.
_LOOKED_AT: Final = LONG_WAY | Flag.OWNED
_CHALLENGES: Final = frozenset({401, 407})
NEVER: Final = (-inf, -inf)


def standing(
    session: Host, state: SessionState, known: KnownCall, head: Record
) -> tuple[float, float]:
    """Give until when a response can be used as it is, and until when while it is refreshed."""
    if not _is_for_call(session, state, known, head):
        return NEVER
    if state.keeps and known.options is NO_OPTIONS:
        # Of the simple rules that is all there is to it, see `Keep.standing`.
        return head.expires, -inf
    from .._exchange.heads import request_fields, stored_head
    from .._exchange.policies import policy_of
    from .._exchange.presented import PresentedRecord
    from ..policy.selection import matches

    redactor = state.cache.matching.redactor
    lifetime = Lifetime.of(head.url, state.settings, known.options)
    policy = policy_of(state.settings, known.options, lifetime, clock.now())
    # By the key and URL by which an exchange would have it described, which goes on from here.
    stored = stored_head(CachedResponse.from_record(head, known.key), known.url)
    until, late = policy.standing(stored), policy.lingering(stored)
    if not matches(stored, request_fields(known.headers, redactor)):
        return NEVER
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
    is_answered = 300 <= status < 400 or status in _CHALLENGES
    if known.lock is not None and head.fields.get("owner") != known.lock:
        return False
    if state.partition is not None and flags & Flag.VARY:
        # It selects by other fields than the request shows.
        return False
    source = head.source or pack_text(head.fields)
    if is_answered or flags & _LOOKED_AT != Flag.OWNED or not _answers(known.method, source):
        # Somebody fills the jar, follows it, or has a hook that sends the request again.
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
    from .._exchange.whose import has_needs

    return has_needs(session, request_of(known), head.fields)


def _answers(method: str, source: bytes) -> bool:
    """Say whether it is the answer to a method, as all of its redirects are.

    In JSON no quote stands in a text without a backslash, so these bytes are the names of members.
    """
    return source.count(b'"method":"') == source.count(b'"method":"%b"' % method.encode())


def _is_selected(state: SessionState, known: KnownCall, head: Record) -> bool:
    """Say whether the request selects it, and no other response of its URL."""
    from .._exchange.heads import request_fields, selects
    from .._exchange.stored_set import read_siblings, selected_by

    redactor = state.cache.matching.redactor
    if head.flags & Flag.VARY and not selects(head, known.headers, redactor):
        return False
    siblings = read_siblings(head.fields)
    return not (siblings and selected_by(request_fields(known.headers, redactor), siblings))
