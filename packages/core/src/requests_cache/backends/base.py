"""The base classes of every backend: one door for those who write another."""

from __future__ import annotations

from .cache import BaseCache
from .entry import Entry
from .memory import DictStorage
from .storage import BaseStorage

__all__ = ["BaseCache", "BaseStorage", "DictStorage", "Entry"]

# Errors, pickles and documentation show the public place.
for _public in (BaseCache, BaseStorage, DictStorage, Entry):
    _public.__module__ = __name__
