"""Secrets in the body of a request: a form, JSON, multipart, or text that names one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from .bodies import FormBody, JsonBody, MultipartBody, Pairs, RawBody, StreamBody, parse_body
from .credentials import REDACTED

if TYPE_CHECKING:
    from .credentials import Redactor

__all__ = ["redact_body"]

# A body is kept to be looked at; nobody looks at one that is larger.
_LARGEST_KEPT: Final = 4 * 1024 * 1024
_PART_NAME: Final = re.compile(rb'(?i)[;\s]name\*?="?([^";\r\n]*)')
_PART_TYPE: Final = re.compile(rb"(?im)^content-type:[ \t]*([^\r\n]*)")


def redact_body(redactor: Redactor, body: object, content_type: str | None) -> bytes | None:
    """Give a body with secrets replaced; None for none, for a stream, and for a very large one.

    What names a secret in a way that is not understood is replaced as a whole.
    """
    parsed = parse_body(body, content_type)
    if parsed is None or isinstance(parsed, StreamBody):
        return None
    data = _octets(body)
    if len(data) > _LARGEST_KEPT:
        return None
    redacted = _redact(redactor, parsed, data)
    return REDACTED.encode() if redactor.mentions_secret(redacted) else redacted


def _redact(
    redactor: Redactor, parsed: FormBody | JsonBody | MultipartBody | RawBody, data: bytes
) -> bytes:
    match parsed:
        case FormBody(pairs) if any(redactor.is_secret(name) for name, _ in pairs):
            return "&".join(_form_field(redactor, *pair) for pair in pairs).encode()
        case JsonBody(value) if _has_secret(redactor, value):
            return json.dumps(_json(redactor, json.loads(data))).encode()
        case MultipartBody(parts, delimiter):
            return delimiter.join(_part(redactor, part) for part in parts)
        case RawBody() if redactor.mentions_secret(data):
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


def _has_secret(redactor: Redactor, value: object) -> bool:
    if isinstance(value, Pairs):
        return any(redactor.is_secret(name) or _has_secret(redactor, item) for name, item in value)
    return isinstance(value, list) and any(_has_secret(redactor, item) for item in value)


def _json(redactor: Redactor, value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED if redactor.is_secret(name) else _json(redactor, item)
            for name, item in value.items()
        }
    return [_json(redactor, item) for item in value] if isinstance(value, list) else value


def _part(redactor: Redactor, part: bytes) -> bytes:
    head, blank, content = part.partition(b"\r\n\r\n")
    if not blank:
        return part
    names = [name.decode("utf-8", "replace") for name in _PART_NAME.findall(head)]
    end = b"\r\n" if content.endswith(b"\r\n") else b""
    if any(redactor.is_secret(name) for name in names):
        return head + blank + REDACTED.encode() + end
    declared = _PART_TYPE.search(head)
    if declared is None:
        return part
    content_type = declared[1].decode("latin-1")
    inner = redact_body(redactor, content.removesuffix(b"\r\n"), content_type) or b""
    return head + blank + inner + end


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")


def _octets(body: object) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)  # type: ignore[call-overload]  # parse_body let only text and bytes through
