"""Turn a `requests.Response` into the fields of a record, with secrets redacted."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from .._matching.bodies import redact_body
from .._matching.credentials import REDACTED, Own, Redactor, Source
from .._matching.owner import as_text, asker_of, cookie_source, lines, names_in, numbered, own_of
from .cookies import cookies_in, describe_cookies, without_value
from .record import Flag

if TYPE_CHECKING:
    from .fields import Fields, RequestFields

__all__ = [
    "comes_coded",
    "describe_headers",
    "describe_history",
    "describe_response",
    "flags_of",
    "flags_of_owner",
    "header_items",
    "is_put_back",
    "own_values",
]


def comes_coded(response: Response) -> bool:
    """Say whether what is read from `raw` is coded as `Content-Encoding` says.

    What is no response of urllib3 gives its content, decoded or not as it was made.
    """
    coded = "content-encoding" in names_in(response.headers)
    return coded and isinstance(response.raw, HTTPResponse)


def describe_response(
    response: Response,
    redactor: Redactor,
    *,
    keep_cookies: bool = False,
    items: Iterable[tuple[str, str]] | None = None,
) -> Fields:
    """Give the fields of everything but status, times, body and history.

    Args:
        response: the response.
        redactor: knows the names of secrets.
        keep_cookies: whether values of cookies are kept; else whoever asks has his own.
        items: the header fields to store; by default those of the response.
    """
    raw = response.raw
    fields: Fields = {
        "url": redactor.url((response.url or "").partition("#")[0]),
        "reason": response.reason,
        "headers": [],
        "encoding": response.encoding,
        "elapsed": response.elapsed.total_seconds(),
        "version": getattr(raw, "version", None),
        "protocol": getattr(raw, "version_string", None),
        "request": describe_request(response.request, redactor),
    }
    if cookies := describe_cookies(response.cookies, keep_values=keep_cookies):
        fields["cookies"] = cookies
    own = own_values(redactor, response, keep_cookies=keep_cookies)
    if items is None:
        items = header_items(response)
    return {**fields, **describe_headers(items, redactor, own, keep_cookies)}


def own_values(redactor: Redactor, response: Response, *, keep_cookies: bool) -> dict[str, str]:
    """Give what a response may repeat of its caller: value -> where he has it."""
    own = own_of(redactor, response.request)
    if not keep_cookies:
        brought = cookies_in(response.cookies)
        own.update({c.value: cookie_source(c.name) for c in brought if c.value})
    return own


def describe_headers(
    items: Iterable[tuple[str, str]],
    redactor: Redactor,
    own: Own,
    keep_cookies: bool = False,
    stored: Container[tuple[str, str]] = (),
) -> Fields:
    """Give the header fields of a response, and where the request has what was replaced in them.

    Args:
        items: names and values.
        redactor: knows the names of secrets.
        own: the secrets of the request.
        keep_cookies: whether values of cookies are stored.
        stored: those that are as they are stored.
    """
    items = list(items)
    headers, replaced = items.copy(), {}
    for number, item in enumerate(items):
        name, value = item
        lowered = name.lower()
        if lowered == "set-cookie":
            if not keep_cookies and item not in stored:
                headers[number] = name, without_value(value)
        elif redactor.reads(lowered, own) and item not in stored:
            sources: list[Source] = []
            headers[number] = name, redactor.field(lowered, value, own, sources)
            if any(sources):
                replaced[number] = sources
    if not replaced:
        return {"headers": headers}
    places = [place for place, _ in numbered(items)]
    return {"headers": headers, "own": {places[n]: found for n, found in replaced.items()}}


def header_items(response: Response) -> list[tuple[str, str]]:
    """Give the header fields with their order, case and duplicates where these are known."""
    received = getattr(response.raw, "headers", None)
    shown = list(lines(response.headers))
    if received is None:
        return shown
    # urllib3's `items()` is gone through a second time for its length.
    sent = list(getattr(received, "iteritems", received.items)())
    if sent == shown or CaseInsensitiveDict(received) == response.headers:
        return sent
    return shown


def describe_request(request: PreparedRequest, redactor: Redactor) -> RequestFields:
    """Give the fields of a request."""
    signed = asker_of(request).signed
    headers = _redacted(tuple(lines(request.headers)), redactor)
    fields: RequestFields = {
        "method": request.method,
        "url": redactor.url(request.url or ""),
        "headers": [
            (name, REDACTED if name.lower() in signed else value) for name, value in headers
        ]
        if signed
        else list(headers),
    }
    if request.body is not None:
        content_type = as_text(request.headers.get("Content-Type") or "") or None
        body = redact_body(redactor, request.body, content_type)
        if body is not None:
            fields["body"] = _dump_body(body, isinstance(request.body, str))
    return fields


@lru_cache(64)
def _redacted(
    items: tuple[tuple[str | bytes, str | bytes], ...], redactor: Redactor
) -> tuple[tuple[str, str], ...]:
    """Redact the fields of a request; those of a session are the same again and again."""
    return tuple(redactor.headers((as_text(name), as_text(value)) for name, value in items))


def describe_history(
    history: Iterable[Response], redactor: Redactor, *, keep_cookies: bool = False
) -> list[Fields]:
    """Give the fields of the redirects that led to a response, each with its small body."""
    return [
        {
            **describe_response(hop, redactor, keep_cookies=keep_cookies),
            "status": hop.status_code,
            "body": b64encode(_hop_body(hop, redactor)).decode("ascii"),
        }
        for hop in history
    ]


_VALIDATORS = frozenset({"etag", "last-modified"})


def flags_of(fields: Fields) -> int:
    """Give the flags that follow from the fields."""
    names = {name.lower() for name, _ in fields["headers"]}
    flags = Flag.COOKIES if "cookies" in fields else 0
    flags |= Flag.HISTORY if fields.get("history") else 0
    flags |= Flag.VALIDATOR if names & _VALIDATORS else 0
    flags |= flags_of_owner(fields)
    flags |= Flag.PUT_BACK if is_put_back(fields) else 0
    return flags | (Flag.VARY if "vary" in names else 0)


def flags_of_owner(fields: Fields) -> int:
    """Give the flags that follow from what says whose a response is."""
    flags = Flag.OWNED if "owner" in fields else 0
    return flags | (Flag.SELECTED if fields.get("selected") else 0)


def is_put_back(fields: Fields) -> bool:
    """Say whether what was replaced in a response, or in its request, is its caller's own."""
    request = fields["request"]
    said = [value for _, value in request["headers"]]
    return "own" in fields or REDACTED in request["url"] or REDACTED in said


def _hop_body(hop: Response, redactor: Redactor) -> bytes:
    """Give the body of a redirect, which often is a page with the target's URL."""
    return redactor.text((hop.content or b"").decode("latin-1")).encode("latin-1")


def _dump_body(body: bytes, was_text: bool) -> Any:
    if was_text:
        return body.decode("utf-8", "surrogatepass")
    return {"base64": b64encode(body).decode("ascii")}
