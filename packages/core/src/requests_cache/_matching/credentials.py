"""Which names carry secrets, and how a secret is kept out of everything that is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

__all__ = ["CREDENTIALS", "REDACTED", "Redactor"]

REDACTED: Final = "REDACTED"

CREDENTIALS: Final = frozenset(
    {
        "access_key",
        "access_token",
        "api-key",
        "api_key",
        "api_secret",
        "apikey",
        "app_key",
        "app_secret",
        "auth_token",
        "authorization",
        "client_assertion",
        "client_secret",
        "consumer_secret",
        "cookie",
        "id_token",
        "job-token",
        "jwt",
        "oauth_signature",
        "oauth_token",
        "ocp-apim-subscription-key",
        "passphrase",
        "passwd",
        "password",
        "private-token",
        "private_key",
        "private_token",
        "proxy-authorization",
        "pwd",
        "refresh_token",
        "secret",
        "secret_key",
        "session_token",
        "sig",
        "signature",
        "subscription-key",
        "token",
        "x-access-token",
        "x-amz-security-token",
        "x-amz-signature",
        "x-api-key",
        "x-auth-key",
        "x-auth-token",
        "x-csrf-token",
        "x-csrftoken",
        "x-functions-key",
        "x-gitlab-token",
        "x-goog-api-key",
        "x-goog-signature",
        "x-rapidapi-key",
        "x-session-token",
        "x-vault-token",
        "x-xsrf-token",
    }
)
"""Header fields and parameters that are secret wherever they occur; compared without case."""

# Header fields that hold URLs; the first two nothing else.
_URL_FIELDS: Final = frozenset({"content-location", "location"})
_FIELDS_WITH_URLS: Final = frozenset({"link", "referer", "refresh"})

_IN_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]$")
_USER: Final = re.compile(r"(?<=//)[^\s/?#@\"'<>]*@")
# A name begins after anything that no name has in it, and after a quote or bracket in a URL.
_START: Final = r"(?:(?<![\w-])|(?<=%22)|(?<=%5B))"


class Redactor:
    """Replace the values of secret names in URLs, header fields, text and bodies."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = CREDENTIALS.union(name.lower() for name in names)

    def is_secret(self, name: str) -> bool:
        """Say whether a header field or parameter is secret; of `user[password]` the last part."""
        lowered = name.lower()
        if lowered in self.names:
            return True
        if not lowered.endswith("]"):
            return False
        inner = _IN_BRACKETS.search(lowered)
        return inner is not None and inner[1] in self.names

    def url(self, url: str) -> str:
        """Give `url` without user information and with secret parameters replaced."""
        if not any(mark in url for mark in "?@#"):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        return urlunsplit(
            parts._replace(
                netloc=parts.netloc.rpartition("@")[2],
                query=self._query(parts.query),
                # OAuth's implicit grant answers in the fragment (RFC 6749, section 4.2.2).
                fragment=self._query(parts.fragment),
            )
        )

    def _query(self, query: str) -> str:
        if not any(self.is_secret(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
            return query
        return "&".join(self._parameter(item) for item in query.split("&"))

    def _parameter(self, item: str) -> str:
        name = item.partition("=")[0]
        decoded = parse_qsl(item, keep_blank_values=True)
        return f"{name}={REDACTED}" if decoded and self.is_secret(decoded[0][0]) else item

    def text(self, text: str) -> str:
        """Give text with the parameters and the users of the URLs in it replaced."""
        return self._parameters.sub(rf"\1{REDACTED}", _USER.sub("", text))

    def headers(self, items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give the header fields of a request with secrets replaced."""
        return [
            (name, REDACTED if self.is_secret(name) else self.field(name, value))
            for name, value in items
        ]

    def field(self, name: str, value: str) -> str:
        """Give the value of a header field with secrets replaced in the URLs that it holds."""
        lowered = name.lower()
        if lowered in _URL_FIELDS:
            return self.url(value)
        return self.text(value) if lowered in _FIELDS_WITH_URLS else value

    def body(self, body: object, content_type: str | None) -> bytes | None:
        """Give the body of a request with secrets replaced.

        None for no body, one that is read while it is sent, and one of more than 4 MiB.
        """
        from .redaction import redact_body

        return redact_body(self, body, content_type)

    def mentions_secret(self, data: bytes) -> bool:
        """Say whether a secret name with a value that is not yet replaced occurs anywhere."""
        return self._mentions.search(data) is not None

    @cached_property
    def _parameters(self) -> re.Pattern[str]:
        pattern = rf"(?i)({_START}(?:{self._alternatives})(?:\]|%5D)?=)[^\s&#;,\"'<>]+"
        return re.compile(pattern)

    @cached_property
    def _mentions(self) -> re.Pattern[bytes]:
        # As in JSON, forms, XML, and JSON in a string of one of these.
        pattern = (
            rf"(?i){_START}(?:{self._alternatives})"
            rf"(?:\\*[\"']|\]|%5D|%22)*\s*(?:[=:>]|%3D|%3A)\s*"
            rf"(?:\\*[\"']|%22|\+|%20)*(?!{REDACTED})[^\s&<\"'\\]"
        )
        return re.compile(pattern.encode("utf-8", "surrogatepass"))

    @property
    def _alternatives(self) -> str:
        # The longest first, so that a name is not taken for a shorter one.
        return "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
