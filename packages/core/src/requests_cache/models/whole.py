"""All attributes of a response from the cache, for those who look at its dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from requests import Response

from ..errors import BodyNotReadError
from .original import attributes_of

__all__ = ["build_all"]

# What marks a response of the origin, too; the times may be changed at any time.
_MARKS = ("from_cache", "revalidated")
_TIMES = ("created_at", "expires")


def build_all(response: Response, names: Iterable[str]) -> dict[str, Any]:
    """Give the dictionary of a response, with each of the named attributes, built by now or not.

    What is taken out of it afterwards is gone, as with any object.
    """
    own = attributes_of(response)
    if "record" not in own:
        return own
    if "_whole" not in own:
        # One that was listed has no body, and says so to who asks for it.
        with suppress(BodyNotReadError):
            for name in names:
                getattr(response, name)
            own["_whole"] = True
        for name in _MARKS:
            own.setdefault(name, getattr(response, name))
    own.update((name, getattr(response, name)) for name in _TIMES)
    return own
