"""Notes of an exchange that fetches what is there, because it is another's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .credentials_seen import CredentialsSeen
from .owner_reasons import OwnerReasons

if TYPE_CHECKING:
    from ..policy import Fetch
    from .base import BaseExchange

__all__ = ["note_cause", "with_reason"]


def with_reason(exchange: BaseExchange, fetch: Fetch, *, note: bool = True) -> Fetch:
    """Say so, if nothing is found because the credentials are others.

    Args:
        exchange: what asks.
        fetch: what the policy has decided.
        note: whether the request is made, and counts for the next ones.
    """
    status, asking, cache = fetch.cache_status, exchange.asking, exchange.cache
    if note and asking.missing is not None:
        _note(exchange, "needs", asking.missing)
    if status.fwd != "uri-miss" or exchange.key is None:
        return fetch
    own = vars(cache)
    seen: CredentialsSeen | None = own.get("_credentials_seen")
    if seen is None:
        # In one step: another thread may come here for the first time as well.
        seen = own.setdefault("_credentials_seen", CredentialsSeen())
    request, said = exchange.request, asking.places()
    place = seen.other_place(cache.matching, request, exchange.key, said, note=note)
    if place is None:
        return fetch
    kind, _, name = place.partition(" ")
    if note and kind != "partition":
        _note(exchange, kind, name)
    return fetch._replace(cache_status=status._replace(detail="other-credentials"))


def note_cause(exchange: BaseExchange) -> None:
    """Note what keeps the answer from being found again, if anything does."""
    if exchange.asking.cause is not None:
        _note(exchange, *exchange.asking.cause)


def _note(exchange: BaseExchange, kind: str, name: str) -> None:
    """Have the log say, the third time, why something is fetched again."""
    reasons: OwnerReasons = vars(exchange.cache).setdefault("_owner_reasons", OwnerReasons())
    if kind == "field" and exchange.asking.has_auth:
        kind = "auth"
    reasons.note(kind, name, urlsplit(exchange.request.url or "").hostname or "")
