"""The default serializer: records for responses, typed JSON for plain values; executes nothing."""

from __future__ import annotations

from ..errors import FormatMismatchError
from ..models.response import CachedResponse
from ..record import MAGIC, Record
from . import values
from .base import Serializer

__all__ = ["DefaultSerializer"]


class DefaultSerializer(Serializer):
    """Write responses as records (see `requests_cache.record`) and other values as typed JSON."""

    name = "default"
    splits = True

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the head and the body of a response or of a plain value."""
        if isinstance(value, CachedResponse):
            return value.record.dump()
        return values.dump_value(value)

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give back the response or the plain value."""
        tag = head[:3]
        if tag == MAGIC:
            return CachedResponse.from_record(Record.load(head, body))
        if tag in (b"RQV", b"RQB"):
            return values.load_value(head, body)
        raise FormatMismatchError(
            "the stored value was not written by the default serializer:"
            " open the cache with the serializer that wrote it"
        )
