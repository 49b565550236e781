"""Responses as documents of plain data, which people can read, and the base of formats for them."""

from __future__ import annotations

import re
from abc import abstractmethod
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from math import inf
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from zlib import crc32

from ..errors import ConfigurationError, NotInstalledError, RecordError
from ..models.describe import ATTRIBUTES
from ..models.fields import Fields, Line, RequestFields
from ..models.record import Record
from ..models.response import CachedResponse
from ..models.shape import check_shape
from .base import Serializer, mark_of, mismatch
from .default import pack, unpack

if TYPE_CHECKING:
    from cattrs import Converter

# Formats

_CHECKSUM: Final = Struct("<I")


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
        document: ResponseDocument | ValueDocument
        if isinstance(value, CachedResponse):
            document = write_response(value, self.binary)
        else:
            document = ValueDocument(pack(value))
        return self.write(self.converter.unstructure(document)), b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        try:
            document = self.read(head)
            if "value" in document:
                return unpack(self.converter.structure(document, ValueDocument).value)
            return read_response(self.converter.structure(document, ResponseDocument))
        except RecordError:
            raise
        except Exception as error:  # a parser may raise anything for bytes that are not its own
            raise RecordError(f"the {self.name} document cannot be read") from error


if TYPE_CHECKING:
    from cattrs import Converter


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
        data = self.to_bytes(document)
        return self.mark + _CHECKSUM.pack(crc32(data)) + data

    def read(self, data: bytes) -> dict[str, Any]:
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


# Documents

_OWN: Final = frozenset(
    ("cookies", "elapsed", "encoding", "headers", "history", "reason", "request", "url", "version")
)


@dataclass
class BodyDocument:
    """A body: as text if it is text, else in Base64, or as bytes where the format has them."""

    text: str | None = None
    base64: str | None = None
    binary: bytes | None = None


@dataclass
class RequestDocument:
    """A request."""

    method: str | None
    url: str
    headers: list[list[str]]
    body: str | dict[str, str] | None = None


@dataclass
class HopDocument:
    """A response: the fields that a redirect on the way has too."""

    status: int
    reason: str | None
    url: str
    headers: list[list[str]]
    request: RequestDocument
    elapsed: float
    encoding: str | None = None
    http_version: int | None = None
    cookies: list[dict[str, Any]] | None = None
    more: dict[str, Any] | None = None
    """Fields of a record that this model has no name for, such as those of `Vary`."""
    body: BodyDocument = field(default_factory=BodyDocument)


@dataclass(kw_only=True)
class ResponseDocument(HopDocument):
    """A stored response; times are seconds since the epoch."""

    created: float
    expires: float | None = None
    flags: int = 0
    history: list[HopDocument] | None = None


@dataclass
class ValueDocument:
    """Any other value, as typed JSON (see `requests_cache.serializers.default`)."""

    value: Any


def write_response(response: CachedResponse, binary: bool) -> ResponseDocument:
    """Describe a response; with `binary` the format can hold bytes."""
    record = response.record
    fields = record.fields
    history = fields.get("history")
    return ResponseDocument(
        status=record.status,
        **_describe(fields),
        body=_write_body(record.body, binary),
        created=record.created,
        expires=None if record.expires == inf else record.expires,
        flags=record.flags,
        history=None if history is None else [_write_hop(hop, binary) for hop in history],
    )


def read_response(document: ResponseDocument) -> CachedResponse:
    """Build the response that a document describes.

    Raises:
        RecordError: the document does not describe one.
    """
    fields = _fields_of(document)
    if document.history is not None:
        fields["history"] = [_hop_of(hop) for hop in document.history]
    record = Record(
        document.status,
        document.created,
        document.expires,
        fields,
        _read_body(document.body),
        document.flags,
    )
    if not 0 <= record.status <= 0xFFFF or not 0 <= record.flags <= 0xFFFF:
        raise RecordError("the document has an impossible status or flag")
    check_shape(record)
    return CachedResponse.from_record(record)


def _write_hop(fields: Fields, binary: bool) -> HopDocument:
    body = _write_body(b64decode(fields["body"]), binary)
    rest = fields.copy()
    del rest["body"]
    return HopDocument(status=rest.pop("status"), **_describe(rest), body=body)


def _hop_of(hop: HopDocument) -> Fields:
    body = b64encode(_read_body(hop.body)).decode("ascii")
    return {**_fields_of(hop), "status": hop.status, "body": body}


def _describe(fields: Fields) -> dict[str, Any]:
    request = fields["request"]
    described: dict[str, Any] = {
        "reason": fields["reason"],
        "url": fields["url"],
        "headers": [list(item) for item in fields["headers"]],
        "request": RequestDocument(
            request["method"],
            request["url"],
            [list(item) for item in request["headers"]],
            request.get("body"),
        ),
        "elapsed": float(fields["elapsed"]),
        "encoding": fields["encoding"],
        "http_version": fields.get("version"),
        "more": {name: value for name, value in fields.items() if name not in _OWN} or None,
    }
    if "cookies" in fields:
        described["cookies"] = [
            dict(zip(ATTRIBUTES, cookie, strict=True)) for cookie in fields["cookies"]
        ]
    return described


def _fields_of(document: HopDocument) -> Fields:
    request = document.request
    described: RequestFields = {
        "method": request.method,
        "url": request.url,
        "headers": cast("list[Line]", request.headers),
    }
    if request.body is not None:
        described["body"] = request.body
    fields: Fields = {
        "url": document.url,
        "reason": document.reason,
        "headers": cast("list[Line]", document.headers),
        "encoding": document.encoding,
        "elapsed": document.elapsed,
        "version": document.http_version,
        "request": described,
    }
    fields.update(cast("Fields", document.more or {}))
    if document.cookies is not None:
        fields["cookies"] = [[cookie[name] for name in ATTRIBUTES] for cookie in document.cookies]
    return fields


def _write_body(body: bytes, binary: bool) -> BodyDocument:
    try:
        return BodyDocument(text=body.decode("utf-8"))
    except UnicodeDecodeError:
        if binary:
            return BodyDocument(binary=body)
        return BodyDocument(base64=b64encode(body).decode("ascii"))


def _read_body(body: BodyDocument) -> bytes:
    if body.text is not None:
        return body.text.encode("utf-8", "surrogatepass")
    if body.base64 is not None:
        return b64decode(body.base64)
    return body.binary or b""
