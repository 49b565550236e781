"""Classes and functions for the persistence of a cache; each backend is a subpackage of its own."""

from __future__ import annotations

from pkgutil import extend_path
from typing import TYPE_CHECKING, Any

__path__ = extend_path(__path__, __name__)

from .. import _door
from .base import BaseCache, BaseStorage, DictStorage
from .registry import available, find_cache, find_storage, get_valid_kwargs, init_backend, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dynamodb import DynamoDbCache as DynamoDbCache
    from .dynamodb import DynamoDbDict as DynamoDbDict
    from .filesystem import FileCache as FileCache
    from .filesystem import FileDict as FileDict
    from .gridfs import GridFSCache as GridFSCache
    from .gridfs import GridFSDict as GridFSDict
    from .gridfs import GridFSPickleDict as GridFSPickleDict
    from .mongo import MongoCache as MongoCache
    from .mongo import MongoDict as MongoDict
    from .mongo import MongoPickleDict as MongoPickleDict
    from .redis import RedisCache as RedisCache
    from .redis import RedisDict as RedisDict
    from .redis import RedisHashDict as RedisHashDict
    from .sqlite import DbCache as DbCache
    from .sqlite import DbDict as DbDict
    from .sqlite import DbPickleDict as DbPickleDict
    from .sqlite import SQLiteCache as SQLiteCache
    from .sqlite import SQLiteDict as SQLiteDict
    from .sqlite import SQLitePickleDict as SQLitePickleDict

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
__getattr__: Callable[[str], Any] = _door(__name__)
