"""The default serializer: records for responses, typed JSON for plain values; executes nothing."""

from __future__ import annotations

from ..models.record import MAGIC, Record
from ..models.response import CachedResponse
from ..models.shape import check_shape
from .base import Serializer

__all__ = ["DefaultSerializer"]


class DefaultSerializer(Serializer):
    """Write responses as records (`requests_cache.models.record`), other values as typed JSON."""

    name = "default"
    splits = True
    streams = True

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the head and the body of a response or of a plain value."""
        if isinstance(value, CachedResponse):
            return value.record.dump()
        from . import values

        return values.dump_value(value)

    def peek(self, head: bytes, body: bytes | None) -> object:
        """Give back the response or the plain value; the text of a response is not parsed."""
        if head[:3] == MAGIC:
            return CachedResponse.from_record(Record.load(head, body))
        return self.decode(head, body)

    def url_of(self, head: bytes, body: bytes | None) -> str:
        """Give the URL of a response; its body is not looked at."""
        if head[:3] == MAGIC:
            return Record.load(head, None).url
        return super().url_of(head, body)

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give back the response or the plain value."""
        tag = head[:3]
        if tag == MAGIC:
            record = Record.load(head, body)
            check_shape(record)
            return CachedResponse.from_record(record)
        from . import values

        if tag in values.TAGS:
            return values.load_value(head, body)
        from .base import mismatch

        raise mismatch(head, self.name)
