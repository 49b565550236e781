"""The base classes of every backend: one door for those who write another."""

from __future__ import annotations

from .cache import BOUNDS, BaseCache
from .capabilities import Capabilities
from .entry import Entry
from .memory import DictStorage
from .pieces import BodyReader, BodyWriter
from .storage import BaseStorage

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
for _public in (
    BaseCache,
    BaseStorage,
    BodyReader,
    BodyWriter,
    Capabilities,
    DictStorage,
    Entry,
):
    _public.__module__ = __name__
