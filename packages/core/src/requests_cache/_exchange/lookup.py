"""What the fast path has found in the store where it could not answer; an exchange goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._store.entry import Entry
    from ..models.response import CachedResponse

__all__ = ["Lookup"]


class Lookup(NamedTuple):
    """What a look into the store has found for a plain call."""

    key: str
    entry: Entry | None
    alias: Entry | None
    """The redirect from the key, if there is no entry."""
    since: int
    """What `single_flight.landings` was before."""
    make_request: Callable[[str], PreparedRequest]
    """Makes the request that belongs to the key, whatever the session is by then."""
    response: CachedResponse | None = None
    """The response, if it is used as it is. If not, an exchange goes on from what was found."""
