"""Serializers of other distributions, found through their entry points.

Entry points are read once, and only for a name that is not ours.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from .base import Serializer

__all__ = ["GROUP", "find_plugin", "plugin_names"]

GROUP = "requests_cache.serializers"


def find_plugin(name: str) -> object:
    """Give what an entry point stands for, an instance if it is a Serializer; None for none."""
    point = _points().get(name.lower())
    if point is None:
        return None
    found = point.load()
    return found() if isinstance(found, type) and issubclass(found, Serializer) else found


def plugin_names() -> list[str]:
    """List the names that installed distributions offer."""
    return sorted(_points())


@cache
def _points() -> dict[str, EntryPoint]:
    return {point.name.lower(): point for point in entry_points(group=GROUP)}
