"""What a successful unsafe request makes unusable: URLs (RFC 9111, 4.4), and groups (RFC 9875)."""

from __future__ import annotations

from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from .fields import Headers
from .values import RequestHead, ResponseHead, Rules, StoredHead

# RFC 9110, section 9.2.1, and the methods registered as safe. All others, known or not,
# invalidate what they succeed on (RFC 9111, section 4.4).
SAFE_METHODS = frozenset(
    ("GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY", "REPORT", "SEARCH", "TRACE"),
)

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


def groups_of(headers: Headers) -> tuple[str, ...]:
    """Return the Cache-Groups of a response (RFC 9875, section 2)."""
    return _strings(headers, "cache-groups")


def invalidated_groups(headers: Headers) -> tuple[str, ...]:
    """Return the Cache-Group-Invalidation of a response (RFC 9875, section 3).

    It counts only in the response to an unsafe method; `invalidates` decides that.
    """
    return _strings(headers, "cache-group-invalidation")


def in_groups(stored: StoredHead, url: str, names: tuple[str, ...]) -> bool:
    """Say whether a stored response is in one of these groups of the URL's origin.

    Names are compared with case, and never across origins (RFC 9875, section 2.1).
    """
    return same_origin(stored.url, url) and not set(names).isdisjoint(groups_of(stored.headers))


def _strings(headers: Headers, name: str) -> tuple[str, ...]:
    """Return the strings of a list; a malformed list, or one with other members, is ignored."""
    if (said := headers.joined(name)) is None:
        return ()
    # Imported on first use, for an import is part of a cold start.
    from .structured import Token, parse_list

    items = parse_list(said) or ()
    values = [item.value for item in items]
    if not all(isinstance(value, str) and not isinstance(value, Token) for value in values):
        return ()
    return tuple(str(value) for value in values)
