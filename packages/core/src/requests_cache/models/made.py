"""Responses that are made by hand, as requests would have made them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from requests import PreparedRequest, Request, Response
from requests.cookies import RequestsCookieJar, cookiejar_from_dict
from requests.structures import CaseInsensitiveDict

from .request import CachedRequest

__all__ = ["make_response"]

_TAKEN: Final = frozenset(
    ("cookies", "elapsed", "encoding", "headers", "history", "raw", "reason", "request", "url")
)


def make_response(status: int, body: bytes, attributes: dict[str, Any]) -> Response:
    """Give a response with attributes, and put these into the form that it has them in.

    Raises:
        TypeError: a response has no such attribute.
    """
    for name in attributes:
        if name not in _TAKEN:
            raise TypeError(f"CachedResponse() takes no argument {name!r}")
    _normalize(attributes)
    response = Response()
    response.status_code, response._content = status, body
    vars(response).update({"elapsed": timedelta(0), "request": CachedRequest()}, **attributes)
    return response


def _normalize(attributes: dict[str, Any]) -> None:
    request = attributes.get("request")
    if isinstance(request, Request):
        attributes["request"] = request.prepare()
    elif not isinstance(request, PreparedRequest):
        attributes.pop("request", None)
    if "headers" in attributes:
        attributes["headers"] = CaseInsensitiveDict(attributes["headers"] or {})
    cookies = attributes.get("cookies")
    if isinstance(cookies, Mapping) and not isinstance(cookies, RequestsCookieJar):
        attributes["cookies"] = cookiejar_from_dict(dict(cookies))
    for name in [name for name, value in attributes.items() if value is None]:
        del attributes[name]
