"""The base classes of every backend: one door for those who write another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._store.capabilities import Capabilities
from .._store.entry import Entry
from .cache import BOUNDS, BaseCache
from .memory import DictStorage
from .storage import BaseStorage

if TYPE_CHECKING:
    from .._store.pieces import BodyReader, BodyWriter

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
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in ("BodyReader", "BodyWriter"):
        from .._earlier.names import find

        return find(__name__, name)
    from .._store import pieces

    return getattr(pieces, name)
