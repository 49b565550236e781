"""A response as a document that people can read, for the formats that are made for that."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, cast

from ..errors import RecordError
from ..models.cookies import ATTRIBUTES
from ..models.fields import Fields, Line, RequestFields
from ..models.record import Record
from ..models.response import CachedResponse
from ..models.shape import check_shape

__all__ = ["BodyDocument", "ResponseDocument", "ValueDocument", "read_response", "write_response"]

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
    """Any other value, as typed JSON (see `requests_cache.serializers.values`)."""

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
