"""Spans and metrics for OpenTelemetry: `pip install "requests-cache-core[opentelemetry]"`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from .. import __version__
from . import FROM_CACHE, REQUESTS, cache_of

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from ..backends.cache import BaseCache
    from ..events import Event
    from ..session import CacheMixin

__all__ = ["instrument"]

_NAME: Final = "requests_cache"
# https://opentelemetry.io/docs/specs/semconv/http/http-spans/: any other is `_OTHER`, and a span is
# then named HTTP.
_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
)
_OTHER: Final = "_OTHER"
_PORTS: Final = {"http": 80, "https": 443}
_NANOSECONDS: Final = 1_000_000_000


def instrument(
    target: CacheMixin | BaseCache,
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> Callable[[], None]:
    """Make a span for each request and each refresh, and metrics; what is returned ends that.

    A span is named after the method, and has the attributes of HTTP clients (`http.request.method`,
    `url.full` without secrets, `server.address`, `server.port`, `http.response.status_code`, and
    `error.type` where there is no answer), and besides `requests_cache.outcome`,
    `requests_cache.reason` and, of what is stored, `requests_cache.age`. A method that is none of
    RFC 9110 and RFC 5789 is `_OTHER` and stands in `http.request.method_original`, so the number of
    attributes that a metric has is bounded.
    So hits, which send nothing, are seen in a trace, too. A request that was sent has a span of its
    own if `requests` is instrumented.

    requests_cache.requests           counter of requests, by `requests_cache.outcome` and method
    requests_cache.saved              counter of bytes that did not have to be transferred
    requests_cache.evictions          counter of responses deleted to stay within the bounds
    requests_cache.store.duration     histogram of the seconds that the store took
    requests_cache.origin.duration    histogram of the seconds that the origin took

    Args:
        target: a session or a cache; `requests_cache.name` is the name of the cache.
        tracer_provider: makes the spans; by default the global one.
        meter_provider: makes the metrics; by default the global one.
    """
    cache = cache_of(target)
    observer = _Observer(cache.cache_name, tracer_provider, meter_provider)
    return cache.events.listen(observer.note)


class _Observer:
    def __init__(
        self,
        cache: str,
        tracer_provider: TracerProvider | None,
        meter_provider: MeterProvider | None,
    ) -> None:
        self._cache = {"requests_cache.name": cache}
        self._tracer = trace.get_tracer(_NAME, __version__, tracer_provider)
        meter = metrics.get_meter(_NAME, __version__, meter_provider)
        self._requests = meter.create_counter("requests_cache.requests", "{request}")
        self._saved = meter.create_counter("requests_cache.saved", "By")
        self._evictions = meter.create_counter("requests_cache.evictions", "{response}")
        self._store = meter.create_histogram("requests_cache.store.duration", "s")
        self._origin = meter.create_histogram("requests_cache.origin.duration", "s")

    def note(self, event: Event) -> None:
        """Count one event, and make a span of it if it is a request."""
        if event.outcome == "evicted":
            self._evictions.add(1, self._cache)
        elif event.outcome in REQUESTS:
            self._count(event)
            self._trace(event)
        elif event.outcome == "refreshed":
            self._trace(event)

    def _count(self, event: Event) -> None:
        told = {
            **self._cache,
            "requests_cache.outcome": event.outcome,
            "http.request.method": _method(event),
        }
        self._requests.add(1, told)
        if event.outcome in FROM_CACHE:
            self._saved.add(event.size or 0, self._cache)
        if event.store_time is not None:
            self._store.record(event.store_time, self._cache)
        if event.origin_time is not None:
            self._origin.record(event.origin_time, self._cache)

    def _trace(self, event: Event) -> None:
        """Make a span that ends now: the event is told when the request is over."""
        end = time.time_ns()
        taken = (event.store_time or 0.0) + (event.origin_time or 0.0)
        span = self._tracer.start_span(
            event.method if event.method in _METHODS else "HTTP",
            kind=SpanKind.INTERNAL,
            attributes=self._attributes(event),
            start_time=end - int(taken * _NANOSECONDS),
        )
        if event.outcome == "failed":
            span.set_status(Status(StatusCode.ERROR, event.reason))
        span.end(end)

    def _attributes(self, event: Event) -> dict[str, str | int | float]:
        told: dict[str, str | int | float | None] = {
            **self._cache,
            "http.request.method": _method(event),
            "http.request.method_original": None if event.method in _METHODS else event.method,
            "url.full": event.url,
            **_server(event.url),
            "error.type": event.reason if event.outcome == "failed" else None,
            "http.response.status_code": event.status,
            "requests_cache.outcome": event.outcome,
            "requests_cache.reason": event.reason,
            "requests_cache.age": event.age,
        }
        return {name: value for name, value in told.items() if value is not None}


def _method(event: Event) -> str:
    return event.method if event.method in _METHODS else _OTHER


def _server(url: str) -> dict[str, str | int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        # What is asked for need not be a URL: an adapter of somebody's own takes anything.
        return {}
    return {"server.address": parts.hostname, "server.port": port}
