"""Any object with `dumps` and `loads` as a serializer."""

from __future__ import annotations

from typing import Any, Final, Protocol, runtime_checkable

from ..errors import RecordError
from .base import Serializer
from .origin import mismatch

__all__ = ["DumpsLoads", "ForeignSerializer"]

_TEXT: Final = b"RQF\x01T"
_BYTES: Final = b"RQF\x01B"


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
        if isinstance(data, str):
            return _TEXT + data.encode("utf-8", "surrogatepass"), b""
        return _BYTES + bytes(data), b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give what `loads` gives; whatever it raises means that the value cannot be read."""
        mark, data = head[: len(_TEXT)], head[len(_TEXT) :]
        if mark not in (_TEXT, _BYTES):
            raise mismatch(head, self.name)
        try:
            text_or_bytes = data.decode("utf-8", "surrogatepass") if mark == _TEXT else data
            return self.inner.loads(text_or_bytes)
        except Exception as error:  # the caller's own code may raise anything
            raise RecordError(f"{type(self.inner).__name__}.loads failed: {error}") from error
