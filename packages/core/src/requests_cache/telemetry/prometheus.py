"""Metrics of caches for Prometheus: `pip install "requests-cache-core[prometheus]"`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from . import FROM_CACHE, REQUESTS, cache_of

if TYPE_CHECKING:
    from ..backends.cache import BaseCache
    from ..events import Event
    from ..session import CacheMixin

__all__ = ["instrument"]

# A store on the local disk takes less than a millisecond, an origin up to some seconds.
_BUCKETS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


def instrument(
    target: CacheMixin | BaseCache, registry: CollectorRegistry = REGISTRY
) -> Callable[[], None]:
    """Count what a cache does; what is returned ends that.

    requests_cache_requests_total{cache, outcome}    requests, by how they ended
    requests_cache_stored_total{cache}               responses written
    requests_cache_stored_bytes_total{cache}         bytes of their bodies
    requests_cache_saved_bytes_total{cache}          bytes that did not have to be transferred
    requests_cache_evictions_total{cache}            responses deleted to stay within the bounds
    requests_cache_store_seconds{cache}              histogram: time that the store took
    requests_cache_origin_seconds{cache}             histogram: time that the origin took

    Args:
        target: a session or a cache; `cache` is the name of the cache.
        registry: where the metrics are collected; several caches may share one.
    """
    cache = cache_of(target)
    metrics = _known.get(registry)
    if metrics is None:
        metrics = _known[registry] = _Metrics(registry)
    name = cache.cache_name
    return cache.events.listen(lambda event: metrics.note(name, event))


class _Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"requests_cache_{name}", text, ("cache", *labels), registry=registry)

        def histogram(name: str, text: str) -> Histogram:
            labels = ("cache",)
            full = f"requests_cache_{name}"
            return Histogram(full, text, labels, registry=registry, buckets=_BUCKETS)

        self._requests = counter("requests", "Requests, by how they ended", "outcome")
        self._stored = counter("stored", "Responses written")
        self._stored_bytes = counter("stored_bytes", "Bytes of the bodies written")
        self._saved_bytes = counter("saved_bytes", "Bytes that were not transferred")
        self._evictions = counter("evictions", "Responses deleted to stay within the bounds")
        self._store = histogram("store_seconds", "Time that the store took for a request")
        self._origin = histogram("origin_seconds", "Time that the origin took for a request")

    def note(self, cache: str, event: Event) -> None:
        if event.outcome == "stored":
            self._stored.labels(cache).inc()
            self._stored_bytes.labels(cache).inc(event.size or 0)
        elif event.outcome == "evicted":
            self._evictions.labels(cache).inc()
        elif event.outcome in REQUESTS:
            self._requests.labels(cache, event.outcome).inc()
            if event.outcome in FROM_CACHE:
                self._saved_bytes.labels(cache).inc(event.size or 0)
        if event.store_time is not None:
            self._store.labels(cache).observe(event.store_time)
        if event.origin_time is not None:
            self._origin.labels(cache).observe(event.origin_time)


# A metric may be registered once.
_known: WeakKeyDictionary[CollectorRegistry, _Metrics] = WeakKeyDictionary()
