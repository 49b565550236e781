"""The answer to a call whose key is known: what is stored is read, and given if it is the same."""

from __future__ import annotations

from functools import partial
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import clock
from ..backends.statistics import DEBUG, LEVELS
from ..models.record import SPOILT_BODIES
from ..models.response import CachedResponse, copy_of
from .examining import examine
from .presenting import request_of

if TYPE_CHECKING:
    from .._exchange.host import Host
    from ..models.record import Record
    from .memo import KnownCall
    from .state import SessionState

__all__ = ["recall", "report", "tell"]


def recall(
    session: Host,
    state: SessionState,
    identity: Any,
    known: KnownCall,
    kwargs: dict[str, Any],
) -> CachedResponse | None:
    """Give the stored response of a known call, if it can be used without waiting.

    Args:
        session: the session.
        state: the state it is in.
        identity: what is the same for the same call.
        known: the call.
        kwargs: its arguments, with which it is sent if it has to be refreshed.
    """
    same, record, until, give, copied, late = known.seen
    is_late = until != inf and record is not None and until <= clock.now()
    if known.is_left or (is_late and late <= clock.now()):
        # It is looked for again, and remembered if that is worth while.
        state.memo.forget(identity)
        return None
    cache = state.cache
    # Written out, here and below: a hit of which nobody wants to hear makes no call for it.
    heard = cache.events.listeners or DEBUG not in LEVELS or LEVELS[DEBUG]
    began = perf_counter() if heard else 0.0
    try:
        entry = cache.responses.read(known.key) if known.read is None else known.read(known.key)
    except Exception as error:  # noqa: BLE001  # a store of somebody else's may raise anything
        report(session, state, error)
        # By the way that `look` goes, which asks no store that has failed this request.
        state.memo.forget(identity)
        return None
    if entry is None:
        # It was deleted. Of a store that gives copies `same` may be None, too.
        record = None
    elif entry is not same and (same is None or entry.head != same.head or entry.body != same.body):
        examined = examine(session, state, known, entry)
        record, seen, is_new = examined or (None, known.seen, False)
        _, _, until, give, copied, late = seen
        is_late = until <= clock.now()
        if is_late and (is_new or late <= clock.now()):
            record = None
        elif is_new:
            state.memo.add(identity, known)
    # What is kept in memory is not read again. That a stale one is given is told by an exchange.
    if (
        record is None
        or (SPOILT_BODIES and record.identity in SPOILT_BODIES)
        or (is_late and heard)
    ):
        state.memo.forget(identity)
        return None
    if is_late:
        _refresh(session, known, kwargs)
        if record.expires <= clock.now():
            cache.stats.add("stale")
    if state.filter_fn is None:
        cache.stats.hit(record.size)
        if heard:
            tell(state, known.key, record, began)
    return give(record) if copied is None else copy_of(copied)


def _refresh(session: Host, known: KnownCall, kwargs: dict[str, Any]) -> None:
    """Have a thread refresh what is given stale, unless one is about to."""
    make_request = partial(request_of, known)
    of_call = make_request, known.key, known.options, kwargs
    fetch = partial(session.refresh_known, *of_call, is_sent=known.is_prepared)
    session.refresh_in_background(known.key, fetch, known.url)


def report(session: Host, state: SessionState, error: Exception) -> None:
    """Take note that the store has failed; with `on_error="raise"` the long way meets it again."""
    if state.settings.on_error != "raise":
        session.breaker.report(error)


def tell(state: SessionState, key: str, record: Record, began: float) -> None:
    """Tell a hit, if anybody listens: a level that nobody has asked for yet may be any."""
    taken = perf_counter() - began
    events = state.cache.events
    if events.listeners or events.is_heard():
        events.tell_hit(state.cache.matching.redactor, key, record, taken)
