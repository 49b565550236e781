"""The MongoDB backend under its name of requests-cache 1.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_cache import _door

from ..mongo import MongoCache, MongoDict, MongoPickleDict

__all__ = ["MongoCache", "MongoDict", "MongoPickleDict"]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
