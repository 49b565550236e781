"""A request on its way through a cache that follows HTTP (RFC 9111). The policy decides."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from requests import PreparedRequest, Response
from requests.exceptions import RequestException

from .. import clock
from .._transfer.capture import Capture
from ..models.describe import comes_coded
from ..models.record import Kept, Written
from ..models.response import CachedResponse, OriginalResponse
from ..policy import (
    Combine,
    Effects,
    Fetch,
    Freshen,
    GatewayTimeout,
    RequestHead,
    Retry,
    Rules,
    Serve,
    Store,
    after_response,
    decide,
    groups_of,
    in_groups,
    is_complete,
    on_error,
    without_search,
)
from .collapsing import fetch_once, is_shareable
from .exchange import Exchange
from .heads import request_head, response_head, rules_of, stored_head
from .known import Known
from .recorder import Recorder
from .stored_set import StoredSet

__all__ = ["HttpExchange"]

logger = logging.getLogger("requests_cache")

_T = TypeVar("_T")

_ANSWERED_BY_GET = frozenset({"GET", "HEAD"})


class HttpExchange(Exchange):
    """Performs what `policy.decide` and `policy.after_response` return, and decides nothing."""

    known: Known
    rules: Rules
    recorder: Recorder
    head: RequestHead
    planned: Fetch
    unhooked = False
    """Whether the request was sent without the caller's hooks."""

    def perform(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        since = self.cache.flights.landings
        self.head = request_head(self.request, self.cache.matching.redactor)
        self.rules = rules_of(self.settings, self.options, self.lifetime, clock.now())
        self.recorder = Recorder(self.rules, self.cache.matching.redactor, self.session.grace)
        self.key = self._key_of(self.request) if self._may_be_stored() else None
        answer = self._serve_stored()
        if answer is not None:
            return answer
        method = self.head.method
        if self.key is None or method not in _ANSWERED_BY_GET or not is_shareable(self):
            return self._fetch(self.planned)
        key = (self.key, method)
        return fetch_once(self, key, since, self._serve_stored, lambda: self._fetch(self.planned))

    def _serve_stored(self) -> Response | None:
        """Answer without the origin, if the rules allow it."""
        now = clock.now()
        self.known = self.ask_store(self._load, self._nothing())
        heads = self.known.heads(self.head.url, self.filtered)
        decision = decide(self.head, heads, now, self.rules)
        if isinstance(decision, Serve):
            return self._serve(decision)
        if isinstance(decision, GatewayTimeout):
            return self.give_up(decision.cache_status)
        self.planned = decision
        return None

    # What is stored

    def _may_be_stored(self) -> bool:
        return self.head.method in self.rules.methods or self.head.method == "POST"

    def _key_of(self, request: PreparedRequest, url: str | None = None) -> str | None:
        """Give the key of a URL: GET and HEAD share it, and POST may be stored as GET."""
        if (request.method or "").upper() not in self.rules.methods or url is not None:
            request = request.copy()
            request.method, request.body = "GET", None
            request.headers.pop("Content-Type", None)
            request.headers.pop("Content-Length", None)
        elif (request.method or "").upper() in _ANSWERED_BY_GET:
            request = request.copy()
            request.method = "GET"
        request.url = url or request.url
        return self.make_key(request)

    def _load(self) -> Known:
        known = self._nothing()
        if self.key is not None:
            is_part = "range" in self.head.headers and not self.in_background
            known.load(self._index, self._open if self.call.stream or is_part else None)
        return known

    def _nothing(self) -> Known:
        return Known(self._set_of(self.key or ""), self.cache)

    def _index(self) -> str:
        """Name the note for the path of the request."""
        return f"search:{self._key_of(self.request, without_search(self.head.url))}"

    def _set_of(self, key: str) -> StoredSet:
        grace = self.recorder.grace
        return StoredSet(self.cache, key, lambda response: grace(stored_head(response)))

    def _open(self, key: str) -> CachedResponse | None:
        return self.note_opened(self.cache.open_exactly(key))

    # Answers from the cache

    def _serve(self, serve: Serve, *, revalidated: bool = False, body: Any = None) -> Response:
        stored = self.known.response(serve.stored) if body is None else body
        if self.in_background:
            stored.cache_status = serve.cache_status
            return stored
        if serve.refresh is not None:
            self._refresh(serve.refresh.request, serve.refresh.fetch)
        recorder, streams = self.recorder, bool(self.call.stream)
        answer = self._read(lambda: recorder.serve(stored, serve, self.request, streams=streams))
        if answer is None:
            return self._do_without()
        answer.revalidated = revalidated
        return self.answer(answer)

    def _read(self, action: Callable[[], _T]) -> _T | None:
        """Give what is made of a stored body; None if that cannot be read."""
        try:
            return action()
        except OSError as error:
            name = (self.cache, self.key)
            logger.warning("%r: the body under key %.64s cannot be read: %s", *name, error)
            return None

    def _do_without(self) -> Response:
        """Answer as if nothing were stored."""
        self.known = self._nothing()
        decision = decide(self.head, [], clock.now(), self.rules)
        if isinstance(decision, Fetch):
            return self._fetch(decision)
        return self.give_up(decision.cache_status)

    def _refresh(self, head: RequestHead, fetch: Fetch) -> None:
        again = HttpExchange(
            self.session,
            self.request,
            self.send_kwargs,
            self.call._replace(stream=False, keys=None),
        )
        again.request = self.with_fields({})
        for name in [name for name in again.request.headers if name not in head.headers]:
            del again.request.headers[name]
        again.head, again.rules, again.recorder = head, self.rules, self.recorder
        again.key = self.key
        again.run_in_background()
        url = again.request.url or ""
        self.session.refresh_in_background(self.key or "", lambda: again._refetch(fetch), url)

    def _refetch(self, fetch: Fetch) -> Response:
        # Bodies and the list of what is stored belong to the thread that read them.
        self.known = self.ask_store(self._load, self._nothing())
        return self._fetch(fetch)

    # Answers of the origin

    def _fetch(self, fetch: Fetch) -> Response:
        sent_at = clock.now()
        # The hooks are for what the caller gets, and that may be what is stored.
        self.unhooked = bool(fetch.set_fields) or fetch.selected is not None
        request = self.with_fields(dict(fetch.set_fields)) if self.unhooked else self.request
        try:
            response = self.send(request)
            received_at = clock.now()
            capture = self.receive(response)
        except RequestException:
            serve = on_error(self.head, fetch, clock.now(), self.rules)
            if serve is None:
                raise
            return self._serve(serve)
        outcome = after_response(
            self.head, response_head(response), fetch, sent_at, received_at, self.rules
        )
        if isinstance(outcome, Serve):
            response.close()
            return self._serve(outcome)
        if isinstance(outcome, Retry):
            response.close()
            return self._fetch(outcome.fetch)
        if isinstance(outcome, Freshen):
            return self._freshen(outcome, response)
        if isinstance(outcome, Combine):
            return self._combine(outcome, response, capture)
        self.cache.stats.add("misses")
        response = self._for_caller(response)
        if isinstance(outcome, Store):
            return self._store(outcome, response, capture)
        self._perform(outcome.effects)
        status = outcome.cache_status._replace(detail=outcome.reason)
        return OriginalResponse.mark(response, status)

    def _for_caller(self, response: Response) -> Response:
        return self.run_hooks(response) if self.unhooked else response

    def _perform(self, effects: Effects, *, promote: bool = True) -> None:
        """Remove what a response proved wrong."""
        if effects != Effects() and not self.settings.read_only:
            self.write(lambda: self._remove(effects, promote))

    def _remove(self, effects: Effects, promote: bool) -> None:
        own = self.known.own
        self.known.remove([head.key for head in effects.remove], promote=promote)
        for url in effects.urls:
            key = self._key_of(self.request, url) or ""
            # A response to POST is stored among these afterwards.
            invalid = own if key == own.key else self._set_of(key)
            invalid.load()
            invalid.remove(list(invalid.members))
        if effects.groups:
            self._invalidate_groups(effects.groups)

    def _invalidate_groups(self, names: tuple[str, ...]) -> None:
        """Remove the responses of groups; groups are rare, so there is no index of them."""
        for response in list(self.cache.heads()):
            head = stored_head(response)
            if groups_of(head.headers) and in_groups(head, self.head.url, names):
                self.cache.delete_responses([head.key])

    def _store(self, outcome: Store, response: Response, capture: Capture) -> Response:
        status = outcome.cache_status
        reason = self._reason_not_to_store(response)
        # Of a body that the caller reads later nobody knows whether it will be stored.
        self._perform(outcome.effects, promote=reason is not None or bool(self.call.stream))
        if reason is not None:
            return OriginalResponse.mark(response, status._replace(stored=False, detail=reason))
        response = OriginalResponse.mark(response, status._replace(stored=False))

        # Neither holds the response, which may be dropped unread.
        def store(response: Response, body: Kept | None) -> bool:
            cached = self.recorder.describe(response, body, outcome.head)
            if reason := self._incomplete(response, body):
                refuse(response, reason)
            elif self.write(lambda: self.known.add(cached, outcome.head, self._index)):
                OriginalResponse.mark(response, status, cached, cached.cache_key)
                return True
            else:
                refuse(response, self.refusal or "store-failed")
            return False

        def refuse(response: Response, why: str) -> None:
            OriginalResponse.mark(response, status._replace(stored=False, detail=why))

        capture.when_complete(store, refuse, self.make_spool())
        return response

    def _reason_not_to_store(self, response: Response) -> str | None:
        if self.settings.read_only:
            return "read_only"
        if self.key is None:
            return "body-not-repeatable"
        if self.is_too_large(response):
            return "too-large"
        if self.settings.filter_fn is not None and not self.settings.filter_fn(response):
            return "filter_fn"
        location = response.headers.get("Location", "")
        # A redirect without its secret would lead somewhere else.
        if self.cache.matching.redactor.url(location) != location:
            return "secret-in-location"
        return None

    def _incomplete(self, response: Response, body: Kept | None) -> str | None:
        """Say if less came than was announced; urllib3 before 2 lets that pass."""
        if "Content-Encoding" in response.headers and (body is None or not comes_coded(response)):
            # A hook has read and decoded it, or the adapter has.
            return None
        size = len(response.content) if body is None else _size(body)
        whole = is_complete(self.head, response_head(response), size)
        return None if whole else "incomplete"

    def _freshen(self, outcome: Freshen, response: Response) -> Response:
        """Write what a 304 or a HEAD brought up to date."""
        self.cache.stats.add("revalidated")
        known, recorder = self.known, self.recorder
        updated = [
            (update, recorder.freshen(known.response(update.stored), update.head, response))
            for update in outcome.updates
        ]

        def write() -> None:
            for update, fresh in updated:
                known.freshen(update, fresh, self._index)

        done = not self.settings.read_only and self.write(write)
        self._perform(outcome.effects)
        status = outcome.cache_status
        status = status._replace(stored=status.stored and done)
        if outcome.serve is None:
            return OriginalResponse.mark(self._for_caller(response), status)
        response.close()
        serve = outcome.serve._replace(cache_status=status)
        body = next((fresh for update, fresh in updated if update.stored == serve.stored), None)
        return self._serve(serve, revalidated=True, body=body)

    def _combine(self, outcome: Combine, response: Response, capture: Capture) -> Response:
        """Store what is joined from two parts."""
        capture.read_all()
        status = outcome.cache_status
        incomplete = self._incomplete(response, None)
        if incomplete is not None and outcome.instead is not None:
            return self._fetch(outcome.instead)
        self.cache.stats.add("misses")
        if incomplete is not None:
            status = status._replace(stored=False, detail=incomplete)
            return OriginalResponse.mark(self._for_caller(response), status)
        reason = self._reason_not_to_store(response)
        part, received = self.known.response(outcome.stored), response.content
        whole = self._read(lambda: self.recorder.join(part, outcome, received))
        if whole is None:
            return self._do_without()
        stored = reason is None and self.write(
            lambda: self.known.replace(outcome.stored.key, whole, outcome.head, self._index)
        )
        status = status._replace(stored=stored, detail=reason)
        if outcome.serve is None:
            response = self._for_caller(response)
            return OriginalResponse.mark(response, status, whole if stored else None)
        return self._serve(outcome.serve._replace(cache_status=status), body=whole)


def _size(body: Kept) -> int:
    return body.size if isinstance(body, Written) else len(body)
