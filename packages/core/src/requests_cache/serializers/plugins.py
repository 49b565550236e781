"""Serializers of other distributions, found through their entry points, and of callers.

Entry points are read once, and only for a name that is not ours.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import _plugins
from ..errors import CacheError, ConfigurationError
from .base import Serializer
from .foreign import ForeignSerializer, has_verbs

__all__ = ["GROUP", "adapt", "find_plugin", "plugin_names"]

GROUP = "requests_cache.serializers"

_WANTED = "a subclass of Serializer, or a class or an object with dumps() and loads()"


def find_plugin(name: str) -> Serializer | None:
    """Give the serializer that an entry point stands for; None if there is no such name.

    Raises:
        PluginError: it cannot be loaded, is none, or two distributions offer it.
    """
    point = _plugins.only_one("serializer", _plugins.points_of(GROUP).get(name.lower(), ()))
    if point is None:
        return None
    found = _plugins.load_plugin("serializer", point)
    serializer = adapt(found)
    if serializer is None:
        raise _plugins.wrong_kind("serializer", point, found, _WANTED)
    return serializer


def plugin_names() -> list[str]:
    """List the names that installed distributions offer."""
    return sorted(_plugins.points_of(GROUP))


def adapt(given: object) -> Serializer | None:
    """Give a serializer for an object, or for a class, of which one is made; None if it is none.

    Raises:
        ConfigurationError: the class cannot be made without arguments.
    """
    made = _make(given) if has_verbs(given) and isinstance(given, type) else given
    if isinstance(made, Serializer):
        return made
    return ForeignSerializer(made) if has_verbs(made) else None


def _make(cls: Callable[[], object]) -> object:
    try:
        return cls()
    except CacheError:
        raise
    except Exception as error:  # a constructor may raise anything
        raise ConfigurationError(
            f"serializer={cls!r} is a class, and cannot be made without arguments"
            f" ({type(error).__name__}: {error}): give an instance"
        ) from error
