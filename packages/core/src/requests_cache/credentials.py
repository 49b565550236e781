"""Which names carry secrets, and how a secret is kept out of everything that is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from .bodies import FormBody, JsonBody, MultipartBody, Pairs, RawBody, parse_body

__all__ = ["CREDENTIALS", "REDACTED", "Redactor"]

REDACTED: Final = "REDACTED"

CREDENTIALS: Final = frozenset(
    {
        "access_token",
        "api-key",
        "api_key",
        "apikey",
        "auth_token",
        "authorization",
        "client_secret",
        "cookie",
        "id_token",
        "passwd",
        "password",
        "private_token",
        "proxy-authorization",
        "refresh_token",
        "secret",
        "token",
        "x-access-token",
        "x-amz-security-token",
        "x-amz-signature",
        "x-api-key",
        "x-auth-token",
        "x-goog-signature",
    }
)
"""Header fields and parameters that are secret wherever they occur; compared without case."""


class Redactor:
    """Replace the values of secret names in URLs, header fields and bodies."""

    __slots__ = ("names",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = CREDENTIALS.union(name.lower() for name in names)

    def is_secret(self, name: str) -> bool:
        """Say whether a header field or parameter of this name is secret."""
        return name.lower() in self.names

    def url(self, url: str) -> str:
        """Give `url` without user information and with secret query values replaced."""
        if "?" not in url and "@" not in url:
            return url
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=netloc, query=self._query(parts.query)))

    def _query(self, query: str) -> str:
        if not any(self.is_secret(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
            return query
        return "&".join(self._parameter(item) for item in query.split("&"))

    def _parameter(self, item: str) -> str:
        name = item.partition("=")[0]
        decoded = parse_qsl(item, keep_blank_values=True)
        return f"{name}={REDACTED}" if decoded and self.is_secret(decoded[0][0]) else item

    def headers(self, items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give header fields with the values of secret ones replaced."""
        return [(name, REDACTED if name.lower() in self.names else value) for name, value in items]

    def body(self, body: object, content_type: str | None) -> bytes | None:
        """Give the body as bytes with secret members replaced; None for none or a stream."""
        match parse_body(body, content_type):
            case FormBody(pairs) if any(self.is_secret(name) for name, _ in pairs):
                return "&".join(self._form_field(*pair) for pair in pairs).encode()
            case JsonBody(value) if self._has_secret(value):
                return json.dumps(self._json(json.loads(_text(body)))).encode()
            case MultipartBody(parts) if any(self._names_secret(part) for part in parts):
                return REDACTED.encode()
            case None:
                return None
            case RawBody() | FormBody() | JsonBody() | MultipartBody():
                return _text(body)
            case _:
                return None

    def _form_field(self, name: str, value: str) -> str:
        return f"{_quoted(name)}={REDACTED if self.is_secret(name) else _quoted(value)}"

    def _has_secret(self, value: object) -> bool:
        if isinstance(value, Pairs):
            return any(self.is_secret(name) or self._has_secret(item) for name, item in value)
        return isinstance(value, list) and any(self._has_secret(item) for item in value)

    def _json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: REDACTED if self.is_secret(k) else self._json(v) for k, v in value.items()}
        return [self._json(item) for item in value] if isinstance(value, list) else value

    def _names_secret(self, part: bytes) -> bool:
        disposition = part.partition(b"\r\n\r\n")[0].lower()
        return any(f'name="{name}"'.encode() in disposition for name in self.names)


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")


def _text(body: object) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)  # type: ignore[call-overload,no-any-return]  # parse_body let only text and bytes through
