"""Which backends there are, as a mapping: what earlier versions had as a constant."""

from __future__ import annotations

from typing import Final

from ..backends.base import BaseCache
from ..backends.registry import available, find_cache

__all__ = ["BACKEND_CLASSES"]

BACKEND_CLASSES: Final[dict[str, type[BaseCache]]] = {
    backend.name: find_cache(backend.name) for backend in available()
}
"""The cache classes of the backends that are installed; looking at it imports them."""
