"""What a serializer does: turn a value into a head and a body, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import Struct
from typing import ClassVar, Final

from ..errors import RecordError

__all__ = ["Serializer", "join", "split"]

_LENGTH: Final = Struct("<I")


class Serializer(ABC):
    """Base of all serializers.

    A value is stored in two parts, so that a store can list heads without reading bodies. A
    format that has no such parts puts everything into the head.
    """

    name: ClassVar[str]
    extension: ClassVar[str] = ".bin"
    """Suffix of the files that the filesystem backend writes."""
    splits: ClassVar[bool] = False
    """Whether the head of a response can be read without its body."""

    @abstractmethod
    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the head and the body of a value.

        Raises:
            UnsupportedValueError: this format cannot take such a value.
        """

    @abstractmethod
    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give the value back; with `body=None` a response without its body, if `splits`.

        Raises:
            RecordError: the bytes are damaged, or were written by another serializer.
        """

    def dumps(self, value: object) -> bytes:
        """Give the value as one piece."""
        return join(*self.encode(value))

    def loads(self, data: bytes) -> object:
        """Give back the value of one piece."""
        return self.decode(*split(data))


def join(head: bytes, body: bytes) -> bytes:
    """Put a head and a body into one piece."""
    return b"".join((_LENGTH.pack(len(head)), head, body))


def split(data: bytes) -> tuple[bytes, bytes]:
    """Take apart what `join` put together.

    Raises:
        RecordError: it is too short for that.
    """
    if len(data) < _LENGTH.size:
        raise RecordError("the stored value is cut off")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if len(data) < end:
        raise RecordError("the stored value is cut off")
    return data[_LENGTH.size : end], data[end:]
