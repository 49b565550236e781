"""A stored response becomes this caller's: his request, his values, the cookies of his jar."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any

from .._matching.own import cookie_source, numbered, put_back, values_of
from .cookies import kept_place, with_values
from .original import attributes_of

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .fields import Fields
    from .timed import TimedResponse

__all__ = ["fit"]


def fit(response: TimedResponse, request: PreparedRequest | None, jar: Iterable[Any]) -> None:
    """Give a stored response what is the caller's.

    Args:
        response: the response, or a redirect on the way to one.
        request: the caller's request that it answers; None if that was not made.
        jar: the cookies of the caller.
    """
    fields = response.record.fields
    changes: Fields = {}
    cookies = [cookie for cookie in jar if isinstance(cookie, Cookie)] if _asks(fields) else []
    headers = fields["headers"]
    if places := fields.get("own"):
        values = {cookie_source(cookie.name): cookie.value or "" for cookie in cookies}
        values.update(values_of(request) if request is not None else {})
        headers = changes["headers"] = [
            (name, put_back(line, places[place], values) if place in places else line)
            for place, (name, line) in numbered(headers)
        ]
    if "cookies" in fields:
        held = {kept_place(cookie): cookie for cookie in cookies}
        changes["cookies"], changes["headers"] = with_values(fields["cookies"], headers, held)
    if changes:
        attributes_of(response).setdefault("_stored", response.record)
        response.change_fields(**changes)
    if request is not None:
        attributes_of(response).update(request=request, url=request.url)


def _asks(fields: Fields) -> bool:
    return "cookies" in fields or "own" in fields
