"""Builders for heads, and an interpreter of decisions that is as small as one can be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import pytest
from requests_cache.policy import (
    CacheStatus,
    Combine,
    Discard,
    Effects,
    Fetch,
    Freshen,
    GatewayTimeout,
    Headers,
    RequestHead,
    ResponseHead,
    Retry,
    Rules,
    Serve,
    Store,
    StoredHead,
    after_response,
    assemble,
    decide,
    forwarded,
    in_groups,
    is_complete,
    on_error,
    variant,
    without_search,
)
from requests_cache.policy.fields import format_date

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
URL = "https://example.org/thing"


def lines(*fields: str) -> Headers:
    """Write header fields as they stand on the wire."""
    return Headers((name, value.strip()) for name, _, value in (f.partition(":") for f in fields))


class Answer(NamedTuple):
    """Hold what the caller of the simulated cache gets."""

    status: int
    headers: Headers
    body: bytes
    cache_status: CacheStatus


class Failure(Exception):
    """Stand for a connection that broke."""


class SimulatedCache:
    """Perform decisions on a dictionary, with a list of answers as the origin."""

    def __init__(self) -> None:
        self.now = NOW
        self.rules = Rules()
        self.entries: dict[str, tuple[StoredHead, bytes]] = {}
        self.sent: list[RequestHead] = []
        self.refreshes = 0
        self._answers: deque[tuple[int, Headers, bytes] | None] = deque()

    def origin(self, status: int, *fields: str, body: bytes = b"") -> None:
        """Let the origin answer one more request, at the time of the request."""
        self._answers.append((status, lines(*fields), body))

    def origin_fails(self) -> None:
        """Let the connection of one more request break."""
        self._answers.append(None)

    def fetch(
        self, *fields: str, method: str = "GET", url: str = URL, after: float = 0.0
    ) -> Answer:
        """Send a request through the cache, some seconds after the one before."""
        self.now += after
        request = RequestHead(method, url, lines(*fields))
        decision = decide(request, self._heads(url), self.now, self.rules)
        if isinstance(decision, GatewayTimeout):
            return Answer(504, Headers(), b"", decision.cache_status)
        if isinstance(decision, Serve):
            answer = self._serve(decision)
            if decision.refresh:
                self.refreshes += 1
                self._forward(*decision.refresh)
            return answer
        return self._forward(request, decision)

    def _heads(self, url: str) -> list[StoredHead]:
        """Look up a URL, and alternates that No-Vary-Search may make usable."""
        return [
            head._replace(alternate=head.url != url)
            for head, _ in self.entries.values()
            if without_search(head.url) == without_search(url)
        ]

    def _serve(self, serve: Serve) -> Answer:
        _, body = self.entries[serve.stored.key]
        content = assemble(body, serve.pieces)
        return Answer(serve.status, serve.headers, content, serve.cache_status)

    def _forward(self, request: RequestHead, fetch: Fetch) -> Answer:
        self.sent.append(forwarded(request, fetch))
        answer = self._answers.popleft()
        if answer is None:
            serve = on_error(request, fetch, self.now, self.rules)
            if serve is None:
                raise Failure
            return self._serve(serve)
        status, fields, body = answer
        response = ResponseHead(status, fields.replaced([("Date", format_date(self.now))]))
        outcome = after_response(request, response, fetch, self.now, self.now, self.rules)
        came = Answer(status, response.headers, body, fetch.cache_status)
        match outcome:
            case Retry(fetch=again):
                return self._forward(request, again)
            case Serve():
                return self._serve(outcome)
            case Freshen():
                for update in outcome.updates:
                    self._save(update.head, self.entries[update.stored.key][1])
                served = self._serve(outcome.serve) if outcome.serve else came
                self._apply(request, outcome.effects)
            case Combine() if not is_complete(request, response, len(body)):
                if outcome.instead is not None:
                    return self._forward(request, outcome.instead)
                served = came
            case Combine():
                body = outcome.body(self.entries[outcome.stored.key][1], body)
                head = self._save(outcome.head, body)
                serve = outcome.serve and outcome.serve._replace(stored=head)
                served = self._serve(serve) if serve else came
            case Store():
                self._apply(request, outcome.effects)
                self._save(outcome.head._replace(body_length=len(body)), body)
                served = came
            case Discard():
                self._apply(request, outcome.effects)
                served = came
        return served._replace(cache_status=outcome.cache_status)

    def _save(self, head: StoredHead, body: bytes) -> StoredHead:
        key = head.key or f"key-{len(self.sent)}"
        head = head._replace(key=key)
        self.entries[key] = (head, body)
        return head

    def _apply(self, request: RequestHead, effects: Effects) -> None:
        gone = {head.key for head in effects.remove}
        for head, _ in self.entries.values():
            if head.url in effects.urls or in_groups(head, request.url, effects.groups):
                gone.add(head.key)
        self.entries = {key: entry for key, entry in self.entries.items() if key not in gone}


@pytest.fixture
def cache() -> SimulatedCache:
    return SimulatedCache()


@pytest.fixture
def stored() -> Callable[..., StoredHead]:
    """Build a stored response from its header lines; it arrived at `at` and was made then."""

    def build(
        *fields: str,
        status: int = 200,
        method: str = "GET",
        url: str = URL,
        at: float = NOW,
        delay: float = 0.0,
        asked: tuple[str, ...] = (),
        body_length: int | None = None,
        **others: object,
    ) -> StoredHead:
        headers = lines(*fields)
        selected_by = variant(headers, lines(*asked))
        head = StoredHead(
            status, headers, method, url, at - delay, at, selected_by, None, body_length
        )
        return head._replace(**others)  # type: ignore[arg-type]  # the names are StoredHead's

    return build


@pytest.fixture
def get() -> Callable[..., RequestHead]:
    """Build a request from its header lines."""

    def build(*fields: str, method: str = "GET", url: str = URL) -> RequestHead:
        return RequestHead(method, url, lines(*fields))

    return build
