"""The BSON serializer: a response as a document of MongoDB's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .documents import DocumentSerializer
from .readable import not_installed

if TYPE_CHECKING:
    from bson.codec_options import TypeDecoder

__all__ = ["BsonSerializer"]


class BsonSerializer(DocumentSerializer):
    """Write a mark, a CRC-32 and a BSON document.

    Raises:
        NotInstalledError: PyMongo or cattrs is missing.
    """

    name = "bson"
    extension = ".bson"
    binary = True
    mark = b"RQD\x01"

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

    def to_bytes(self, document: dict[str, Any]) -> bytes:
        """Give the document as BSON."""
        return self._bson.encode(document)

    def from_bytes(self, data: bytes) -> dict[str, Any]:
        """Give back the document that `to_bytes` took."""
        return self._bson.decode(data, self._options)


def _long_integer() -> TypeDecoder:
    """Give a decoder that gives an integer of 64 bits as any other: PyMongo has a type for it."""
    from bson.codec_options import TypeDecoder
    from bson.int64 import Int64

    class LongInteger(TypeDecoder):
        bson_type = Int64

        def transform_bson(self, value: int) -> int:
            return int(value)

    return LongInteger()
