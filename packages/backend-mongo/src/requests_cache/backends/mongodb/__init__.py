"""The MongoDB backend under its name of requests-cache 1.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..mongo import MongoCache, MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]


if not TYPE_CHECKING:  # else every name could be imported

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from requests_cache._earlier.names import find

        return find(__name__, name)
