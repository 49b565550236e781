"""Serializers: how a response becomes bytes. The default executes nothing when it is read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .. import _door
from ..errors import BackendNotFoundError, ConfigurationError
from .base import Serializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .compression import Compression
    from .default import DefaultSerializer
    from .documents import DocumentSerializer
    from .encryption import Encryption
    from .formats import BsonSerializer, JsonSerializer, YamlSerializer
    from .pickled import PickleSerializer
    from .pipeline import SerializerPipeline, Stage
    from .signature import Keys, Signature

__all__ = [
    "BsonSerializer",
    "Compression",
    "DefaultSerializer",
    "DocumentSerializer",
    "Encryption",
    "JsonSerializer",
    "PickleSerializer",
    "Serializer",
    "SerializerPipeline",
    "Signature",
    "Stage",
    "YamlSerializer",
    "init_serializer",
]

_PLACES = {
    "BsonSerializer": "formats",
    "Compression": "compression",
    "DefaultSerializer": "default",
    "DocumentSerializer": "documents",
    "Encryption": "encryption",
    "JsonSerializer": "formats",
    "PickleSerializer": "pickled",
    "SerializerPipeline": "pipeline",
    "Signature": "signature",
    "Stage": "pipeline",
    "YamlSerializer": "formats",
}
BUILT_IN = {
    "bson": "BsonSerializer",
    "default": "DefaultSerializer",
    "json": "JsonSerializer",
    "pickle": "PickleSerializer",
    "safe_pickle": "PickleSerializer",
    "yaml": "YamlSerializer",
}


def init_serializer(
    serializer: object = None,
    decode_content: bool | None = None,
    *,
    secret_key: Keys | None = None,
    salt: str | bytes | None = None,
) -> Serializer:
    """Give a serializer for a name, an instance, a class, or any object with `dumps` and `loads`.

    Args:
        serializer: "default" (the same as None), "json", "yaml", "bson", "pickle", "safe_pickle"
            (a pickle that has to be signed), a name from the entry-point group
            `requests_cache.serializers`, a `Serializer`, an object with `dumps` and `loads`, or the
            class of such an object, which is made without arguments.
        decode_content: has no effect: "json" and "yaml" always keep text as text.
        secret_key: signs every value; see `Signature`.
        salt: is mixed into the signature.

    Raises:
        BackendNotFoundError: no serializer of this name is known.
        NotInstalledError: a library that it needs is missing.
        PluginError: the distribution that offers it cannot be loaded.
        ConfigurationError: the object is no serializer, or the keys cannot be used.
    """
    found = _find(serializer)
    if secret_key is not None:
        from .signature import Signature

        return found | Signature(secret_key, salt)
    if serializer == "safe_pickle":
        raise ConfigurationError('serializer="safe_pickle" is signed: give a secret_key')
    if salt is not None:
        raise ConfigurationError("salt is a part of the signature: give a secret_key too")
    return found


def _find(serializer: object) -> Serializer:
    if serializer is None or isinstance(serializer, str):
        return _by_name(serializer or "default")
    if isinstance(serializer, Serializer):
        return serializer
    from .foreign import adapt

    adapted = adapt(serializer)
    if adapted is None:
        raise ConfigurationError(
            f"serializer={serializer!r}: give one of {', '.join(sorted(BUILT_IN))},"
            " a Serializer, or an object with dumps() and loads()"
        )
    return adapted


def _by_name(name: str) -> Serializer:
    if name in BUILT_IN:
        kind = BUILT_IN[name]
        made: Serializer = getattr(import_module(f".{_PLACES[kind]}", __name__), kind)()
        return made
    from .foreign import find_plugin, plugin_names

    plugin = find_plugin(name)
    if plugin is None:
        known = ", ".join(sorted({*BUILT_IN, *plugin_names()}))
        raise BackendNotFoundError(f"no serializer {name!r}; there are {known}")
    return plugin


__getattr__: Callable[[str], Any] = _door(__name__, _PLACES)
