"""What is below a response of the cache: a response of urllib3 whose body need not be a file."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from urllib3 import HTTPResponse

__all__ = ["CachedHTTPResponse"]


class CachedHTTPResponse(HTTPResponse):
    """A response of urllib3 that is made of bytes, or of a file, and read as one of a connection.

    Args:
        body: the body; None is the same as an empty one.
        kwargs: further arguments of `urllib3.HTTPResponse`; those that are None are left out.
    """

    def __init__(self, body: bytes | IO[bytes] | None = None, **kwargs: Any) -> None:
        given = {name: value for name, value in kwargs.items() if value is not None}
        file = BytesIO(body or b"") if body is None or isinstance(body, bytes) else body
        super().__init__(file, **{"preload_content": False, **given})
