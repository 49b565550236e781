"""Keys and normalising as functions, for a `key_fn` that goes on as usual in most cases.

Example:
    >>> from requests import Request
    >>> from requests_cache import create_key
    >>> one = Request("GET", "https://example.org/?a=1&t=5")
    >>> two = Request("GET", "https://example.org/?t=9&a=1")
    >>> create_key(one, ignored_parameters=["t"]) == create_key(two, ignored_parameters=["t"])
    True
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlsplit, urlunsplit

from requests import PreparedRequest, Request
from requests.structures import CaseInsensitiveDict

from . import _door
from ._matching.bodies import FormBody, JsonBody, parse_body, parse_pairs
from ._matching.credentials import REDACTED
from ._matching.keys import Matching, lowered_names

if TYPE_CHECKING:
    from .types import AnyRequest

__all__ = [
    "create_key",
    "normalize_body",
    "normalize_headers",
    "normalize_params",
    "normalize_request",
    "normalize_url",
]

Names = Iterable[str] | None
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


def create_key(
    request: AnyRequest,
    ignored_parameters: Names = None,
    match_headers: bool | Iterable[str] | None = False,
    **options: Any,
) -> str:
    """Give the key that a cache with this matching gives a request.

    Args:
        request: the request, prepared or not.
        ignored_parameters: parameters, header fields and body members that make no difference.
        match_headers: header fields that make one; True for all.
        options: `verify`, and `match_credentials`; what else `key_fn` is handed has no part in it.

    Raises:
        UncacheableBodyError: the body is a stream that cannot be read twice.
    """
    matching = Matching(
        ignored_parameters, match_headers or False, options.get("match_credentials", True)
    )
    return matching.create_key(prepared(request), verify=options.get("verify", True))


def prepared(request: AnyRequest) -> PreparedRequest:
    """Give the request as it is sent."""
    return request.prepare() if isinstance(request, Request) else request


def normalize_request(
    request: AnyRequest, ignored_parameters: Names = None, content_root_key: str | None = None
) -> PreparedRequest:
    """Give a copy of a request in which what makes no difference is the same in all.

    Args:
        request: the request, prepared or not.
        ignored_parameters: names whose values are replaced, at every depth of a body.
        content_root_key: has no effect, for they count at every depth.
    """
    copy = prepared(request).copy()
    copy.method = (copy.method or "").upper()
    copy.url = normalize_url(copy.url or "", ignored_parameters)
    body = normalize_body(copy, ignored_parameters)
    headers = normalize_headers(copy.headers, ignored_parameters)
    copy.headers = headers  # type: ignore[assignment]  # requests' own annotation also has bytes
    copy.body = body
    return copy


def normalize_url(url: str, ignored_parameters: Names = None) -> str:
    """Give a URL with its host in lower case, its parameters in order, and no usual port.

    Args:
        url: the URL, with a scheme.
        ignored_parameters: names of parameters whose values are replaced by `REDACTED`.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, " "))
    query = normalize_params(parts.query, ignored_parameters)
    return urlunsplit(parts._replace(netloc=host, path=parts.path or "/", query=query))


def normalize_params(value: str | bytes, ignored_parameters: Names = None) -> str:
    """Give a query or a form in the order of its names, those to be ignored as `REDACTED`.

    Args:
        value: the query, without its question mark, or the body of a form.
        ignored_parameters: names whose values are replaced.
    """
    text = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
    ignored = lowered_names(ignored_parameters)
    pairs: list[tuple[str, str | None]] = []
    for item in filter(None, text.split("&")):
        pairs.extend(parse_pairs(item) if "=" in item else ((item, None),))
    return "&".join(
        name if item is None else f"{quote_plus(name)}={quote_plus(_hidden(name, item, ignored))}"
        for name, item in sorted(pairs, key=lambda pair: pair[0])
    )


def normalize_headers(
    headers: Mapping[str, Any], ignored_parameters: Names = None
) -> CaseInsensitiveDict[str]:
    """Give header fields in order; the members of a list in order and in lower case.

    Args:
        headers: the fields.
        ignored_parameters: names of fields whose values are replaced by `REDACTED`.
    """
    ignored = lowered_names(ignored_parameters)
    found: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in sorted(headers.items()):
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        members = [member.strip() for member in text.lower().split(",")]
        listed = ", ".join(sorted(filter(None, members))) if len(members) > 1 else text
        found[name] = _hidden(name, listed, ignored)
    return found


def normalize_body(
    request: PreparedRequest, ignored_parameters: Names = None, content_root_key: str | None = None
) -> bytes:
    """Give the body of a request, JSON and forms in order; one that is a stream as nothing.

    Args:
        request: the request, prepared.
        ignored_parameters: names whose values are replaced, at every depth.
        content_root_key: has no effect, for they count at every depth.
    """
    body = request.body
    if not isinstance(body, str | bytes):
        return b""
    content_type = request.headers.get("Content-Type", "")
    match parse_body(body, content_type if isinstance(content_type, str) else ""):
        case FormBody():
            return normalize_params(body, ignored_parameters).encode()
        case JsonBody():
            value = _in_order(json.loads(body), lowered_names(ignored_parameters))
            return json.dumps(value, sort_keys=True).encode()
    return body if isinstance(body, bytes) else body.encode()


def _in_order(value: Any, ignored: frozenset[str]) -> Any:
    """Replace what is to be ignored in JSON; the order of an array means something, and stays."""
    if isinstance(value, dict):
        return {
            name: _hidden(name, _in_order(item, ignored), ignored) for name, item in value.items()
        }
    return [_in_order(item, ignored) for item in value] if isinstance(value, list) else value


def _hidden(name: str, value: Any, ignored: frozenset[str]) -> Any:
    return REDACTED if name.lower() in ignored else value


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
