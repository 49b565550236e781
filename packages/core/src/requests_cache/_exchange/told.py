"""An exchange that tells what it does; taken only while somebody listens."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from requests import PreparedRequest, Response
from requests.exceptions import RequestException

from .. import clock
from .._transfer.capture import Capture
from ..events import Event, Outcome
from ..models.response import CachedResponse
from ..policy.cache_status import CacheStatus
from .exchange import Exchange

if TYPE_CHECKING:
    from ..policy import Fetch

_T = TypeVar("_T")

# Why a request went past the cache by the wish of the caller or of the settings (RFC 9211, 2.2).
_PAST_THE_CACHE = frozenset({"bypass", "method"})


class ToldExchange(Exchange):
    """Measures what the store and the origin take, and tells the outcome."""

    _store_time = 0.0
    _origin_time: float | None = None
    _store_failed = False
    _gave_up = False

    def run(self) -> Response:
        return self._told(super().run)

    def refetch(self, fetch: Fetch) -> Response:
        return self._told(lambda: super(ToldExchange, self).refetch(fetch))

    def ask_store(self, action: Callable[[], _T], otherwise: _T) -> _T:
        began = perf_counter()
        try:
            return super().ask_store(lambda: self._tried(action), otherwise)
        finally:
            self._store_time += perf_counter() - began

    def write(self, action: Callable[[], object]) -> bool:
        began = perf_counter()
        try:
            return super().write(action)
        finally:
            self._store_time += perf_counter() - began

    def send(self, request: PreparedRequest) -> Response:
        began = perf_counter()
        try:
            return super().send(request)
        finally:
            self._origin_time = (self._origin_time or 0.0) + perf_counter() - began

    def receive(self, response: Response, keeps_beginning: bool = False) -> Capture:
        began = perf_counter()
        try:
            return super().receive(response, keeps_beginning)
        finally:
            self._origin_time = (self._origin_time or 0.0) + perf_counter() - began

    def give_up(self, status: CacheStatus) -> Response:
        self._gave_up = True
        return super().give_up(status)

    def _tried(self, action: Callable[[], _T]) -> _T:
        """Perform an action of the store; while it has not ended well it has failed."""
        self._store_failed = True
        result = action()
        self._store_failed = False
        return result

    def _told(self, answer: Callable[[], Response]) -> Response:
        # A store that is being left alone is not even asked.
        self._store_failed = self.session.breaker.is_troubled
        try:
            response = answer()
        except RequestException as error:
            self._tell(Event("failed", reason=type(error).__name__))
            raise
        self._tell(self._describe(response))
        return response

    def _tell(self, event: Event) -> None:
        events, request, key = self.cache.events, self.request, self.key or ""
        events.tell(
            event._replace(
                method=(request.method or "GET").upper(),
                url=events.url_of(self.cache.matching.redactor, key, request.url or "", request),
                key=self.key,
                store_time=self._store_time,
                origin_time=self._origin_time,
            )
        )

    def _describe(self, response: Response) -> Event:
        # A hook may have put another response in the place of the stored one.
        answer = response if self._served is None else self._served
        status: CacheStatus = getattr(answer, "cache_status", None) or CacheStatus()
        outcome = self._outcome(answer, status)
        reason = _reason(status, outcome, failed=self._store_failed)
        event = Event(outcome, reason=reason, status=response.status_code)
        if not isinstance(answer, CachedResponse):
            return event
        now, record = clock.now(), answer.record
        expires = answer.expires_at
        return event._replace(
            age=max(0.0, now - record.created),
            ttl=None if expires is None else expires - now,
            size=record.size,
        )

    def _outcome(self, response: Response, status: CacheStatus) -> Outcome:
        if self.in_background:
            return "refreshed"
        if isinstance(response, CachedResponse):
            if response.revalidated:
                return "revalidated"
            is_stale = self._is_stale if response is self._served else response.is_expired
            return "stale" if is_stale else "hit"
        if self._gave_up:
            return "failed"
        is_past = self._store_failed or status.fwd in _PAST_THE_CACHE
        return "bypassed" if is_past else "miss"


def _reason(status: CacheStatus, outcome: Outcome, *, failed: bool) -> str:
    if failed:
        return "store-failed"
    words = (
        "collapsed" if status.collapsed else None,
        status.fwd,
        "stored" if status.stored else None,
        status.detail,
    )
    said = ", ".join(word for word in words if word)
    return said or ("stale" if outcome == "stale" else "fresh")
