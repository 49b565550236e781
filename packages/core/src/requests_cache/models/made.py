"""Records of responses that are made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from requests import PreparedRequest, Request, Response
from requests.cookies import RequestsCookieJar, cookiejar_from_dict
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._matching.credentials import Redactor
from .describe import describe_history, describe_response, flags_of
from .record import Record
from .request import CachedRequest

__all__ = ["make_record"]

_TAKEN: Final = frozenset(
    ("cookies", "elapsed", "encoding", "headers", "history", "raw", "reason", "request", "url")
)


def make_record(
    status: int,
    body: bytes,
    created: datetime | None,
    expires: datetime | None,
    attributes: dict[str, Any],
) -> Record:
    """Give a record of attributes, and put these into the form that a response has them in.

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
    redactor = Redactor()
    fields = describe_response(response, redactor)
    if response.history:
        fields["history"] = describe_history(response.history, redactor)
    return Record(
        status,
        clock.now() if created is None else created.timestamp(),
        None if expires is None else expires.timestamp(),
        fields,
        body,
        flags_of(fields),
    )


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
