"""The body of a request, taken apart by its media type: form, JSON, multipart, or just bytes.

Both the key of a request and its redaction need the parts; neither may disturb what is sent.
"""

from __future__ import annotations

import json
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

__all__ = [
    "FormBody",
    "JsonBody",
    "MultipartBody",
    "Pairs",
    "RawBody",
    "StreamBody",
    "parse_body",
    "parse_pairs",
]

# Normalising a body of many megabytes costs more than the request that it might save.
_LARGEST_PARSED = 4 * 1024 * 1024
# A deeper one is just bytes: whatever walks through it calls itself for each level.
_DEEPEST_PARSED = 200


class FormBody(NamedTuple):
    """A body of type application/x-www-form-urlencoded."""

    pairs: list[tuple[str, str]]


class JsonBody(NamedTuple):
    """A JSON body; objects are `Pairs`, numbers are kept as they are written."""

    value: Any  # JSON has no narrower type


class MultipartBody(NamedTuple):
    """A multipart body, without the boundary that changes with every request."""

    parts: list[bytes]
    delimiter: bytes
    """What stands between the parts."""


class RawBody(NamedTuple):
    """Any other body that is in memory."""

    data: bytes


class StreamBody(NamedTuple):
    """A body that is read while it is sent: a file or a generator."""

    source: object


class Pairs(list[tuple[str, Any]]):
    """A JSON object with the order and the duplicates of its members kept."""


class _Number(str):
    """A JSON number as it was written, so that 1 and 1.0 and "1" stay three values."""

    __slots__ = ()


def parse_body(
    body: object, content_type: str | None
) -> FormBody | JsonBody | MultipartBody | RawBody | StreamBody | None:
    """Take a request's body apart; None if there is none."""
    if body is None or (isinstance(body, str | bytes | bytearray) and not body):
        return None
    if isinstance(body, str):
        data = body.encode("utf-8", "surrogatepass")
    elif isinstance(body, bytes | bytearray):
        data = bytes(body)
    else:
        return StreamBody(body)
    if not content_type or len(data) > _LARGEST_PARSED:
        return RawBody(data)
    return _parse_typed(data, content_type)


def parse_pairs(text: str, *, strict: bool = False) -> list[tuple[str, str]]:
    """Take a query or a form apart; octets that are not UTF-8 stay apart as lone surrogates.

    Raises:
        ValueError: with `strict`, a field has no equals sign.
    """
    return parse_qsl(text, keep_blank_values=True, strict_parsing=strict, errors="surrogateescape")


def _parse_typed(data: bytes, content_type: str) -> FormBody | JsonBody | MultipartBody | RawBody:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        return _parse_form(data)
    if media_type == "application/json" or media_type.endswith("+json"):
        return _parse_json(data)
    if media_type.startswith("multipart/"):
        return _parse_multipart(data, content_type)
    return RawBody(data)


def _parse_form(data: bytes) -> FormBody | RawBody:
    try:
        return FormBody(parse_pairs(data.decode("ascii"), strict=True))
    except ValueError:
        return RawBody(data)


def _parse_json(data: bytes) -> JsonBody | RawBody:
    try:
        value = json.loads(
            data,
            object_pairs_hook=Pairs,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except (ValueError, RecursionError):
        return RawBody(data)
    return RawBody(data) if _is_deep(value) else JsonBody(value)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST_PARSED):
        level = [
            part
            for item in level
            if isinstance(item, list)
            for part in ([member for _, member in item] if isinstance(item, Pairs) else item)
        ]
        if not level:
            return False
    return True


def _parse_multipart(data: bytes, content_type: str) -> MultipartBody | RawBody:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        return RawBody(data)
    delimiter = b"--" + boundary.encode("utf-8", "surrogatepass")
    return MultipartBody(data.split(delimiter), delimiter)
