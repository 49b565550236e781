"""The urllib3 response below a cached response, rebuilt when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import IO

from urllib3 import HTTPHeaderDict, HTTPResponse

__all__ = ["build_raw"]


class _Octets(BytesIO):
    """Bytes that close when the last is read, as a connection does: so urllib3 sees the end."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if size is None or size < 0 or (size and not data):
            self.close()
        return data


def build_raw(
    body: bytes | IO[bytes],
    headers: Iterable[tuple[str, str]],
    status: int,
    reason: str | None,
    version: int | None,
    method: str | None,
    url: str | None,
) -> HTTPResponse:
    """Give a response that reads `body` as it came over the wire, content coding and all."""
    return HTTPResponse(
        body=_Octets(body) if isinstance(body, bytes) else body,
        headers=HTTPHeaderDict(headers),
        status=status,
        version=version or 0,
        reason=reason,
        preload_content=False,
        decode_content=False,
        request_method=method,
        request_url=url,
    )
