"""What builds the attributes of a response out of its record, each on its first use.

And the other way round: the response that is made by hand, and the record of one that somebody has
taken from a cache, changed, and stores again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from requests import PreparedRequest, Request, Response
from requests.cookies import RequestsCookieJar, cookiejar_from_dict
from requests.structures import CaseInsensitiveDict

from .record import DetachedRecord, Flag, Record

if TYPE_CHECKING:
    from ..policy.cache_status import CacheStatus
    from .fields import Fields


class Stored(Protocol):
    """A response that has a record."""

    record: Record
    url: str
    _is_drained: bool

    @property
    def ttl(self) -> int | None:
        """The seconds until it expires."""

    def make_hop(self, fields: Fields) -> Response:
        """Make a redirect on the way to it."""


def _build_headers(self: Stored) -> CaseInsensitiveDict[str]:
    items = self.record.fields["headers"]
    merged: dict[str, tuple[str, str]] = {}
    for name, value in items:
        lowered = name.lower()
        known = merged.get(lowered)
        merged[lowered] = (name, value) if known is None else (known[0], f"{known[1]}, {value}")
    headers: Any = CaseInsensitiveDict()
    # What it would make of them, one by one.
    headers._store.update(merged)
    return cast("CaseInsensitiveDict[str]", headers)


def _build_cache_status(self: Stored) -> CacheStatus:
    from ..policy.cache_status import CacheStatus

    # A record that a policy presents knows better.
    told: CacheStatus | None = getattr(self.record, "cache_status", None)
    return CacheStatus(hit=True, ttl=self.ttl) if told is None else told


def _build_content(self: Stored) -> bytes:
    from requests.exceptions import ContentDecodingError
    from urllib3.exceptions import DecodeError

    try:
        content: bytes = _build_raw(self).read(decode_content=True)
    except DecodeError as error:
        raise ContentDecodingError(error) from error
    return content


def _build_raw(self: Stored) -> Any:
    body: bytes | IO[bytes] = self.record.body
    if isinstance(self.record, DetachedRecord) and self.record.reader is not None:
        body = self.record.reader
    from .raw_response import build_raw

    raw = build_raw(body, self.record, self.url)
    if self._is_drained:
        raw.read()
    return raw


def _build_request(self: Stored) -> PreparedRequest:
    from .request import CachedRequest

    return CachedRequest.from_fields(self.record.fields["request"])


def _build_cookies(self: Stored) -> RequestsCookieJar:
    from .describe import make_jar

    return make_jar(self.record.fields.get("cookies", ()))


BUILDERS: Final[dict[str, Callable[[Stored], Any]]] = {
    "cache_status": _build_cache_status,
    "connection": lambda self: None,
    "cookies": _build_cookies,
    "elapsed": lambda self: timedelta(seconds=self.record.fields["elapsed"]),
    "encoding": lambda self: self.record.fields["encoding"],
    "headers": _build_headers,
    "history": lambda self: [self.make_hop(hop) for hop in self.record.fields.get("history", ())],
    "reason": lambda self: self.record.fields["reason"],
    "request": _build_request,
    "url": lambda self: self.record.fields["url"],
    # Last, for one that was listed has no body.
    "_content": _build_content,
    "raw": _build_raw,
}


# Made by hand

_TAKEN: Final = frozenset(
    ("cookies", "elapsed", "encoding", "headers", "history", "raw", "reason", "request", "url")
)


def make_response(status: int, body: bytes, attributes: dict[str, Any]) -> Response:
    """Give a response with attributes, put into the form that it has them in; else a TypeError."""
    for name in attributes:
        if name not in _TAKEN:
            raise TypeError(f"CachedResponse() takes no argument {name!r}")
    from .request import CachedRequest

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


# Changed by hand

_OF_FIELDS: Final = Flag.VALIDATOR | Flag.VARY


def with_edits(
    own: Mapping[str, Any], shown: Record, before: Response, expires: float | None
) -> Record:
    """Give what is stored of a response, and in it what has been changed since it was made.

    That may be its status, reason, encoding, header fields, body and times. The rest stays as it is
    stored: what is shown may be the caller's own. `own` are the attributes, the body in memory;
    `before` is the response as it was made of the record that is `shown`.
    """
    # Imported on first use: to build an attribute takes no more than this module.
    from .describe import flags_of

    record: Record = own.get("_stored", shown)
    fields: Fields = {**record.fields}
    for name in ("reason", "encoding"):
        if name in own and own[name] != getattr(before, name):
            fields[name] = own[name]
    if "headers" in own:
        fields["headers"] = _edited(record.fields["headers"], before.headers, own["headers"])
    body, flags = record.body, record.flags
    content = own.get("_content")
    if isinstance(content, bytes) and content is not body and content != before.content:
        body, flags = content, flags & ~Flag.ENCODED
    status = own.get("status_code", record.status)
    if fields == record.fields and body is record.body and status == record.status:
        return record.with_times(shown.created, expires)
    flags = flags & ~_OF_FIELDS | flags_of(fields)
    return Record(status, shown.created, expires, fields, body, flags)


def _edited(
    stored: list[tuple[str, str]], before: CaseInsensitiveDict[str], now: dict[str, str]
) -> list[tuple[str, str]]:
    """Give the stored header fields, those that differ from before in the form they have now."""
    changed = {name.lower(): (name, now[name]) for name in now if before.get(name) != now[name]}
    left = {name.lower() for name in now} - changed.keys()
    return [item for item in stored if item[0].lower() in left] + list(changed.values())
