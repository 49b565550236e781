"""Events as metrics and traces, with the real libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry, generate_latest
from requests import RequestException
from requests_cache import CachedSession
from requests_cache.events import Event
from requests_cache.telemetry import opentelemetry, prometheus
from requests_cache.testing.origin import Origin

MakeSession = Callable[..., CachedSession]


def use(session: CachedSession, origin: Origin) -> None:
    """One miss, two hits, one validation, one request past the cache, one failure."""
    for _ in range(3):
        session.get(origin.url("/json?api_key=hush"))
    session.get(origin.url("/etag"), expire_after=0)
    session.get(origin.url("/etag"))
    session.post(origin.url("/echo"))
    with pytest.raises(RequestException):
        session.get("http://127.0.0.1:9/")


COUNTED = {"miss": 2, "hit": 2, "revalidated": 1, "bypassed": 1, "failed": 1}


def test_prometheus_counts_requests_by_outcome(make_session: MakeSession, origin: Origin) -> None:
    registry = CollectorRegistry()
    session = make_session()
    end = prometheus.instrument(session, registry)
    use(session, origin)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"requests_cache_{name}", {"cache": "tests", **labels})

    for outcome, count in COUNTED.items():
        assert value("requests_total", outcome=outcome) == count
    assert value("stored_total") == 2
    assert value("saved_bytes_total") == session.cache.stats.saved_bytes
    assert value("store_seconds_count") == sum(COUNTED.values())
    assert value("origin_seconds_count") == sum(COUNTED.values()) - 2
    assert b"hush" not in generate_latest(registry)
    end()
    session.get(origin.url("/image"))
    assert value("requests_total", outcome="miss") == 2


def test_several_caches_share_the_metrics_of_a_registry(
    make_session: MakeSession, origin: Origin
) -> None:
    registry = CollectorRegistry()
    for _ in range(2):
        session = make_session(max_entries=1)
        prometheus.instrument(session.cache, registry)
        session.get(origin.url("/json"))
        session.get(origin.url("/image"))
    labels = {"cache": "tests"}
    assert registry.get_sample_value("requests_cache_evictions_total", labels) == 2


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer_provider(spans: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider


def test_opentelemetry_shows_hits_in_the_trace_of_the_caller(
    make_session: MakeSession,
    origin: Origin,
    spans: InMemorySpanExporter,
    tracer_provider: TracerProvider,
) -> None:
    session = make_session()
    opentelemetry.instrument(session, tracer_provider=tracer_provider)
    with tracer_provider.get_tracer("caller").start_as_current_span("work"):
        use(session, origin)
    *made, work = spans.get_finished_spans()
    told: list[dict[str, Any]] = [dict(span.attributes or {}) for span in made]
    outcomes = [each["requests_cache.outcome"] for each in told]
    assert outcomes == ["miss", "hit", "hit", "miss", "revalidated", "bypassed", "failed"]
    for span in made:
        assert span.parent is not None
        assert span.parent.span_id == work.context.span_id
        assert (span.start_time or 0) <= (span.end_time or 0)
    hit = told[1]
    assert made[1].name == hit["http.request.method"] == "GET"
    assert hit["url.full"] == origin.url("/json?api_key=REDACTED")
    assert (hit["server.address"], hit["http.response.status_code"]) == ("127.0.0.1", 200)
    assert (hit["server.port"], "error.type" in hit) == (urlsplit(origin.url("")).port, False)
    assert (hit["requests_cache.name"], hit["requests_cache.age"] >= 0) == ("tests", True)
    assert made[-1].status.status_code is StatusCode.ERROR
    assert (told[-1]["error.type"], told[-1]["server.port"]) == ("ConnectionError", 9)
    assert "hush" not in repr(told)


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        ("PURGE", "https://site.test/", ("HTTP", "_OTHER", "PURGE", "site.test", 443)),
        ("PATCH", "http://[::1]:81/", ("PATCH", "PATCH", None, "::1", 81)),
        ("GET", "http://site.test:port/", ("GET", "GET", None, None, None)),
        ("GET", "mock://site", ("GET", "GET", None, "site", None)),
    ],
)
def test_a_span_has_the_names_of_the_conventions(
    make_session: MakeSession,
    spans: InMemorySpanExporter,
    tracer_provider: TracerProvider,
    method: str,
    url: str,
    expected: tuple[Any, ...],
) -> None:
    session = make_session()
    opentelemetry.instrument(session, tracer_provider=tracer_provider)
    session.events.tell(Event("miss", method, url, status=200))
    (span,) = spans.get_finished_spans()
    told = dict(span.attributes or {})
    names = ("http.request.method", "http.request.method_original", "server.address", "server.port")
    assert (span.name, *(told.get(name) for name in names)) == expected


def test_a_refresh_in_the_background_has_a_span(
    make_session: MakeSession, spans: InMemorySpanExporter, tracer_provider: TracerProvider
) -> None:
    session = make_session()
    opentelemetry.instrument(session, tracer_provider=tracer_provider)
    session.events.tell(Event("refreshed", "GET", "http://site.test/"))
    session.events.tell(Event("stored", "GET", "http://site.test/"))
    (span,) = spans.get_finished_spans()
    assert dict(span.attributes or {})["requests_cache.outcome"] == "refreshed"


def test_opentelemetry_counts_and_measures(make_session: MakeSession, origin: Origin) -> None:
    reader = InMemoryMetricReader()
    session = make_session(max_entries=1)
    end = opentelemetry.instrument(
        session.cache,
        tracer_provider=TracerProvider(),
        meter_provider=MeterProvider(metric_readers=[reader]),
    )
    use(session, origin)
    end()
    found: Any = reader.get_metrics_data()
    (scope,) = found.resource_metrics[0].scope_metrics
    points = {metric.name: list(metric.data.data_points) for metric in scope.metrics}
    counted = {
        point.attributes["requests_cache.outcome"]: 0 for point in points["requests_cache.requests"]
    }
    for point in points["requests_cache.requests"]:
        counted[point.attributes["requests_cache.outcome"]] += point.value
    assert counted == COUNTED
    assert points["requests_cache.evictions"][0].value == 1
    assert points["requests_cache.saved"][0].value == session.cache.stats.saved_bytes
    assert points["requests_cache.store.duration"][0].count == sum(COUNTED.values())
    units = {metric.name: metric.unit for metric in scope.metrics}
    assert units["requests_cache.origin.duration"] == "s"
