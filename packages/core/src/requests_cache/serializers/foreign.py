"""Any object with `dumps` and `loads` as a serializer."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from ..errors import RecordError
from .base import Serializer

__all__ = ["DumpsLoads", "ForeignSerializer"]


@runtime_checkable
class DumpsLoads(Protocol):
    """What a caller's own serializer has to have."""

    def dumps(self, obj: Any, /) -> bytes | str:
        """Turn a value into bytes or text."""
        ...

    def loads(self, data: Any, /) -> Any:
        """Turn what `dumps` gave into the value."""
        ...


class ForeignSerializer(Serializer):
    """Adapt a caller's own `dumps` and `loads`; text is stored as UTF-8."""

    name = "custom"

    def __init__(self, inner: DumpsLoads) -> None:
        self.inner = inner

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give what `dumps` gives, marked as text or bytes."""
        data = self.inner.dumps(value)
        return (b"T" + data.encode() if isinstance(data, str) else b"B" + bytes(data)), b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give what `loads` gives; whatever it raises means that the value cannot be read."""
        data = head[1:]
        try:
            return self.inner.loads(data.decode() if head[:1] == b"T" else data)
        except Exception as error:  # the caller's own code may raise anything
            raise RecordError(f"{type(self.inner).__name__}.loads failed: {error}") from error
