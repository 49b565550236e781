"""The base classes of every backend: one door for those who write another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cache import BOUNDS, BaseCache
from .capabilities import Capabilities
from .entry import Entry
from .memory import DictStorage
from .storage import BaseStorage

if TYPE_CHECKING:
    from .pieces import BodyReader, BodyWriter

__all__ = [
    "BOUNDS",
    "BaseCache",
    "BaseStorage",
    "BodyReader",
    "BodyWriter",
    "Capabilities",
    "DictStorage",
    "Entry",
]

# Errors, pickles and documentation show the public place.
for _public in (BaseCache, BaseStorage, Capabilities, DictStorage, Entry):
    _public.__module__ = __name__


def __getattr__(name: str) -> Any:
    """Import what handles bodies in pieces on first use; most processes never do."""
    if name not in ("BodyReader", "BodyWriter"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import pieces

    return getattr(pieces, name)
