"""What the readable formats have in common: documents through cattrs, with a checksum."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from ..errors import NotInstalledError, RecordError
from ..models.response import CachedResponse
from .base import Serializer
from .document import ResponseDocument, ValueDocument, read_response, write_response
from .values import pack, unpack

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["ReadableSerializer", "not_installed"]


class ReadableSerializer(Serializer):
    """Base of the formats that keep a response as one document.

    A document is seldom read, and never in parts, so the head of a value is all of it.
    """

    binary: bool = False
    """Whether the format can hold bytes."""

    def __init__(self, converter: Converter) -> None:
        converter.forbid_extra_keys = True
        converter.omit_if_default = True
        self.converter = converter

    @abstractmethod
    def write(self, document: dict[str, Any]) -> bytes:
        """Give the document as it is stored."""

    @abstractmethod
    def read(self, data: bytes) -> dict[str, Any]:
        """Give back the document that `write` took; may raise anything for damaged bytes.

        Raises:
            FormatMismatchError: another serializer wrote it.
        """

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the document of a value."""
        document: ResponseDocument | ValueDocument
        if isinstance(value, CachedResponse):
            document = write_response(value, self.binary)
        else:
            document = ValueDocument(pack(value))
        return self.write(self.converter.unstructure(document)), b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give back the value of a document."""
        try:
            document = self.read(head)
            if "value" in document:
                return unpack(self.converter.structure(document, ValueDocument).value)
            return read_response(self.converter.structure(document, ResponseDocument))
        except RecordError:
            raise
        except Exception as error:  # a parser may raise anything for bytes that are not its own
            raise RecordError(f"the {self.name} document cannot be read") from error


def not_installed(name: str, extra: str) -> NotInstalledError:
    """Give the error for a format whose libraries are missing."""
    return NotInstalledError(
        f'serializer={name!r} needs libraries: pip install "requests-cache-core[{extra}]"'
    )
