"""The request of a stored response."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from requests import PreparedRequest
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

__all__ = ["CachedRequest"]


class CachedRequest(PreparedRequest):
    """A request as it was sent, but for its secrets, which are replaced by `REDACTED`."""

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> CachedRequest:
        """Build the request that the fields of a record describe."""
        self = cls()
        self.method = fields["method"]
        self.url = fields["url"]
        self.headers = CaseInsensitiveDict(dict(fields["headers"]))
        self.body = load_body(fields.get("body"))
        self._cookies = RequestsCookieJar()
        return self


def load_body(stored: Any) -> str | bytes | None:
    """Give a body back from its JSON form: text as it is, bytes in Base64."""
    if isinstance(stored, dict):
        return b64decode(stored["base64"])
    return None if stored is None else str(stored)
