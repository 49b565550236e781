"""A serializer of requests-cache: `CachedSession("my_cache", serializer="msgpack")`."""

from __future__ import annotations

from typing import Any, ClassVar

import msgpack  # type: ignore[import-untyped]
from requests_cache.serializers import DocumentSerializer

__all__ = ["MsgpackSerializer"]


class MsgpackSerializer(DocumentSerializer):
    """Write MessagePack."""

    contract: ClassVar[int] = 1
    name = "msgpack"  # what is given as serializer=
    extension = ".msgpack"  # of files, where a store writes files
    binary = True  # the format has bytes; without it bodies that are no text are Base64

    def to_bytes(self, document: dict[str, Any]) -> bytes:
        """Give a document in this format."""
        packed: bytes = msgpack.packb(document, unicode_errors="surrogatepass")
        return packed

    def from_bytes(self, data: bytes) -> dict[str, Any]:
        """Give back the document of what `to_bytes` gave."""
        document: dict[str, Any] = msgpack.unpackb(data, unicode_errors="surrogatepass")
        return document
