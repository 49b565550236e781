"""The base classes of every backend: one door for those who write another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._store.entry import Capabilities, Entry
from .cache import BOUNDS, BaseCache
from .memory import DictStorage
from .storage import BaseStorage

if TYPE_CHECKING:
    from .._store.pieces import BodyReader, BodyWriter
    from .._store.shared_client import SharedClient

__all__ = [
    "BOUNDS",
    "BaseCache",
    "BaseStorage",
    "BodyReader",
    "BodyWriter",
    "Capabilities",
    "DictStorage",
    "Entry",
    "SharedClient",
]

# Errors, pickles and documentation show the public place.
for _public in (BaseCache, BaseStorage, Capabilities, DictStorage, Entry):
    _public.__module__ = __name__


def __getattr__(name: str) -> Any:
    """Import on first use what most processes never need."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "SharedClient":
        from .._store.shared_client import SharedClient

        return SharedClient
    if name in ("BodyReader", "BodyWriter"):
        from .._store import pieces

        return getattr(pieces, name)
    from .._earlier.names import find

    return find(__name__, name)
