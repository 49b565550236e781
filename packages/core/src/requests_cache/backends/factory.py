"""Making a cache from what the caller gave: a name, a class, an instance, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import ConfigurationError, NotInstalledError
from .cache import BaseCache
from .registry import find_cache

__all__ = ["NAME_OPTIONS", "get_valid_kwargs", "init_backend"]

# The backends' own words for the name of a cache, which is their first argument.
NAME_OPTIONS = ("db_path", "db_name", "namespace", "table_name")


def init_backend(
    backend: str | type[BaseCache] | BaseCache | None = None, *args: Any, **kwargs: Any
) -> BaseCache:
    """Make a cache from a name, a class or an instance; None stands for SQLite, else memory.

    Args:
        backend: name of a backend, subclass of BaseCache, or a cache, which is returned as it is.
        args: the name of the cache; left out if `kwargs` has it under the backend's own name.
        kwargs: options of the backend; `cache_name` stands for whatever it calls the name.

    Raises:
        ConfigurationError: there is no such backend, or an option is wrong.
    """
    if isinstance(backend, BaseCache):
        return backend
    if "cache_name" in kwargs:
        args = (kwargs.pop("cache_name"),)
    if any(name in kwargs for name in NAME_OPTIONS):
        args = ()
    return _cache_class(backend)(*args, **kwargs)


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
