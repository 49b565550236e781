"""A request on its way through a cache that follows HTTP (RFC 9111). The policy decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf
from typing import Any

from requests import PreparedRequest, Response
from requests.exceptions import RequestException

from . import clock
from .collapsing import fetch_once, is_shareable
from .exchange import Exchange
from .heads import request_head, response_head, rules_of, stored_head
from .models.cookies import describe_cookies
from .models.describe import describe_request, flags_of
from .models.response import CachedResponse, OriginalResponse
from .policy import (
    Combine,
    Effects,
    Fetch,
    Freshen,
    GatewayTimeout,
    Headers,
    RequestHead,
    Retry,
    Rules,
    Serve,
    Store,
    StoredHead,
    Update,
    after_response,
    assemble,
    decide,
    expires_at,
    groups_of,
    in_groups,
    kept_until,
    on_error,
    search_variance,
    without_search,
)
from .record import Fields, Flag, Kept, Record
from .stored_set import StoredSet
from .wire import Capture

__all__ = ["HttpExchange"]

_ANSWERED_BY_GET = frozenset({"GET", "HEAD"})
# How long a response with a validator is kept after it has become stale, in stores that expire.
_GRACE_OF_VALIDATORS = 30 * 86400.0
_WHOLE_SEARCH = search_variance(Headers())
# The most responses of one path that are compared by No-Vary-Search.
_MOST_ALTERNATES = 32


@dataclass
class _Known:
    """What is stored for a request."""

    own: StoredSet
    alternates: dict[str, CachedResponse] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # What is removed from the store may still be what answers this request.
        self._read = {**self.alternates, **self.own.members}

    def response(self, head: StoredHead) -> CachedResponse:
        """Give the response that a head describes."""
        return self._read[head.key]


class HttpExchange(Exchange):
    """Performs what `policy.decide` and `policy.after_response` return, and decides nothing."""

    known: _Known
    rules: Rules
    head: RequestHead
    in_background = False
    planned: Fetch
    unhooked = False
    """Whether the request was sent without the caller's hooks."""

    def perform(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        since = self.cache.flights.landings
        self.head = request_head(self.request, self.cache.matching.redactor)
        self.rules = rules_of(self.settings, self.options, self.lifetime, clock.now())
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
        self.known = self.ask_store(self._load, _Known(self._set_of(self.key or "")))
        decision = decide(self.head, self._stored_heads(), now, self.rules)
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

    def _load(self) -> _Known:
        if self.key is None:
            return _Known(self._set_of(""))
        own = self._set_of(self.key)
        own.load(self._open if self.call.stream else None)
        if own.members:
            return _Known(own)
        return _Known(own, dict(self.cache.read_responses(self._alternate_keys())))

    def _set_of(self, key: str) -> StoredSet:
        return StoredSet(self.cache, key, lambda response: self._grace(stored_head(response)))

    def _open(self, key: str) -> CachedResponse | None:
        return self.note_opened(self.cache.open_exactly(key))

    def _stored_heads(self) -> list[StoredHead]:
        url = self.head.url
        own = [stored_head(one, url) for one in self._wanted(self.known.own.members)]
        return own + [stored_head(one) for one in self._wanted(self.known.alternates)]

    def _wanted(self, stored: Mapping[str, CachedResponse]) -> Iterable[CachedResponse]:
        return filter(self.settings.filter_fn or (lambda response: True), stored.values())

    def _alternate_index(self) -> str:
        """Give the key under which the keys of all URLs of this path are listed."""
        return f"search:{self._key_of(self.request, without_search(self.head.url))}"

    def _alternate_keys(self) -> list[str]:
        listed = self.cache.read_note(self._alternate_index())
        return [str(key) for key in listed if key != self.key] if isinstance(listed, list) else []

    # Answers from the cache

    def _serve(self, serve: Serve, *, revalidated: bool = False, body: Any = None) -> Response:
        stored = self.known.response(serve.stored) if body is None else body
        if self.in_background:
            return stored
        if serve.refresh is not None:
            self._refresh(serve.refresh.request, serve.refresh.fetch)
        record = stored.record
        fields = self._fields_of(serve, record)
        expires = _none_if_inf(record.expires)
        if serve.pieces is None:
            served = record.with_times(record.created, expires, fields)
            served.status = serve.status
        else:
            content = assemble(record.read_body() if serve.pieces else b"", serve.pieces)
            served = Record(serve.status, record.created, expires, fields, content, record.flags)
        answer = CachedResponse.from_record(served, serve.stored.key or self.key)
        answer.cache_status = serve.cache_status
        answer.revalidated = revalidated
        return self.answer(answer)

    def _fields_of(self, serve: Serve, record: Record) -> Fields:
        fields: Fields = {**record.fields, "headers": list(serve.headers.fields)}
        if serve.status != record.status:
            fields["reason"] = _phrase(serve.status)
        if serve.stored.alternate or fields["request"]["method"] != self.head.method:
            redactor = self.cache.matching.redactor
            fields["url"] = redactor.url(self.head.url)
            fields["request"] = describe_request(self.request, redactor)
        return fields

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
        again.head, again.rules = head, self.rules
        again.key, again.in_background = self.key, True
        self.session.refresh_in_background(self.key or "", lambda: again._refetch(fetch))

    def _refetch(self, fetch: Fetch) -> None:
        # Bodies and the list of what is stored belong to the thread that read them.
        self.known = self._load()
        self._fetch(fetch)

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
        self.cache.stats.add("misses")
        if isinstance(outcome, Combine):
            return self._combine(outcome, response, capture)
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
        own.remove([h.key for h in effects.remove if h.key in own.members], promote=promote)
        self.cache.delete_responses(
            [head.key for head in effects.remove if head.key in self.known.alternates]
        )
        for url in effects.urls:
            key = self._key_of(self.request, url)
            if key is not None:
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

        def store(body: Kept | None) -> None:
            cached = self._describe(response, body, outcome.head)
            if self.keep(lambda: self._add(cached, outcome.head)):
                OriginalResponse.mark(response, status, cached, cached.cache_key)
            elif self.refusal:
                refuse(self.refusal)

        def refuse(why: str) -> None:
            OriginalResponse.mark(response, status._replace(stored=False, detail=why))
            self.land(False)

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

    def _describe(self, response: Response, body: Kept | None, head: StoredHead) -> CachedResponse:
        cached = CachedResponse.from_response(
            response, body, created=head.response_time, redactor=self.cache.matching.redactor
        )
        request = cached.record.fields["request"]
        if request["method"] != head.method:
            request["method"] = head.method
            request.pop("body", None)
        return self._with_head(cached, head)

    def _with_head(self, response: CachedResponse, head: StoredHead) -> CachedResponse:
        """Give a response with the header fields and times of a head."""
        old = response.record
        redactor = self.cache.matching.redactor
        fields: Fields = {
            **old.fields,
            "headers": [(name, redactor.field(name, value)) for name, value in head.headers],
            "sent": head.request_time,
            "vary": list(head.variant),
            "lifetime": "inf" if head.lifetime == inf else head.lifetime,
        }
        if head.status != old.status:
            fields["reason"] = _phrase(head.status)
        record = old.with_times(head.response_time, expires_at(head, self.rules), fields)
        record.status = head.status
        record.flags |= flags_of(fields) | Flag.HTTP
        return CachedResponse.from_record(record, head.key or None)

    def _grace(self, head: StoredHead) -> float | None:
        """Give for how long a store has to keep a response after it has become stale."""
        until = kept_until(head, self.rules)
        expires = expires_at(head, self.rules)
        if expires is None:
            return None
        grace = self.session.grace
        if until is None or grace is None:
            return None if grace is None else max(grace, _GRACE_OF_VALIDATORS)
        return max(grace, until - expires)

    def _add(self, response: CachedResponse, head: StoredHead) -> None:
        key = self.known.own.add(response)
        if search_variance(head.headers) != _WHOLE_SEARCH:
            index = self._alternate_index()
            listed = self.cache.read_note(index)
            keys = [k for k in listed if k != key] if isinstance(listed, list) else []
            self.cache.write_note(index, [*keys[-_MOST_ALTERNATES:], key])

    def _freshen(self, outcome: Freshen, response: Response) -> Response:
        """Write what a 304 or a HEAD brought up to date."""
        self.cache.stats.add("revalidated")
        updated = [self._updated(update, response) for update in outcome.updates]
        done = not self.settings.read_only and self.write(
            lambda: self._write_updates(outcome.updates, updated)
        )
        self._perform(outcome.effects)
        status = outcome.cache_status
        status = status._replace(stored=status.stored and done)
        if outcome.serve is None:
            return OriginalResponse.mark(self._for_caller(response), status)
        response.close()
        serve = outcome.serve._replace(cache_status=status)
        known = zip(outcome.updates, updated, strict=True)
        body = next((new for update, new in known if update.stored == serve.stored), None)
        return self._serve(serve, revalidated=True, body=body)

    def _updated(self, update: Update, response: Response) -> CachedResponse:
        updated = self._with_head(self.known.response(update.stored), update.head)
        cookies = describe_cookies(response.cookies)
        if cookies:
            updated.record.fields["cookies"] = cookies
            updated.record.flags |= Flag.COOKIES
        return updated

    def _write_updates(self, updates: tuple[Update, ...], updated: list[CachedResponse]) -> None:
        for update, response in zip(updates, updated, strict=True):
            if update.head.key and update.stored.key in self.known.own.members:
                self.known.own.replace_head(update.head.key, response)
            elif update.head.key:
                self.cache.freshen_response(update.head.key, response, self._grace(update.head))
            else:
                self._add(response, update.head)

    def _combine(self, outcome: Combine, response: Response, capture: Capture) -> Response:
        """Store a whole that is joined from two parts."""
        capture.read_all()
        status = outcome.cache_status
        reason = self._reason_not_to_store(response)
        received = capture.body()
        if received is None:
            # A hook has read the body; without its coding it is not a part of what is stored.
            received = response.content
            coded = "Content-Encoding" in response.headers
            reason = reason or ("body-decoded" if coded else None)
        whole = self._joined(outcome, received)
        stored = reason is None and self.write(
            lambda: self._replace(outcome.stored.key, whole, outcome.head)
        )
        status = status._replace(stored=stored, detail=reason)
        if outcome.serve is None:
            response = self._for_caller(response)
            return OriginalResponse.mark(response, status, whole if stored else None)
        return self._serve(outcome.serve._replace(cache_status=status), body=whole)

    def _joined(self, outcome: Combine, received: bytes) -> CachedResponse:
        old = self.known.response(outcome.stored).record
        body = outcome.body(old.read_body(), received)
        joined = Record(old.status, old.created, None, old.fields, body, old.flags)
        return self._with_head(CachedResponse.from_record(joined), outcome.head)

    def _replace(self, key: str, response: CachedResponse, head: StoredHead) -> None:
        self.known.own.remove([key], promote=False)
        self._add(response, head)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def _none_if_inf(value: float) -> float | None:
    return None if value == inf else value
