"""The base of serializers of one's own: plain data in, bytes out, and back."""

from __future__ import annotations

from abc import abstractmethod
from struct import Struct
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from ..errors import ConfigurationError, NotInstalledError, RecordError
from .origin import mark_of, mismatch
from .readable import ReadableSerializer

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["DocumentSerializer"]

_CHECKSUM: Final = Struct("<I")


class DocumentSerializer(ReadableSerializer):
    """Base of a format that writes plain data: a subclass has a `name` and two functions.

    A document is a dictionary of dictionaries, lists, text, numbers, booleans and None, and bytes
    where the format has them (`binary = True`). This class makes it of a response or any other
    value, puts a mark and a checksum before what the format writes, and checks both when it is
    read. So a format need not notice damage, nor bytes of another one.

    Example:
        >>> import json
        >>> from requests_cache.serializers import DocumentSerializer
        >>> class Compact(DocumentSerializer):
        ...     name = "compact"
        ...     def to_bytes(self, document):
        ...         return json.dumps(document, separators=(",", ":")).encode("ascii")
        ...     def from_bytes(self, data):
        ...         return json.loads(data)
        >>> compact = Compact()
        >>> compact.loads(compact.dumps({"day": 1}))
        {'day': 1}

    Args:
        converter: of cattrs, for a format that needs other types than these; by default one is
            made.

    Raises:
        NotInstalledError: cattrs is missing.
        ConfigurationError: the class has no `name` of 1 to 255 ASCII characters.
    """

    mark: bytes = b""
    """How everything begins that this format writes; by default it is made of `name`."""

    def __init__(self, converter: Converter | None = None) -> None:
        name = getattr(self, "name", None)
        if not isinstance(name, str) or not name.isascii() or not 0 < len(name) < 256:
            raise ConfigurationError(
                f"{type(self).__name__}.name is {name!r}: give the name of the format, which is"
                " given as serializer=, in 1 to 255 ASCII characters"
            )
        self.mark = self.mark or mark_of(name)
        super().__init__(_make_converter(name) if converter is None else converter)

    @abstractmethod
    def to_bytes(self, document: dict[str, Any]) -> bytes:
        """Give a document in this format; may raise anything for what it cannot write."""

    @abstractmethod
    def from_bytes(self, data: bytes) -> dict[str, Any]:
        """Give back the document of what `to_bytes` gave; may raise anything."""

    def write(self, document: dict[str, Any]) -> bytes:
        """Give the document with its mark and checksum."""
        data = self.to_bytes(document)
        return self.mark + _CHECKSUM.pack(crc32(data)) + data

    def read(self, data: bytes) -> dict[str, Any]:
        """Check mark and checksum, and give the document back."""
        if not data.startswith(self.mark):
            raise mismatch(data, self.name)
        start = len(self.mark) + _CHECKSUM.size
        rest = data[start:]
        if data[len(self.mark) : start] != _CHECKSUM.pack(crc32(rest)):
            raise RecordError(f"the {self.name} document is damaged")
        return self.from_bytes(rest)


def _make_converter(name: str) -> Converter:
    try:
        from cattrs import Converter
        from cattrs.strategies import configure_union_passthrough
    except ImportError as error:
        raise NotInstalledError(f"serializer={name!r} needs cattrs: pip install cattrs") from error
    converter = Converter()
    configure_union_passthrough(str | bool | int | float | bytes | None, converter)
    return converter
