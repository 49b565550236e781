"""Serializers: how a response becomes bytes. The default executes nothing when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from ..errors import BackendNotFoundError, ConfigurationError
from .base import Serializer

__all__ = ["Serializer", "init_serializer"]

# name -> where it is made; imported when somebody asks for it by name.
_BUILT_IN = {
    "default": ("default", "DefaultSerializer"),
    "pickle": ("pickled", "PickleSerializer"),
}


def init_serializer(
    serializer: object = None,
    *,
    secret_key: str | bytes | Iterable[str | bytes] | None = None,
    salt: str | bytes | None = None,
) -> Serializer:
    """Give a serializer for a name, an instance, or any object with `dumps` and `loads`.

    None stands for "default". With `secret_key` every value is signed.

    Raises:
        BackendNotFoundError: no serializer of this name is known.
        ConfigurationError: the object is no serializer.
    """
    if serializer is None or isinstance(serializer, str):
        return _by_name(serializer or "default")
    if isinstance(serializer, Serializer):
        return serializer
    from .foreign import DumpsLoads, ForeignSerializer

    if isinstance(serializer, DumpsLoads):
        return ForeignSerializer(serializer)
    raise ConfigurationError(
        f"serializer={serializer!r}: give one of {', '.join(sorted(_BUILT_IN))},"
        " or an object with dumps() and loads()"
    )


def _by_name(name: str) -> Serializer:
    try:
        module, attribute = _BUILT_IN[name]
    except KeyError:
        raise BackendNotFoundError(
            f"no serializer {name!r}; there are {', '.join(sorted(_BUILT_IN))}"
        ) from None
    made: Serializer = getattr(import_module(f".{module}", __name__), attribute)()
    return made
