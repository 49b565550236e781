"""Making a cache from what the caller gave: a name, a class, an instance, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import ConfigurationError, NotInstalledError
from ..option_types import names_by_position
from .cache import BaseCache
from .registry import find_cache

__all__ = ["get_valid_kwargs", "init_backend"]

logger: logging.Logger = logging.getLogger("requests_cache")


def init_backend(
    backend: str | type[BaseCache] | BaseCache | None = None, *args: Any, **kwargs: Any
) -> BaseCache:
    """Make a cache from a name, a class or an instance; None stands for SQLite, else memory.

    Args:
        backend: name of a backend, subclass of BaseCache, or a cache, which is returned as it is.
        args: the name of the cache; left out if `kwargs` has it under the backend's own name for
            it, which is that of its first parameter.
        kwargs: options of the backend; `cache_name` stands for whatever it calls the name.

    Raises:
        ConfigurationError: there is no such backend, or an option is wrong.
    """
    if isinstance(backend, BaseCache):
        return backend
    if "cache_name" in kwargs:
        args = (kwargs.pop("cache_name"),)
    cls = _cache_class(backend)
    if _first_parameter(cls) in kwargs:
        args = ()
    return cls(*args, **kwargs)


def _first_parameter(cls: type[BaseCache]) -> str | None:
    """Give the backend's own word for the name of a cache, which is its first argument."""
    for base in cls.__mro__:
        if names := names_by_position(vars(base).get("__init__")):
            return names[0]
    return None


def _cache_class(backend: object) -> type[BaseCache]:
    if isinstance(backend, str):
        return find_cache(backend)
    if isinstance(backend, type) and issubclass(backend, BaseCache):
        return backend
    if backend is not None:
        raise ConfigurationError(
            f"backend={backend!r}: give the name of a backend, a subclass of BaseCache,"
            " an instance of one, or None"
        )
    try:
        return find_cache("sqlite")
    except NotInstalledError:
        logger.info(
            "no backend is installed, so responses are kept in memory, and lost when this program"
            ' ends: pip install "requests-cache-core[sqlite]"'
        )
        return BaseCache


def get_valid_kwargs(
    func: Callable[..., Any], kwargs: Mapping[str, Any], extras: Iterable[str] | None = None
) -> dict[str, Any]:
    """Give those of `kwargs` that are not None and that `func` has a parameter for.

    Args:
        func: function or class to be called.
        kwargs: keyword arguments.
        extras: more names that are valid.
    """
    from inspect import signature

    valid = {*signature(func).parameters, *(extras or ())}
    return {name: value for name, value in kwargs.items() if name in valid and value is not None}
