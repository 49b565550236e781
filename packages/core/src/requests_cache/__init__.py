"""A persistent HTTP cache for requests.

    >>> from requests_cache import CachedSession
    >>> session = CachedSession("demo", backend="memory", expire_after=3600)
    >>> session.cache.response_count()
    0

Everything here is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING, Any

__path__ = extend_path(__path__, __name__)

if TYPE_CHECKING:
    from .backends import (
        BaseCache,
        BaseStorage,
        DictStorage,
        available,
        get_valid_kwargs,
        init_backend,
        register,
    )
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
    from .serializers import init_serializer
    from .session import CachedSession, CacheMixin
    from .settings import CacheSettings

__version__ = "0.1.0"

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

_MODULES = {
    "backends": (
        "BaseCache",
        "BaseStorage",
        "DictStorage",
        "available",
        "get_valid_kwargs",
        "init_backend",
        "register",
    ),
    "errors": ("CacheError",),
    "expiration": ("DO_NOT_CACHE", "EXPIRE_IMMEDIATELY", "NEVER_EXPIRE"),
    "models": ("CachedRequest", "CachedResponse", "OriginalResponse"),
    "patcher": (
        "clear",
        "delete",
        "disabled",
        "enabled",
        "get_cache",
        "install_cache",
        "is_installed",
        "remove_expired_responses",
        "uninstall_cache",
    ),
    "serializers": ("init_serializer",),
    "session": ("CacheMixin", "CachedSession"),
    "settings": ("CacheSettings",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing this package costs nothing."""
    module = _PLACES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
