"""Why a request was answered as it was: the same in the event, the log, the span and the status.

`explain` has said before what happens then, and why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from requests_cache import DO_NOT_CACHE, CachedSession
from requests_cache.errors import StorageError
from requests_cache.events import Event
from requests_cache.telemetry import REQUESTS
from requests_cache.telemetry.opentelemetry import instrument
from requests_cache.testing.origin import Origin

MakeSession = Callable[..., CachedSession]
Call = tuple[str, dict[str, Any]]


def call(path: str = "/json", **kwargs: Any) -> Call:
    return path, kwargs


def header(name: str, value: str) -> dict[str, Any]:
    return {"headers": {name: value}}


class Case(NamedTuple):
    """What was asked before, what is asked now, and what has to be said of it."""

    name: str
    says: str
    """Outcome and reason of the event; the reason is that of `cache_status`."""
    explained: str
    """Action and a part of the rule."""
    now: Call = call()
    before: tuple[Call, ...] = ()
    settings: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it
    later: float = 0.0


ONCE = (call(),)
CASES = [
    Case("never seen", "miss uri-miss, stored", "fetch: section 4"),
    Case("hit", "hit fresh", "serve: expire_after", before=ONCE),
    Case("second hit", "hit fresh", "serve: expire_after", before=ONCE * 2),
    Case("streamed hit", "hit fresh", "serve: expire_after", call(stream=True), ONCE),
    Case("expired", "miss stale, stored", "fetch: expire_after", before=ONCE, later=200),
    Case(
        "validated",
        "revalidated stale, stored",
        "validate: expire_after",
        call("/etag"),
        (call("/etag"),),
        later=200,
    ),
    Case(
        "max-stale",
        "stale stale",
        "serve stale: max-stale",
        call(**header("Cache-Control", "max-stale=500")),
        ONCE,
        later=200,
    ),
    Case("refresh", "miss request, stored", "fetch: refresh", call(refresh=True), ONCE),
    Case("forced", "miss request, stored", "fetch: force_refresh", call(force_refresh=True), ONCE),
    Case(
        "no-cache",
        "miss request, stored",
        "fetch: 5.2.1.4",
        call(**header("Cache-Control", "no-cache")),
        ONCE,
    ),
    Case(
        "other credentials",
        "miss uri-miss, stored, other-credentials",
        "fetch: match_credentials",
        call(**header("Authorization", "ben")),
        (call(**header("Authorization", "ann")),),
    ),
    Case(
        "other variant",
        "miss vary-miss, stored",
        "fetch: Vary",
        call("/vary", **header("Accept-Language", "de")),
        (call("/vary", **header("Accept-Language", "en")),),
    ),
    Case(
        "only if cached",
        "failed only-if-cached",
        "refuse: only_if_cached",
        call(only_if_cached=True),
    ),
    Case(
        "filtered",
        "miss uri-miss, filter_fn",
        "fetch: section 4",
        settings={"filter_fn": lambda response: False},
    ),
    Case("read only", "miss uri-miss, read_only", "fetch: section 4", settings={"read_only": True}),
    Case(
        "disabled",
        "bypassed bypass, cache_disabled",
        "fetch: cache_disabled()",
        settings={"disabled": True},
    ),
]
SIMPLE = [
    Case("method", "bypassed method", "fetch: allowable_methods", call("/echo", method="POST")),
    Case(
        "not to be cached",
        "bypassed bypass, DO_NOT_CACHE",
        "fetch: DO_NOT_CACHE",
        settings={"expire_after": DO_NOT_CACHE},
    ),
    Case("status", "miss uri-miss, status-not-allowed", "fetch: section 4", call("/status/404")),
    Case(
        "range",
        "miss request, range",
        "fetch: Range",
        call("/bytes/100", **header("Range", "bytes=0-9")),
        (call("/bytes/100"),),
    ),
]


@pytest.fixture
def seen(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[[CachedSession], Callable[[], list[str]]]:
    """Give what begins to look at a session, and gives what was said of its requests since."""
    caplog.set_level(logging.DEBUG, "requests_cache")

    def look(session: CachedSession) -> Callable[[], list[str]]:
        told: list[Event] = []
        session.events.listen(told.append)
        spans, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(spans))
        instrument(session, tracer_provider=provider)
        caplog.clear()

        def said() -> list[str]:
            lines: list[Any] = [each for each in caplog.records if hasattr(each, "outcome")]
            marks: list[Any] = [each.attributes for each in spans.get_finished_spans()]
            by_event = [f"{each.outcome} {each.reason}" for each in told]
            assert [f"{each.outcome} {each.reason}" for each in lines] == by_event
            found = [each for each in by_event if each.split()[0] in REQUESTS]
            names = ("requests_cache.outcome", "requests_cache.reason")
            assert [" ".join(each[name] for name in names) for each in marks] == found
            return found

        return said

    return look


@pytest.mark.parametrize(
    ("case", "http"),
    [
        pytest.param(case, http, id=f"{case.name}-{'http' if http else 'simple'}")
        for http, cases in ((False, [*CASES, *SIMPLE]), (True, CASES))
        for case in cases
    ],
)
def test_the_reason_is_the_same_wherever_it_is_said(
    make_session: MakeSession,
    origin: Origin,
    set_time: Callable[[float], None],
    seen: Callable[[CachedSession], Callable[[], list[str]]],
    case: Case,
    http: bool,
) -> None:
    session = make_session(**{"expire_after": 100, "cache_control": http, **case.settings})
    for path, kwargs in case.before:
        session.get(origin.url(path), **kwargs)
    set_time(1000 + case.later)
    path, kwargs = case.now
    found = session.explain(origin.url(path), **kwargs)
    action, _, rule = case.explained.partition(": ")
    assert (found.action, rule in found.rule) == (action, True), found
    said, before = seen(session), origin.count()
    response: Any = session.request(url=origin.url(path), **{"method": "GET", **kwargs})
    assert said() == [case.says]
    asks = origin.count() > before
    assert asks == (found.action in {"fetch", "validate"})
    status = response.cache_status
    words = [status.fwd, "stored" if status.stored else None, status.detail]
    reason = ", ".join(word for word in words if word)
    assert case.says.partition(" ")[2] == (reason or ("stale" if response.is_expired else "fresh"))


def test_what_is_stored_for_another_partition_is_that_of_other_credentials(
    make_session: MakeSession, origin: Origin
) -> None:
    ann = make_session(partition="ann")
    ben = make_session(backend=ann.cache, partition="ben")
    url = origin.url("/json")
    ann.get(url)
    assert "other credentials" in ben.explain(url).reason
    statuses: list[Any] = [session.get(url).cache_status for session in (ben, ann, ben)]
    assert [status.detail for status in statuses] == ["other-credentials", None, None]


def test_what_keeps_a_stored_response_from_being_seen_is_explained(
    make_session: MakeSession, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(expire_after=100)
    url = origin.url("/json")
    session.get(url)
    session.settings.filter_fn = lambda response: False
    assert session.explain(url).rule == "filter_fn"
    with session.cache_disabled():
        assert session.explain(url).reason == "the cache is switched off"

    def fail(*args: object) -> None:
        raise StorageError("no")

    session.settings.filter_fn = None
    monkeypatch.setattr(session.cache.responses, "read", fail)
    monkeypatch.setattr(session.cache.responses, "read_many", fail)
    found = session.explain(url)
    assert (found.action, found.rule) == ("fetch", "on_error")
