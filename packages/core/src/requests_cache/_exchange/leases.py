"""One request to the origin for several processes, by a lease that their store gives."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from requests import Response

    from .base import BaseExchange

__all__ = ["LEASE_SECONDS", "fetch_under_lease"]

LEASE_SECONDS: Final = 10.0
"""How long a process that was killed while it fetched may keep others waiting."""
_FIRST_PAUSE: Final = 0.005
_LONGEST_PAUSE: Final = 0.1


def fetch_under_lease(
    exchange: BaseExchange,
    key: str,
    again: Callable[[], Response | None],
    fetch: Callable[[], Response],
    patience: float | None,
) -> tuple[Response, bool]:
    """Fetch, or take what another process brings; say also whether it was another's.

    Who has waited in vain fetches without a lease, so that nobody queues behind failures.
    """
    token = _take(exchange, key)
    has_waited = token is None
    if token is None:
        end = monotonic() + min(LEASE_SECONDS, LEASE_SECONDS if patience is None else patience)
        pause = _FIRST_PAUSE
        while token is None and monotonic() < end:
            sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            token = _take(exchange, key)
    try:
        found = again()
        if found is not None:
            return found, True
        if has_waited and token:
            _release(exchange, key, token)
            token = None
        return fetch(), False
    finally:
        if token:
            _release(exchange, key, token)


def _take(exchange: BaseExchange, key: str) -> str | None:
    # "" is what a store in trouble gives: then nobody waits.
    nobody: str | None = ""
    return exchange.ask_store(lambda: exchange.cache.responses.lease(key, LEASE_SECONDS), nobody)


def _release(exchange: BaseExchange, key: str, token: str) -> None:
    exchange.ask_store(lambda: exchange.cache.responses.release(key, token), None)
