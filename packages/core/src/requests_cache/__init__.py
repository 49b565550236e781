"""A persistent HTTP cache for requests.

    >>> from requests_cache import CachedSession
    >>> session = CachedSession("demo", backend="memory", expire_after=3600)
    >>> session.cache.response_count()
    0

Everything here is imported on first use.
"""

from __future__ import annotations

import os
from importlib import import_module
from pkgutil import extend_path
from sys import modules
from typing import TYPE_CHECKING, Any

__path__ = extend_path(__path__, __name__)

DISTRIBUTION = "requests-cache-core"
"""By this our backends know whose package they are in."""

# A module of this name is in requests-cache, and in no distribution of ours.
_theirs = os.path.join(__path__[0], "backends", "sqlite.py")  # noqa: PTH118  # pathlib takes long
if os.path.exists(_theirs):  # noqa: PTH110
    raise ImportError(
        "requests-cache and requests-cache-core are both installed here, and overwrite each other's"
        " files: pip uninstall requests-cache requests-cache-core;"
        ' pip install --force-reinstall "requests-cache-core[all]"'
    )

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .backends import (
        BaseCache,
        BaseStorage,
        DictStorage,
        available,
        get_valid_kwargs,
        init_backend,
        register,
    )
    from .backends.dynamodb import DynamoDbCache as DynamoDbCache
    from .backends.dynamodb import DynamoDbDict as DynamoDbDict
    from .backends.filesystem import FileCache as FileCache
    from .backends.filesystem import FileDict as FileDict
    from .backends.gridfs import GridFSCache as GridFSCache
    from .backends.gridfs import GridFSDict as GridFSDict
    from .backends.gridfs import GridFSPickleDict as GridFSPickleDict
    from .backends.mongo import MongoCache as MongoCache
    from .backends.mongo import MongoDict as MongoDict
    from .backends.mongo import MongoPickleDict as MongoPickleDict
    from .backends.redis import RedisCache as RedisCache
    from .backends.redis import RedisDict as RedisDict
    from .backends.redis import RedisHashDict as RedisHashDict
    from .backends.sqlite import DbCache as DbCache
    from .backends.sqlite import DbDict as DbDict
    from .backends.sqlite import DbPickleDict as DbPickleDict
    from .backends.sqlite import SQLiteCache as SQLiteCache
    from .backends.sqlite import SQLiteDict as SQLiteDict
    from .backends.sqlite import SQLitePickleDict as SQLitePickleDict
    from .cache_keys import create_key as create_key
    from .errors import CacheError
    from .expiration import DO_NOT_CACHE, EXPIRE_IMMEDIATELY, NEVER_EXPIRE
    from .models import CachedRequest, CachedResponse, OriginalResponse
    from .patcher import (
        clear,
        delete,
        disabled,
        enabled,
        get_cache,
        install_cache,
        is_installed,
        remove_expired_responses,
        uninstall_cache,
    )
    from .serializers import SerializerPipeline as SerializerPipeline
    from .serializers import Stage as Stage
    from .serializers import init_serializer
    from .session import CachedSession, CacheMixin
    from .settings import CacheSettings
    from .types import AnyPreparedRequest as AnyPreparedRequest
    from .types import AnyRequest as AnyRequest
    from .types import AnyResponse as AnyResponse
    from .types import BackendSpecifier as BackendSpecifier
    from .types import DecodedContent as DecodedContent
    from .types import ExpirationPattern as ExpirationPattern
    from .types import ExpirationPatterns as ExpirationPatterns
    from .types import ExpirationTime as ExpirationTime
    from .types import FilterCallback as FilterCallback
    from .types import KeyCallback as KeyCallback
    from .types import SerializerType as SerializerType
    from .types import StrOrPath as StrOrPath

    # At run time it is all that can be had here, see `__getattr__`.
    __all__ = [
        "DO_NOT_CACHE",
        "EXPIRE_IMMEDIATELY",
        "NEVER_EXPIRE",
        "BaseCache",
        "BaseStorage",
        "CacheError",
        "CacheMixin",
        "CacheSettings",
        "CachedRequest",
        "CachedResponse",
        "CachedSession",
        "DictStorage",
        "OriginalResponse",
        "available",
        "clear",
        "delete",
        "disabled",
        "enabled",
        "get_cache",
        "get_valid_kwargs",
        "init_backend",
        "init_serializer",
        "install_cache",
        "is_installed",
        "register",
        "remove_expired_responses",
        "uninstall_cache",
    ]

__version__ = "2.0.0"

_PLACES = {
    name: module
    for module, names in {
        "backends": "BaseCache BaseStorage DictStorage available get_valid_kwargs init_backend"
        " register",
        "errors": "CacheError",
        "expiration": "DO_NOT_CACHE EXPIRE_IMMEDIATELY NEVER_EXPIRE",
        "models": "CachedRequest CachedResponse OriginalResponse",
        "patcher": "clear delete disabled enabled get_cache install_cache is_installed"
        " remove_expired_responses uninstall_cache",
        "serializers": "init_serializer",
        "session": "CacheMixin CachedSession",
        "settings": "CacheSettings",
    }.items()
    for name in names.split()
}

# `from requests_cache import clock` asks for an attribute first, with each session; and programs
# write `requests_cache.backends.base`, for earlier versions imported all of it at once.
_SUBMODULES = frozenset(("backends", "clock", "models", "policy", "serializers", "session"))


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing this package costs nothing."""
    module = _PLACES.get(name)
    if module is not None:
        value = getattr(import_module(f".{module}", __name__), name)
    elif name == "__all__":  # for `from requests_cache import *`, as earlier versions gave it
        from ._earlier.names import names_of

        names = {*_PLACES, *names_of(__name__)}
        value = sorted(names, key=lambda each: (not each.isupper(), each.islower(), each))
    elif name in _SUBMODULES:
        value = import_module(f".{name}", __name__)
    elif name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        from ._earlier.names import find

        value = find(__name__, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__getattr__("__all__")})


def _door(module: str, places: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """Give a module its `__getattr__`: for what is elsewhere by now, and for earlier names.

    Args:
        module: name of the module.
        places: names, and the modules below it that are imported on their first use.
    """

    def get(name: str) -> Any:
        if places is not None and name in places:
            value = getattr(import_module(f".{places[name]}", module), name)
            setattr(modules[module], name, value)
            return value
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        from ._earlier.names import find

        return find(module, name)

    return get
