"""Turn a `requests.Response` into the fields of a record, with secrets redacted.

Cookies are stored with every attribute, with the expiry that they had when they were received, and
a jar is made of them again.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from http.cookiejar import Cookie, CookieJar
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from .._matching.credentials import IN_PATH, REDACTED, Own, Redactor, Source
from .._matching.owner import (
    as_text,
    asker_of,
    cookie_source,
    is_asked_for,
    lines,
    names_in,
    numbered,
    own_of,
)
from .record import Flag

if TYPE_CHECKING:
    from .._matching.keys import Matching
    from .fields import Fields, RequestFields
    from .record import Record


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

    Values of cookies are kept on demand; else whoever asks has his own. `items` are the header
    fields to store, by default those of the response.
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

    Those that are `stored` are as they are stored.
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
    is_same = sent == shown or CaseInsensitiveDict(received) == response.headers
    return sent if is_same else shown


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
        # Imported on first use, for few requests have one.
        from .._matching.bodies import redact_body

        content_type = as_text(request.headers.get("Content-Type") or "") or None
        body = redact_body(redactor, request.body, content_type)
        if body is not None and isinstance(request.body, str):
            fields["body"] = body.decode("utf-8", "surrogatepass")
        elif body is not None:
            fields["body"] = {"base64": b64encode(body).decode("ascii")}
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


# Cookies

ATTRIBUTES: Final = (
    *("version", "name", "value", "port", "port_specified"),
    *("domain", "domain_specified", "domain_initial_dot", "path", "path_specified"),
    *("secure", "expires", "discard", "comment", "comment_url", "rest", "rfc2109"),
)
"""The arguments of `Cookie`, in its own order."""
_NAME, _VALUE, _DOMAIN, _PATH = map(ATTRIBUTES.index, ("name", "value", "domain", "path"))
_KEPT_AS: Final = tuple("_rest" if name == "rest" else name for name in ATTRIBUTES)

# Of the others any value is as good as true or false.
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("name", "domain", "path"), (str,)),
    **dict.fromkeys(("value", "port", "comment", "comment_url"), (str, type(None))),
    **dict.fromkeys(("version", "expires"), (int, float, type(None))),
    "rest": (dict,),
}


class Place(NamedTuple):
    """Where a jar keeps a cookie."""

    domain: str
    path: str
    name: str


def are_attributes(cookie: Iterable[Any]) -> bool:
    """Say whether a cookie can be made of these attributes, and used by a cookie jar."""
    named = dict(zip(ATTRIBUTES, cookie, strict=True))
    return all(isinstance(named[name], types) for name, types in _TYPES.items())


def cookies_in(jar: CookieJar) -> Iterable[Cookie]:
    """Give the cookies of a jar, at once if it is empty, as most jars of responses are."""
    return jar if getattr(jar, "_cookies", True) else ()


def describe_cookies(jar: CookieJar, *, keep_values: bool = True) -> list[list[Any]]:
    """Give each cookie's attributes as a JSON array, on demand without the value."""
    described = []
    for cookie in cookies_in(jar):
        attributes = [getattr(cookie, name) for name in _KEPT_AS]
        attributes[_DOMAIN], path, _ = kept_place(cookie)
        if not keep_values:
            attributes[_VALUE], attributes[_PATH] = REDACTED, path
        described.append(attributes)
    return described


def kept_place(cookie: Cookie | Place) -> Place:
    """Give where a jar keeps a cookie, as it is stored.

    Where the origin says neither, a jar takes both from the URL of the request, with the user and
    the password in it.
    """
    path = cookie.path
    if "=" in path:
        path = IN_PATH.sub(lambda found: found[0].replace(found["value"], REDACTED), path)
    return Place(cookie.domain.rpartition("@")[2], path, cookie.name)


def has_values(described: Iterable[list[Any]]) -> bool:
    """Say whether cookies were stored with their values."""
    return all(attributes[_VALUE] != REDACTED for attributes in described)


def without_value(line: str) -> str:
    """Give the value of a `Set-Cookie` field without that of the cookie."""
    pair, semicolon, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    return f"{name}={REDACTED}{semicolon}{attributes}" if equals and value.strip() else line


def with_values(
    described: Iterable[list[Any]], headers: Iterable[tuple[str, str]], held: Mapping[Place, Cookie]
) -> tuple[list[list[Any]], list[tuple[str, str]]]:
    """Give the cookies and the header fields of a record with the values that a jar holds.

    A cookie that the jar does not hold is left out; `held` has those of it by `kept_place`.
    """
    cookies: list[list[Any]] = []
    values: dict[str, str] = {}
    for attributes in described:
        told = [*attributes]
        if attributes[_VALUE] == REDACTED:
            own = held.get(Place(attributes[_DOMAIN], attributes[_PATH], attributes[_NAME]))
            if own is None:
                continue
            told[_VALUE], told[_DOMAIN], told[_PATH] = own.value or "", own.domain, own.path
        if told[_VALUE] is not None:
            cookies.append(told)
            values[told[_NAME]] = told[_VALUE]
    filled = [(name, _filled(name, line, values)) for name, line in headers]
    return cookies, [(name, line) for name, line in filled if line is not None]


def _filled(name: str, line: str, values: Mapping[str, str]) -> str | None:
    """Give a field with the value of its cookie; None if there is none."""
    pair, semicolon, attributes = line.partition(";")
    if name.lower() != "set-cookie" or not pair.endswith(f"={REDACTED}"):
        return line
    cookie = pair.partition("=")[0].strip()
    value = values.get(cookie)
    return None if value is None else f"{cookie}={value}{semicolon}{attributes}"


def make_jar(described: Iterable[list[Any]]) -> RequestsCookieJar:
    """Build a jar of the cookies described."""
    jar = RequestsCookieJar()
    for attributes in described:
        jar.set_cookie(Cookie(*attributes))
    return jar


def fill_jar(jar: CookieJar, cookies: CookieJar, now: float) -> None:
    """Add the cookies that have not expired to a session's jar, as a fresh response would."""
    for cookie in cookies:
        if not cookie.is_expired(now):  # type: ignore[arg-type]  # typeshed wants int, any number works
            jar.set_cookie(cookie)


# What a record says of whose it is, where no session has found that out on the way


def needs_of(response: Response, ignored: frozenset[str]) -> list[list[str]]:
    """Give name, domain and path of the cookies without which an answer is only half of it."""
    places = (kept_place(cookie) for cookie in cookies_in(response.cookies))
    return [[name, domain, path] for domain, path, name in places if is_asked_for(name, ignored)]


def note_owner(record: Record, response: Response, matching: Matching) -> None:
    """Note in a record that is to be stored whose it is: his who the response's request says."""
    request = response.request
    if "owner" in record.fields:
        return
    record.fields["owner"] = matching.lock_of(request, asker_of(request))
    if needs := needs_of(response, matching.ignored):
        record.fields["needs"] = needs
    record.flags |= flags_of_owner(record.fields)
