"""The pickle serializer: takes any value, and trusts whoever can write to the store."""

from __future__ import annotations

import pickle
from struct import Struct
from typing import Final
from zlib import crc32

from ..errors import RecordError
from .base import Serializer, mismatch

_MAGIC: Final = b"RQP\x01"
_HEAD: Final = Struct("<4sI")


class PickleSerializer(Serializer):
    """Pickle every value.

    Reading a pickle runs code: use it only where nobody else can write, or sign what you write.
    """

    name = "pickle"
    extension = ".pkl"

    def encode(self, value: object) -> tuple[bytes, bytes]:
        data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        return _HEAD.pack(_MAGIC, crc32(data)) + data, b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        if head[: len(_MAGIC)] != _MAGIC:
            raise mismatch(head, self.name)
        data = head[_HEAD.size :]
        # A damaged pickle may ask for any amount of memory, or end the process.
        if head[: _HEAD.size] != _HEAD.pack(_MAGIC, crc32(data)):
            raise RecordError("the pickle is damaged")
        try:
            return pickle.loads(data)  # noqa: S301  # what the caller asked for by name
        except Exception as error:  # a pickle may raise anything at all
            raise RecordError("the pickle cannot be read") from error
