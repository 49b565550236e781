"""Classes and functions for the persistence of a cache; each backend is a subpackage of its own."""

from __future__ import annotations

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

from .base import BaseCache, BaseStorage, DictStorage
from .factory import get_valid_kwargs, init_backend
from .registry import available, find_cache, find_storage, register

__all__ = [
    "BaseCache",
    "BaseStorage",
    "DictStorage",
    "available",
    "find_cache",
    "find_storage",
    "get_valid_kwargs",
    "init_backend",
    "register",
]
