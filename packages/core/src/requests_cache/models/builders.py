"""What builds the attributes of a response out of its record, each on its first use, or all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from requests import Response
from requests.structures import CaseInsensitiveDict

from ..errors import BodyNotReadError
from .detached import DetachedRecord
from .original import DRAINED, attributes_of
from .record import Record

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.cookies import RequestsCookieJar

    from ..policy.cache_status import CacheStatus

__all__ = ["BUILDERS", "build_all"]


class Kept(Protocol):
    """A response that has a record."""

    record: Record
    url: str

    @property
    def ttl(self) -> int | None:
        """The seconds until it expires."""


def _build_headers(self: Kept) -> CaseInsensitiveDict[str]:
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


def _build_cache_status(self: Kept) -> CacheStatus:
    from ..policy.cache_status import CacheStatus

    # A record that a policy presents knows better.
    told: CacheStatus | None = getattr(self.record, "cache_status", None)
    return CacheStatus(hit=True, ttl=self.ttl) if told is None else told


def _build_content(self: Kept) -> bytes:
    from requests.exceptions import ContentDecodingError
    from urllib3.exceptions import DecodeError

    try:
        content: bytes = _build_raw(self).read(decode_content=True)
    except DecodeError as error:
        raise ContentDecodingError(error) from error
    return content


def _build_raw(self: Kept) -> Any:
    body: bytes | IO[bytes] = self.record.body
    if isinstance(self.record, DetachedRecord) and self.record.reader is not None:
        body = self.record.reader
    from .raw import build_raw

    raw = build_raw(body, self.record, self.url)
    if DRAINED in attributes_of(cast("Any", self)):
        raw.read()
    return raw


def _build_request(self: Kept) -> PreparedRequest:
    from .request import CachedRequest

    return CachedRequest.from_fields(self.record.fields["request"])


def _build_cookies(self: Kept) -> RequestsCookieJar:
    from .cookies import make_jar

    return make_jar(self.record.fields.get("cookies", ()))


BUILDERS: Final[dict[str, Callable[[Kept], Any]]] = {
    "cache_status": _build_cache_status,
    "connection": lambda self: None,
    "cookies": _build_cookies,
    "elapsed": lambda self: timedelta(seconds=self.record.fields["elapsed"]),
    "encoding": lambda self: self.record.fields["encoding"],
    "headers": _build_headers,
    "reason": lambda self: self.record.fields["reason"],
    "request": _build_request,
    "url": lambda self: self.record.fields["url"],
    # Last, for one that was listed has no body.
    "_content": _build_content,
    "raw": _build_raw,
}


# What marks a response of the origin, too; the times may be changed at any time.
_MARKS = ("from_cache", "revalidated")
_TIMES = ("created_at", "expires")


def build_all(response: Response, names: Iterable[str]) -> dict[str, Any]:
    """Give the dictionary of a response, with each of the named attributes, built by now or not.

    What is taken out of it afterwards is gone, as with any object.
    """
    own = attributes_of(response)
    if "record" not in own:
        return own
    if "_whole" not in own:
        # One that was listed has no body, and says so to who asks for it.
        with suppress(BodyNotReadError):
            for name in names:
                getattr(response, name)
            own["_whole"] = True
        for name in _MARKS:
            own.setdefault(name, getattr(response, name))
    own.update((name, getattr(response, name)) for name in _TIMES)
    return own
