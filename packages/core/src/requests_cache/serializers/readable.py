"""What the readable formats have in common: documents through cattrs, with a checksum."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar
from zlib import crc32

from ..errors import NotInstalledError, RecordError
from ..models.response import CachedResponse
from .base import Serializer
from .document import ResponseDocument, ValueDocument, read_response, write_response
from .origin import mismatch
from .values import pack, unpack

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["ReadableSerializer", "TextSerializer", "not_installed"]


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


class TextSerializer(ReadableSerializer):
    """Base of the formats whose documents begin with their format, a version and a checksum.

    The checksum covers what follows it. A document without one is read too, so a person who
    edits a document takes it out.
    """

    form: ClassVar[str]
    """What the document calls its format, which a subclass may give another name."""
    start: ClassVar[re.Pattern[bytes]]
    """How a document begins that has a checksum, which is its group."""

    @abstractmethod
    def parse(self, data: bytes) -> dict[str, Any]:
        """Give the document of its text; may raise anything for damaged bytes."""

    def read(self, data: bytes) -> dict[str, Any]:
        """Give back the document that `write` took."""
        title = self.form.upper()
        start = self.start.match(data)
        if start is not None and int(start[1], 16) != crc32(data[start.end() :]):
            raise RecordError(f"the {title} document is damaged, or was edited: take out its crc32")
        document = self.parse(data)
        if document.pop("format", None) != f"requests-cache/{self.form}":
            raise mismatch(data, self.name)
        version = document.pop("version", None)
        if version != 1:
            raise RecordError(f"the document has version {version!r:.20}, not 1")
        if document.pop("crc32", None) is not None and start is None:
            raise RecordError(f"the {title} document was edited: take out its crc32")
        return document


def not_installed(name: str, extra: str) -> NotInstalledError:
    """Give the error for a format whose libraries are missing."""
    return NotInstalledError(
        f'serializer={name!r} needs libraries: pip install "requests-cache-core[{extra}]"'
    )
