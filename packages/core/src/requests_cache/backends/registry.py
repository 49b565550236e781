"""Finding backends: registered by hand, or through the entry points of installed distributions.

Entry points are read once, and only for a name that is not known yet; only the backend that was
asked for is imported.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import BackendNotFoundError, ConfigurationError, NotInstalledError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from types import ModuleType

    from .cache import BaseCache
    from .storage import BaseStorage

__all__ = [
    "Available",
    "available",
    "find_cache",
    "find_storage",
    "import_backend",
    "is_installed",
    "register",
]

CACHES = "requests_cache.caches"
STORAGES = "requests_cache.storages"

_OURS = ("dynamodb", "filesystem", "gridfs", "mongo", "redis", "sqlite")
_DISTRIBUTIONS = {"gridfs": "mongo"}
_SPELLINGS = {"mongodb": "mongo"}

_registered: dict[str, dict[str, Any]] = {CACHES: {}, STORAGES: {}}


class Available(NamedTuple):
    """A backend that can be used now."""

    name: str
    """What to give as `backend=`."""
    cache: str
    """Where its cache class is, as module:class."""
    distribution: str
    """The distribution that it came with; empty if it was registered by hand."""
    version: str
    """The version of that distribution."""


def register(name: str, cache: type[BaseCache], storage: type[BaseStorage] | None = None) -> None:
    """Make a backend known under a name, in this process; it wins over an installed one.

    Raises:
        ConfigurationError: `cache` is not a subclass of BaseCache.
    """
    from .cache import BaseCache

    if not (isinstance(cache, type) and issubclass(cache, BaseCache)):
        raise ConfigurationError(f"register({name!r}): {cache!r} is not a subclass of BaseCache")
    _registered[CACHES][name.lower()] = cache
    if storage is not None:
        _registered[STORAGES][name.lower()] = storage


def find_cache(name: str) -> type[BaseCache]:
    """Give the cache class of a backend.

    Raises:
        NotInstalledError: it is one of ours, and its distribution is not installed.
        BackendNotFoundError: nothing of this name is installed.
    """
    found: type[BaseCache] = _find(CACHES, name)
    return found


def find_storage(name: str) -> type[BaseStorage]:
    """Give the storage class of a backend; raises as `find_cache` does."""
    found: type[BaseStorage] = _find(STORAGES, name)
    return found


def import_backend(name: str) -> ModuleType:
    """Import the module of one of our backends.

    Raises:
        NotInstalledError: its distribution is not installed.
    """
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
    """List the backends that can be used now, by name; none of them is imported."""
    found = {
        name: Available(name, point.value, point.dist.name, point.dist.version)
        for name, point in _entry_points(CACHES).items()
        if point.dist is not None
    }
    for name, cls in _registered[CACHES].items():
        found[name] = Available(name, f"{cls.__module__}:{cls.__qualname__}", "", "")
    return [found[name] for name in sorted(found)]


def _find(group: str, name: str) -> Any:
    wanted = _SPELLINGS.get(name.lower(), name.lower())
    known = _registered[group]
    if wanted not in known:
        point = _own_entry_point(group, wanted) or _entry_points(group).get(wanted)
        if point is None:
            raise _not_found(wanted)
        return point.load()
    return known[wanted]


@cache
def _own_entry_point(group: str, name: str) -> EntryPoint | None:
    """Look where we know to look, which need not read the metadata of all that is installed."""
    if name not in _OURS:
        return None
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(f"requests-cache-backend-{_DISTRIBUTIONS.get(name, name)}")
    except PackageNotFoundError:
        return None
    return next(iter(found.entry_points.select(group=group, name=name)), None)


@cache
def _entry_points(group: str) -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name.lower(): point for point in entry_points(group=group)}


def _not_found(name: str) -> ConfigurationError:
    if name in _OURS:
        distribution = _DISTRIBUTIONS.get(name, name)
        return NotInstalledError(
            f"the backend {name!r} is not installed:"
            f' pip install "requests-cache-core[{distribution}]"'
        )
    names = sorted(_entry_points(CACHES).keys() | _registered[CACHES].keys())
    return BackendNotFoundError(f"no backend {name!r} is installed; there are {', '.join(names)}")
