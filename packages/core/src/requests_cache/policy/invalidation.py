"""What a successful unsafe request makes unusable (RFC 9111, section 4.4)."""

from __future__ import annotations

from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from .tables import SAFE_METHODS
from .values import RequestHead, ResponseHead, Rules

_PORTS = {"http": 80, "https": 443}


def invalidates(request: RequestHead, response: ResponseHead, rules: Rules) -> bool:
    """Say whether a response invalidates: the method is not known as safe, and it succeeded.

    Where a field names another method, the server may have taken either.
    """
    methods = {request.method, request.override or request.method}
    return not methods <= SAFE_METHODS | rules.methods and 200 <= response.status < 400


def invalidated_urls(request: RequestHead, response: ResponseHead) -> tuple[str, ...]:
    """Return the target and what Location and Content-Location name on the same origin."""
    urls = [resolved(request.url, "") or request.url]
    for name in ("location", "content-location"):
        for line in response.headers.lines(name):
            url = resolved(request.url, line)
            if url and same_origin(request.url, url):
                urls.append(url)
    return tuple(dict.fromkeys(urls))


def same_origin(one: str, other: str) -> bool:
    """Say whether two URLs share scheme, host and port (RFC 9110, section 4.3.1)."""
    origin = _origin(one)
    return origin is not None and origin == _origin(other)


def resolved(base: str, reference: str) -> str | None:
    """Return the URL that a reference means, without fragment; None where it means none."""
    try:
        return urldefrag(urljoin(base, reference)).url
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
