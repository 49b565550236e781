"""What a record says of whose it is, where no session has found that out on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests import Response

from .._matching.owner import asker_of, is_asked_for
from .cookies import cookies_in, kept_place
from .describe import flags_of_owner
from .response import CachedResponse

if TYPE_CHECKING:
    from .._matching.keys import Matching

__all__ = ["needs_of", "note_owner"]


def needs_of(response: Response, ignored: frozenset[str]) -> list[list[str]]:
    """Give name, domain and path of the cookies without which an answer is only half of it."""
    places = (kept_place(cookie) for cookie in cookies_in(response.cookies))
    return [[name, domain, path] for domain, path, name in places if is_asked_for(name, ignored)]


def note_owner(cached: CachedResponse, response: Response, matching: Matching) -> None:
    """Note in a record whose it is: his who the request of the response says.

    Args:
        cached: the response as it is to be stored.
        response: the response.
        matching: how requests are compared.
    """
    record, request = cached.record, response.request
    if "owner" in record.fields:
        return
    record.fields["owner"] = matching.lock_of(request, asker_of(request))
    if needs := needs_of(response, matching.ignored):
        record.fields["needs"] = needs
    record.flags |= flags_of_owner(record.fields)
