"""The BSON serializer: a response as a document of MongoDB's format."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from ..errors import RecordError
from .origin import mismatch
from .readable import ReadableSerializer, not_installed

if TYPE_CHECKING:
    from bson.codec_options import TypeDecoder

__all__ = ["BsonSerializer"]

_MAGIC: Final = b"RQD\x01"
_HEAD: Final = Struct("<4sI")


class BsonSerializer(ReadableSerializer):
    """Write a mark, a CRC-32 and a BSON document.

    Raises:
        NotInstalledError: PyMongo or cattrs is missing.
    """

    name = "bson"
    extension = ".bson"
    binary = True

    def __init__(self) -> None:
        try:
            import bson
            from bson.codec_options import CodecOptions, TypeRegistry
            from cattrs.preconf.bson import make_converter
        except ImportError as error:
            raise not_installed(self.name, "bson") from error
        super().__init__(make_converter())
        self._bson = bson
        self._options: CodecOptions[dict[str, Any]] = CodecOptions(
            type_registry=TypeRegistry([_long_integer()])
        )

    def write(self, document: dict[str, Any]) -> bytes:
        """Give the document as it is stored."""
        data = self._bson.encode(document)
        return _HEAD.pack(_MAGIC, crc32(data)) + data

    def read(self, data: bytes) -> dict[str, Any]:
        """Give back the document that `write` took."""
        if data[: len(_MAGIC)] != _MAGIC:
            raise mismatch(data, self.name)
        rest = data[_HEAD.size :]
        if data[: _HEAD.size] != _HEAD.pack(_MAGIC, crc32(rest)):
            raise RecordError("the BSON document is damaged")
        return self._bson.decode(rest, self._options)


def _long_integer() -> TypeDecoder:
    """Give a decoder that gives an integer of 64 bits as any other: PyMongo has a type for it."""
    from bson.codec_options import TypeDecoder
    from bson.int64 import Int64

    class LongInteger(TypeDecoder):
        bson_type = Int64

        def transform_bson(self, value: int) -> int:
            return int(value)

    return LongInteger()
