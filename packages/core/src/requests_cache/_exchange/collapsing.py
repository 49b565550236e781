"""One request to the origin for many identical ones (RFC 9111, section 4: collapsed requests)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from .._matching.owner import names_in
from .._store.single_flight import Flight
from .._transfer.capture import pending_watch
from .._transfer.watch import Watch
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from requests import Response

    from ..backends.base import BaseCache
    from ..policy.cache_status import CacheStatus
    from .base import BaseExchange

__all__ = ["check_leases", "fetch_once", "is_shareable"]

# What makes an answer the caller's own (RFC 9110, section 13.1 and 14.2; RFC 9111, section 5.2.1).
_OWN = frozenset(
    {
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
        "range",
        "cache-control",
        "pragma",
    }
)


def check_leases(cache: BaseCache) -> None:
    """Raise ConfigurationError for a store that has no leases."""
    if not cache.responses.capabilities.leases:
        raise ConfigurationError(
            f"collapse='processes': {type(cache).__name__} has no leases; choose True, which holds"
            " for the threads of a process, or another backend"
        )


def is_shareable(exchange: BaseExchange) -> bool:
    """Say whether the answer to a request may be what another, identical one gets."""
    settings = exchange.settings
    if not settings.collapse or settings.read_only or exchange.policy.rules.asks_anew:
        return False
    if exchange.session.breaker.is_troubled:
        return False
    return _OWN.isdisjoint(names_in(exchange.request.headers))


def fetch_once(
    exchange: BaseExchange,
    key: Hashable,
    since: int,
    again: Callable[[], Response | None],
    fetch: Callable[[], Response],
) -> Response:
    """Fetch a response, or take what an identical request that is on its way brings.

    Args:
        exchange: the request.
        key: the same for identical requests.
        since: what `flights.landings` was before the store was asked.
        again: looks into the store again; None if a response still has to be fetched.
        fetch: asks the origin, and stores what it says.
    """
    flights = exchange.cache.flights
    flight, leads = flights.join(key, since)
    if flight is None:
        return fetch()
    if leads:
        return _lead(exchange, flight, again, fetch)
    if not flight.wait(_patience(exchange.send_kwargs.get("timeout"))):
        return fetch()
    answer = again()
    if answer is None:
        flights.keep_apart(key)
        return fetch()
    return _collapsed(exchange, answer)


def _lead(
    exchange: BaseExchange,
    flight: Flight,
    again: Callable[[], Response | None],
    fetch: Callable[[], Response],
) -> Response:
    flights = exchange.cache.flights
    watch: Watch | None = None
    is_stored = False
    try:
        # The one before may have landed between our look into the store and our start.
        found = again() if flight.may_be_late else None
        if found is not None:
            is_stored = True
            return _collapsed(exchange, found)
        response, is_others = _ask(exchange, flight, again, fetch)
        if is_others:
            is_stored = True
            return _collapsed(exchange, response)
        status: CacheStatus | None = getattr(response, "cache_status", None)
        is_stored = status is not None and (status.stored or status.hit)
        watch = pending_watch(response)
        if not is_stored and watch is None:
            flights.keep_apart(flight.key)
        return response
    finally:
        flights.leave(flight)
        if watch is None:
            flight.land(is_stored)
        else:
            watch.land(flight)


def _ask(
    exchange: BaseExchange,
    flight: Flight,
    again: Callable[[], Response | None],
    fetch: Callable[[], Response],
) -> tuple[Response, bool]:
    """Fetch, unless another process does; say whether the response is another's."""
    if (
        exchange.settings.collapse != "processes"
        or not exchange.cache.responses.capabilities.leases
    ):
        return fetch(), False
    from .leases import fetch_under_lease

    patience = _patience(exchange.send_kwargs.get("timeout"))
    return fetch_under_lease(exchange, repr(flight.key), again, fetch, patience)


def _collapsed(exchange: BaseExchange, answer: Response) -> Response:
    exchange.cache.stats.add("collapsed")
    status: CacheStatus | None = getattr(answer, "cache_status", None)
    if status is not None:
        answer.cache_status = status._replace(collapsed=True)  # type: ignore[attr-defined]  # an answer of ours has it
    return answer


def _patience(timeout: object) -> float | None:
    """Give for how long a caller would wait for the origin, from the `timeout` of requests."""
    parts = timeout if isinstance(timeout, tuple) else (timeout,)
    seconds = [part for part in parts if isinstance(part, int | float)]
    return sum(seconds) if len(seconds) == len(parts) else None
