"""Serializers of which it is known that they make of the same bytes the same again."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["repeats"]

# By name, for an import is part of a cold start. What others have written may do anything.
_OURS: Final = frozenset(
    f"requests_cache.serializers.{name}"
    for name in (
        *("default.DefaultSerializer", "documents.DocumentSerializer", "pickled.PickleSerializer"),
        *("formats.JsonSerializer", "formats.YamlSerializer", "formats.BsonSerializer"),
        *("pipeline.SerializerPipeline", "compression.Compression"),
        *("signature.Signature", "encryption.Encryption"),
    )
)
_OF_SEVERAL: Final = "SerializerPipeline"


def repeats(serializer: Any) -> bool:
    """Say whether a serializer is one of ours, and all that it consists of."""
    kind = type(serializer)
    if f"{kind.__module__}.{kind.__qualname__}" not in _OURS:
        return False
    if kind.__name__ != _OF_SEVERAL:
        return True
    return repeats(serializer.format) and all(map(repeats, serializer.stages))
