"""The MongoDB backend under its name of requests-cache 1.x."""

from __future__ import annotations

from ..mongo import MongoCache, MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]
