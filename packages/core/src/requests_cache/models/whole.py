"""All attributes of a response from the cache, for those who look at its dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import BodyNotReadError
from .response import attributes_of

if TYPE_CHECKING:
    from .response import CachedResponse

__all__ = ["build_all"]

# What marks a response of the origin, too; the times may be changed at any time.
_MARKS = ("from_cache", "revalidated")
_TIMES = ("created_at", "expires")


def build_all(
    response: CachedResponse, builders: Mapping[str, Callable[[CachedResponse], Any]]
) -> dict[str, Any]:
    """Give the dictionary of a response, with each attribute that was not built yet.

    What is taken out of it afterwards is gone, as with any object.
    """
    own = attributes_of(response)
    if "record" not in own:
        return own
    if "_whole" not in own:
        # One that was listed has no body, and says so to who asks for it.
        with suppress(BodyNotReadError):
            for name in builders:
                getattr(response, name)
            own["_whole"] = True
        for name in _MARKS:
            own.setdefault(name, getattr(response, name))
    own.update((name, getattr(response, name)) for name in _TIMES)
    return own
