"""The request of a stored response."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .._matching.credentials import Redactor

__all__ = ["CachedRequest"]


class CachedRequest(PreparedRequest):
    """A request as it was sent, but for its secrets, which are replaced by `REDACTED`.

    One that is made by hand takes its attributes as arguments.
    """

    def __init__(
        self,
        method: str | None = None,
        url: str | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
        cookies: Any = None,
    ) -> None:
        super().__init__()
        self.method = method
        self.url = url
        self.headers: CaseInsensitiveDict[Any] = CaseInsensitiveDict(headers or {})
        self.body = body
        self._cookies = RequestsCookieJar()
        if cookies:
            self._cookies.update(cookies)

    @classmethod
    def from_request(cls, request: PreparedRequest) -> CachedRequest:
        """Take over a prepared request."""
        cookies = request._cookies
        return cls(request.method, request.url, request.headers, request.body, cookies)

    def copy(self) -> CachedRequest:
        """Give a request with the same attributes."""
        copy = self.from_request(self)
        copy.hooks, copy._body_position = self.hooks, self._body_position
        return copy

    def __eq__(self, other: object) -> bool:
        """Say whether method, URL, header fields and body are the same."""
        return isinstance(other, CachedRequest) and _facts(self) == _facts(other)

    def __hash__(self) -> int:
        """Give the same number for equal requests."""
        return hash((self.method, self.url))

    if not TYPE_CHECKING:  # else every name could be read

        def __getattr__(self, name: str) -> Any:
            """Say what to use for an attribute of earlier versions."""
            from .._earlier.members import missing

            raise missing(type(self), name)

    def __repr__(self) -> str:
        """Show method and URL; secrets in the URL are not."""
        what = " ".join(filter(None, (self.method, Redactor().url(self.url or ""))))
        return f"<{type(self).__name__} {what}>"

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> CachedRequest:
        """Build the request that the fields of a record describe."""
        headers = dict(fields["headers"])
        return cls(fields["method"], fields["url"], headers, load_body(fields.get("body")))


def _facts(request: CachedRequest) -> tuple[Any, ...]:
    return request.method, request.url, request.headers, request.body


def load_body(stored: Any) -> str | bytes | None:
    """Give a body back from its JSON form: text as it is, bytes in Base64."""
    if isinstance(stored, dict):
        return b64decode(stored["base64"])
    return None if stored is None else str(stored)
