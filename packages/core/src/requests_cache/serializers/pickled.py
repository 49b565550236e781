"""The pickle serializer: takes any value, and trusts whoever can write to the store."""

from __future__ import annotations

import pickle

from ..errors import FormatMismatchError, RecordError, UnsupportedValueError
from .base import Serializer

__all__ = ["PickleSerializer"]

_MAGIC = b"RQP\x01"


class PickleSerializer(Serializer):
    """Pickle every value. Reading a pickle runs code: use it only for stores that are yours alone."""

    name = "pickle"
    extension = ".pkl"

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Pickle a value."""
        try:
            return _MAGIC + pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL), b""
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise UnsupportedValueError(f"cannot be pickled: {error}") from error

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Unpickle a value."""
        if head[: len(_MAGIC)] != _MAGIC:
            raise FormatMismatchError(
                "the stored value is not a pickle of this library:"
                " open the cache with the serializer that wrote it"
            )
        try:
            return pickle.loads(head[len(_MAGIC) :])
        except Exception as error:  # a pickle may raise anything at all
            raise RecordError("the pickle cannot be read") from error
