"""Finding backends, registered or installed, and making a cache from what the caller gave.

Only the backend that was asked for is imported. The names of ours belong to our distributions:
nobody else gets them by being installed, only by `register`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import BackendNotFoundError, ConfigurationError, NotInstalledError, PluginError
from ..option_types import names_by_position
from .cache import BaseCache
from .storage import BaseStorage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from types import ModuleType

logger: logging.Logger = logging.getLogger("requests_cache")

CACHES = "requests_cache.caches"
STORAGES = "requests_cache.storages"

_CORE = "requests-cache-core"
# The names of ours -> the distribution that has it.
OURS = {
    "dynamodb": "requests-cache-backend-dynamodb",
    "filesystem": "requests-cache-backend-filesystem",
    "gridfs": "requests-cache-backend-mongo",
    "memory": _CORE,
    "mongo": "requests-cache-backend-mongo",
    "redis": "requests-cache-backend-redis",
    "sqlite": "requests-cache-backend-sqlite",
}
_HERE = __name__.rpartition(".")[0]
# What our distributions say of themselves, for where that cannot be read: in a zipapp, a layer that
# was stripped of metadata, a program that was vendored or has become another user. A test compares.
_CLASSES = {
    "dynamodb": ("dynamodb", "DynamoDbCache", "DynamoDbDict"),
    "filesystem": ("filesystem", "FileCache", "FileDict"),
    "gridfs": ("gridfs", "GridFSCache", "GridFSPickleDict"),
    "memory": ("base", "BaseCache", "DictStorage"),
    "mongo": ("mongo", "MongoCache", "MongoDict"),
    "redis": ("redis", "RedisCache", "RedisDict"),
    "sqlite": ("sqlite", "DbCache", "DbDict"),
}
_SPELLINGS = {"mongodb": "mongo"}

_registered: dict[str, dict[str, Any]] = {CACHES: {}, STORAGES: {}}


class Available(NamedTuple):
    """A backend as a session would find it."""

    name: str
    """What to give as `backend=`."""
    cache: str
    """Where its cache class is, as module:class."""
    distribution: str
    """The distribution that it came with; empty if it was registered by hand."""
    version: str
    """The version of that distribution."""
    error: str = ""
    """Why it cannot be used, and what to do; empty if it can."""


def register(name: str, cache: type[BaseCache], storage: type[BaseStorage] | None = None) -> None:
    """Make a backend known under a name, in this process; it wins over an installed one.

    Args:
        name: what `backend=` is given; capital letters make no difference.
        cache: the class that makes both storages.
        storage: the class of its storages, for `find_storage`; None if nobody asks for it.

    Raises:
        ConfigurationError: `cache` is not a subclass of BaseCache, or `storage` of BaseStorage.
    """
    for group, given in ((CACHES, cache), (STORAGES, storage)):
        if given is not None or group is CACHES:
            if not _is_kind(group, given):
                raise ConfigurationError(
                    f"register({name!r}): {given!r} is not a subclass of {_base_of(group).__name__}"
                )
            _registered[group][name.lower()] = given


def find_cache(name: str) -> type[BaseCache]:
    """Give the cache class of a backend.

    Raises:
        NotInstalledError: it is one of ours, and its distribution is not installed.
        BackendNotFoundError: nothing of this name is installed.
        PluginError: it is installed, but cannot be loaded, or two distributions offer it.
    """
    found: type[BaseCache] = _find(CACHES, name)
    return found


def find_storage(name: str) -> type[BaseStorage]:
    """Give the storage class of a backend; raises as `find_cache` does."""
    found: type[BaseStorage] = _find(STORAGES, name)
    return found


def import_backend(name: str) -> ModuleType:
    """Import the module of one of our backends; NotInstalledError if it is not installed."""
    module = f"requests_cache.backends.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise _not_found(name) from None


def is_installed(module: str) -> bool:
    """Say whether a module below `requests_cache` is there; it is not imported."""
    from importlib.util import find_spec

    return module.startswith("/") or find_spec(f"requests_cache.{module}") is not None


def available() -> list[Available]:
    """List the backends that are installed or registered, by name, as a session finds them.

    Each of them is imported, so that what cannot be loaded is seen: it has an `error`, and so has
    an installed one whose name somebody else has.
    """
    names = sorted({*_entry_points(CACHES), *_registered[CACHES], *OURS})
    return [row for name in names for row in _rows(name)]


def _rows(name: str) -> list[Available]:
    """Give the backend that a session uses first, then those of this name that it does not."""
    points = list(_entry_points(CACHES).get(name, ()))
    used: list[Available] = []
    registered = _registered[CACHES].get(name)
    own = _own_point(CACHES, name) if name in OURS else None
    if registered is not None:
        used = [Available(name, f"{registered.__module__}:{registered.__qualname__}", "", "")]
        error = "another one is registered under this name"
    elif name in OURS:
        used = [] if own is None else [_row(name, own, _trouble(name))]
        points = [point for point in points if own is None or point.value != own.value]
        error = f"the name is that of {OURS[name]}: give the class as backend=, or register() it"
    else:
        error = _trouble(name)
    return used + [_row(name, point, error) for point in points]


def _row(name: str, point: EntryPoint, error: str) -> Available:
    # Nobody but us is found without metadata.
    of_dist = (OURS[name], "") if point.dist is None else (point.dist.name, point.dist.version)
    return Available(name, point.value, *of_dist, error)


def _trouble(name: str) -> str:
    try:
        _find(CACHES, name)
    except PluginError as error:
        return str(error)
    return ""


def _find(group: str, name: str) -> Any:
    wanted = _SPELLINGS.get(name.lower(), name.lower())
    known = _registered[group]
    if wanted in known:
        return known[wanted]
    if OURS.get(wanted) == _CORE:
        # It is here, and need not be looked for.
        module, cache_class, storage_class = _CLASSES[wanted]
        chosen = cache_class if group == CACHES else storage_class
        return getattr(import_module(f"{_HERE}.{module}"), chosen)
    point = _point(group, wanted)
    if point is None:
        raise _not_found(wanted)
    from .. import _plugins

    found = _plugins.load_plugin("backend", point)
    if not _is_kind(group, found):
        wanted_kind = f"a subclass of {_base_of(group).__name__}"
        raise _plugins.wrong_kind("backend", point, found, wanted_kind)
    return found


def _point(group: str, name: str) -> EntryPoint | None:
    if name in OURS:
        return _own_point(group, name)
    from .. import _plugins

    return _plugins.only_one("backend", _entry_points(group).get(name, ()))


def _own_point(group: str, name: str) -> EntryPoint | None:
    return _own_entry_point(group, name) or _point_without_metadata(group, name)


@cache
def _own_entry_point(group: str, name: str) -> EntryPoint | None:
    """Look where we know to look, which need not read the metadata of all that is installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(OURS[name])
    except PackageNotFoundError:
        return None
    return next(iter(found.entry_points.select(group=group, name=name)), None)


def _point_without_metadata(group: str, name: str) -> EntryPoint | None:
    """Give what the metadata would say, if the module can be imported."""
    module, cache_class, storage_class = _CLASSES[name]
    if not is_installed(f"backends.{module}"):
        return None
    from importlib.metadata import EntryPoint

    chosen = cache_class if group == CACHES else storage_class
    return EntryPoint(name, f"{_HERE}.{module}:{chosen}", group)


def _entry_points(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    from .. import _plugins

    return _plugins.points_of(group)


def _base_of(group: str) -> type:
    return BaseCache if group == CACHES else BaseStorage


def _is_kind(group: str, found: object) -> bool:
    return isinstance(found, type) and issubclass(found, _base_of(group))


def _not_found(name: str) -> ConfigurationError:
    if name in OURS and OURS[name] != _CORE:
        extra = OURS[name].removeprefix("requests-cache-backend-")
        return NotInstalledError(
            f"the backend {name!r} is not installed:"
            f' pip install "requests-cache-core[{extra}]"{_taken(name)}'
        )
    names = sorted(_entry_points(CACHES).keys() | _registered[CACHES].keys())
    return BackendNotFoundError(f"no backend {name!r} is installed; there are {', '.join(names)}")


def _taken(name: str) -> str:
    """Say who else offers a name of ours, for whoever has installed that."""
    from .. import _plugins

    others = [_plugins.distribution_of(point) for point in _entry_points(CACHES).get(name, ())]
    if not others:
        return ""
    return (
        f" ({' and '.join(others)} offers this name, too: give the class of that one as"
        " backend=, or register() it)"
    )


# Making a cache


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
