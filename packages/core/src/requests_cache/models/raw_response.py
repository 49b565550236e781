"""What earlier versions put below a response; here it is urllib3's own class."""

from __future__ import annotations

from urllib3 import HTTPResponse as CachedHTTPResponse

__all__ = ["CachedHTTPResponse"]
