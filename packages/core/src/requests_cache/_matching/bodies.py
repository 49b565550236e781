"""The body of a request, taken apart by its media type: form, JSON, multipart, or just bytes.

The key of a request needs the parts; and secrets are taken out by parts, or with all of what is not
understood. Neither may disturb what is sent.
"""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from .credentials import REDACTED
from .names import word_set

if TYPE_CHECKING:
    from .credentials import Redactor

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

    With `strict` a field without an equals sign is a ValueError.
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


# Redaction

# A body is kept to be looked at; nobody looks at one that is larger.
_LARGEST_KEPT: Final = 4 * 1024 * 1024
_PART_NAME: Final = re.compile(rb'(?i)[;\s]name\*?="?([^";\r\n]*)')
_PART_TYPE: Final = re.compile(rb"(?im)^content-type:[ \t]*([^\r\n]*)")
_ENDS: Final = (b"\r\n", b"\n")
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
# Members that name what another member of the same object has the value of.
_NAMING: Final = word_set(
    "name key field id k n param parameter property attribute header label type variable"
)


def redact_body(redactor: Redactor, body: object, content_type: str | None) -> bytes | None:
    """Give a body with secrets replaced; None for none, for a stream, and for one above 4 MiB.

    What names a secret in a way that is not understood is replaced as a whole.
    """
    parsed = parse_body(body, content_type)
    if parsed is None or isinstance(parsed, StreamBody):
        return None
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)  # type: ignore[call-overload]  # parse_body let only text and bytes through
    if len(data) > _LARGEST_KEPT:
        return None
    redacted = _redact(redactor, parsed, data)
    kind = (content_type or "").lower()
    if isinstance(parsed, MultipartBody):
        # Each part has been looked at by its own type.
        return redacted
    # Imported on first use: what a hit compares is not looked through for secrets.
    from .texts import mentions

    text = redacted.decode("utf-8", "replace")
    return REDACTED.encode() if mentions(redactor.is_secret, text, kind) else redacted


def _redact(
    redactor: Redactor, parsed: FormBody | JsonBody | MultipartBody | RawBody, data: bytes
) -> bytes:
    match parsed:
        case FormBody(pairs) if any(redactor.is_secret(name) for name, _ in pairs):
            told = [(name, REDACTED if redactor.is_secret(name) else item) for name, item in pairs]
            return urlencode(told, errors="surrogateescape").encode()
        case JsonBody():
            value = json.loads(data)
            redacted = _json(redactor, value)
            return data if redacted == value else json.dumps(redacted).encode()
        case MultipartBody(parts, delimiter):
            return delimiter.join(_part(redactor, part) for part in parts)
        case RawBody():
            return _guess(redactor, data)
    return data


def _guess(redactor: Redactor, data: bytes) -> bytes:
    """Look into a body without a type: `data=json.dumps(...)` sends one."""
    looks_like_json = data.lstrip()[:1] in (b"{", b"[")
    guess = "application/json" if looks_like_json else "application/x-www-form-urlencoded"
    parsed = parse_body(data, guess)
    if isinstance(parsed, FormBody | JsonBody):
        return _redact(redactor, parsed, data)
    return data


def _json(redactor: Redactor, value: Any) -> Any:
    if isinstance(value, dict):
        naming = {
            name
            for name, item in value.items()
            if name.lower() in _NAMING and isinstance(item, str) and redactor.is_secret(item)
        }
        return {
            name: REDACTED
            if redactor.is_secret(name) or (naming and name.lower() not in _NAMING)
            else _json(redactor, item)
            for name, item in value.items()
        }
    if not isinstance(value, list):
        return value
    first = value[0] if value else None
    if isinstance(first, str) and redactor.is_secret(first):
        return [first, *(REDACTED for _ in value[1:])]
    return [_json(redactor, item) for item in value]


def _part(redactor: Redactor, part: bytes) -> bytes:
    blank = _BLANK_LINE.search(part)
    if blank is None:
        return part
    head, end = part[: blank.end()], _end_of(part[blank.end() :])
    if any(redactor.is_secret(name) for name in names_of_part(part)):
        return head + REDACTED.encode() + end
    return head + (redact_body(redactor, *content_of_part(part)) or b"") + end


def content_of_part(part: bytes) -> tuple[bytes, str]:
    """Give the content of a part of a multipart body, and its media type."""
    blank = _BLANK_LINE.search(part)
    head, content = (part, b"") if blank is None else (part[: blank.start()], part[blank.end() :])
    declared = _PART_TYPE.search(head)
    content_type = "text/plain" if declared is None else declared[1].decode("latin-1")
    return content[: len(content) - len(_end_of(content))], content_type


def _end_of(content: bytes) -> bytes:
    return next((end for end in _ENDS if content.endswith(end)), b"")


def names_of_part(part: bytes) -> list[str]:
    """Give what a part of a multipart body calls itself."""
    names: list[bytes] = _PART_NAME.findall(_BLANK_LINE.split(part, maxsplit=1)[0])
    # RFC 8187: name*=UTF-8''...
    octets = [unquote_to_bytes(name.rpartition(b"''")[2]) for name in names]
    return [name.decode("utf-8", "replace") for name in octets]
