"""Making a cache from what the caller gave: a name, a class, an instance, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import BackendNotFoundError, ConfigurationError, NotInstalledError
from ..option_types import names_by_position
from .cache import BaseCache
from .registry import find_cache

__all__ = ["get_valid_kwargs", "init_backend"]

logger: logging.Logger = logging.getLogger("requests_cache")


def init_backend(
    backend: str | Path | type[BaseCache] | BaseCache | None = None,
    /,
    *args: Any,
    **kwargs: Any,
) -> BaseCache:
    """Make a cache from a name, a class or an instance; None stands for SQLite, else memory.

    Args:
        backend: name of a backend, subclass of BaseCache, or a cache, which is returned as it is.
        args: the name of the cache; left out if `kwargs` has it under the backend's own name for
            it, which is that of its first parameter. Version 1 has it in the first place, and
            `backend` in the second or by its name, which works as well.
        kwargs: options of the backend; `cache_name` stands for whatever it calls the name.

    Raises:
        ConfigurationError: there is no such backend, or an option is wrong.
    """
    backend, args = _in_order(backend, args, kwargs)
    if isinstance(backend, BaseCache):
        return backend
    if "cache_name" in kwargs:
        args = (kwargs.pop("cache_name"),)
    cls = _cache_class(backend)
    if _first_parameter(cls) in kwargs:
        args = ()
    return cls(*args, **kwargs)


def _in_order(
    first: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    """Give the backend and then the name, in whatever order they came."""
    if "backend" in kwargs:
        named = () if first is None else (first,)
        return kwargs.pop("backend"), (*named, *args)
    if args and not _is_backend(first) and _is_backend(args[0]):
        return args[0], (first, *args[1:])
    return first, args


def _is_backend(value: object) -> bool:
    if not isinstance(value, str):
        return not isinstance(value, Path)
    try:
        find_cache(value)
    except BackendNotFoundError:
        return False
    except ConfigurationError:
        # It says why it cannot be used.
        return True
    return True


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
