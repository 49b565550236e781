"""Secrets in the body of a request: taken out by parts, or with all of what is not understood."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, unquote_to_bytes

from .bodies import FormBody, JsonBody, MultipartBody, RawBody, StreamBody, parse_body
from .credentials import REDACTED
from .mentions import mentions
from .words import word_set

if TYPE_CHECKING:
    from .credentials import Redactor

__all__ = ["content_of_part", "names_of_part", "redact_body"]

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
    data = _octets(body)
    if len(data) > _LARGEST_KEPT:
        return None
    redacted = _redact(redactor, parsed, data)
    kind = (content_type or "").lower()
    if isinstance(parsed, MultipartBody):
        # Each part has been looked at by its own type.
        return redacted
    text = redacted.decode("utf-8", "replace")
    return REDACTED.encode() if mentions(redactor.is_secret, text, kind) else redacted


def _redact(
    redactor: Redactor, parsed: FormBody | JsonBody | MultipartBody | RawBody, data: bytes
) -> bytes:
    match parsed:
        case FormBody(pairs) if any(redactor.is_secret(name) for name, _ in pairs):
            return "&".join(_form_field(redactor, *pair) for pair in pairs).encode()
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


def _form_field(redactor: Redactor, name: str, value: str) -> str:
    return f"{_quoted(name)}={REDACTED if redactor.is_secret(name) else _quoted(value)}"


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
    head = _BLANK_LINE.split(part, maxsplit=1)[0]
    return [_part_name(name) for name in _PART_NAME.findall(head)]


def _part_name(name: bytes) -> str:
    # RFC 8187: name*=UTF-8''...
    return unquote_to_bytes(name.rpartition(b"''")[2]).decode("utf-8", "replace")


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")


def _octets(body: object) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)  # type: ignore[call-overload]  # parse_body let only text and bytes through
