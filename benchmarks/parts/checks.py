"""A number counts only if the work was done: bodies are compared, origin requests counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

from origin import body_of

if TYPE_CHECKING:
    from row import Place

__all__ = ["CheckError", "check_body", "origin_requests"]

_opener = build_opener(ProxyHandler({}))


class CheckError(Exception):
    """A subject did not do what the row measures."""


def origin_requests(place: Place) -> int:
    """Ask the origin how many requests of this task it has seen."""
    with _opener.open(f"{place.origin}/requests/{place.lane}", timeout=30) as answer:
        return int(answer.read())


def check_body(response: Any, kind: str, number: int, exact: bool) -> None:
    """Compare a body with what the origin sends for this number.

    Raises:
        CheckError: it differs; unless `exact`, JSON that means the same is the same.
    """
    expected = body_of(kind, number)
    same = response.content == expected
    if not same and kind == "json" and not exact:
        same = json.loads(response.content) == json.loads(expected)
    if not same:
        raise CheckError(f"the body of {kind} {number} is not what the origin sent")
