"""The response that a hit returns; its attributes are built when they are first read.

What builds them is imported then, too: a hit that is only read for its content needs none of it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import floor, inf
from typing import IO, TYPE_CHECKING, Any

from requests import Response
from requests.structures import CaseInsensitiveDict

from .. import clock
from .._matching.credentials import Redactor
from ..errors import RecordError
from ..expiration import from_timestamp
from .record import DetachedRecord, Flag, Kept, Record, Written

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.cookies import RequestsCookieJar

    from ..policy.cache_status import CacheStatus

__all__ = ["CachedResponse", "OriginalResponse"]

_NOTHING_REDACTED = Redactor()
_NOT_COPIED = frozenset({"record", "raw", "connection"})
_OF_STREAMS = _NOT_COPIED | {"_content", "_content_consumed"}
_DECODED_AWAY = frozenset({"content-encoding", "content-length"})


class OriginalResponse(Response):
    """A response that came from the origin, with the attributes that a cached one has."""

    from_cache = False
    revalidated = False
    cache_key: str | None = None
    cache_status: CacheStatus | None = None
    created_at: datetime | None = None
    expires: datetime | None = None

    @staticmethod
    def mark(
        response: Response,
        status: CacheStatus,
        stored: CachedResponse | None = None,
        key: str | None = None,
    ) -> Response:
        """Give a response of the origin the attributes that one from the cache has.

        What came from the origin's side may itself be a hit, of this cache or of another one: it
        has them.
        """
        if isinstance(response, CachedResponse):
            return response
        if type(response) is Response:
            response.__class__ = OriginalResponse
        # Another library's subclass keeps its class and gets attributes of its own.
        marked: Any = response
        marked.cache_status = status
        marked.from_cache = False
        marked.revalidated = False
        marked.cache_key = key
        marked.created_at = stored.created_at if stored else None
        marked.expires = stored.expires if stored else None
        return response

    @property
    def is_expired(self) -> bool:
        """Say whether the stored copy, if there is one, has expired."""
        return self.expires is not None and self.expires.timestamp() <= clock.now()

    @property
    def size(self) -> int:
        """Give the size of the body in bytes, as far as it has been read."""
        return len(self._content) if isinstance(self._content, bytes) else 0


class CachedResponse(Response):
    """A response from the cache; it behaves as `requests.Response` in every attribute.

    Each hit gives a new object: what a caller changes in one is not seen in the next.
    """

    from_cache = True
    revalidated = False
    cache_key: str | None = None
    cache_status: CacheStatus
    record: Record

    @classmethod
    def from_record(cls, record: Record, key: str | None = None) -> CachedResponse:
        """Wrap a record; nothing but its status is read now."""
        self = cls.__new__(cls)
        if record.__class__ is DetachedRecord:
            # As requests makes a response whose body is still to be read.
            self.__dict__ = {
                "record": record,
                "status_code": record.status,
                "cache_key": key,
                "_content": False,
                "_content_consumed": False,
                "_next": None,
            }
            return self
        # One dictionary at once: an attribute at a time would take half of the time of a hit.
        self.__dict__ = state = {
            "record": record,
            "status_code": record.status,
            "cache_key": key,
            "_content": record.body,
            "_content_consumed": True,
            "_next": None,
        }
        if record.flags & Flag.ENCODED:
            del state["_content"]
        return self

    @classmethod
    def from_response(
        cls,
        response: Response,
        body: Kept | None = None,
        *,
        created: float | None = None,
        expires: float | None = None,
        redactor: Redactor = _NOTHING_REDACTED,
        flags: int = 0,
        key: str | None = None,
    ) -> CachedResponse:
        """Remember a response; `body` is what came over the wire, by default its content."""
        if isinstance(response, CachedResponse):
            return cls._copy(response.whole(), expires, key)
        from .describe import comes_coded, describe_history, describe_response, flags_of

        fields = describe_response(response, redactor)
        if response.history:
            fields["history"] = describe_history(response.history, redactor)
        if body is None:
            body = response.content or b""
        elif comes_coded(response):
            flags |= Flag.ENCODED
        written = isinstance(body, Written)
        record = (DetachedRecord if written else Record)(
            response.status_code,
            clock.now() if created is None else created,
            expires,
            fields,
            b"" if isinstance(body, Written) else body,
            flags | flags_of(fields),
        )
        if isinstance(body, Written) and isinstance(record, DetachedRecord):
            record.attach_writer(body)
        return cls.from_record(record, key)

    @classmethod
    def _copy(
        cls, response: CachedResponse, expires: float | None, key: str | None
    ) -> CachedResponse:
        record = response.record
        if expires is not None:
            record = record.with_times(record.created, expires)
        return cls.from_record(record, key or response.cache_key)

    def __getattr__(self, name: str) -> Any:
        """Build an attribute of `requests.Response` on its first use."""
        build = _BUILDERS.get(name)
        if build is None or "record" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        try:
            value = build(self)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RecordError(f"the stored response has no usable {name!r}") from error
        self.__dict__[name] = value
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the record and what was changed since, so that a copy needs no store.

        A body that is still to be read is read first, as requests does.
        """
        if self.record.__class__ is DetachedRecord:
            return self.whole().__reduce__()
        state = {name: item for name, item in vars(self).items() if name not in _NOT_COPIED}
        if state.get("_content") is self.record.body:
            # The record has it, and it may be large.
            del state["_content"]
        return _restore, (*self.record.dump(), state)

    def whole(self) -> CachedResponse:
        """Give the response with its body in memory; one that streams is read to its end."""
        old = self.record
        if not isinstance(old, DetachedRecord):
            return self
        # What is left is the decoded content, so the copy is one of a body without coding.
        flags = old.flags & ~Flag.ENCODED
        record = Record(
            old.status, old.created, self.expires_at, old.fields, self.content or b"", flags
        )
        copy = self.from_record(record, self.cache_key)
        kept = {name: value for name, value in vars(self).items() if name not in _OF_STREAMS}
        vars(copy).update(kept)
        return copy

    def close(self) -> None:
        """Release what the response holds; nothing, unless its `raw` was used or it streams."""
        if "raw" in self.__dict__:
            super().close()
        elif self.record.__class__ is DetachedRecord:
            self.raw.close()

    @property
    def ttl(self) -> int | None:
        """Give the seconds until the response expires, negative if it has; None for never."""
        return None if self.record.expires == inf else floor(self.record.expires - clock.now())

    @property
    def created_at(self) -> datetime:
        """Give the time at which the response was received or last validated, in UTC."""
        return datetime.fromtimestamp(self.record.created, UTC)

    @property
    def expires(self) -> datetime | None:
        """Give the time at which the response expires, in UTC; None for never."""
        return from_timestamp(self.expires_at)

    @property
    def expires_at(self) -> float | None:
        """Give `expires` in seconds since the epoch; None for never."""
        return None if self.record.expires == inf else self.record.expires

    def set_expiration(self, expires: float | None) -> None:
        """Change when this object says that it expires; the stored one stays as it is."""
        self.record = self.record.with_times(self.record.created, expires)

    def change_fields(self, **changes: Any) -> None:
        """Change fields of this object's record; the stored one stays as it is."""
        old = self.record
        fields = {**old.fields, **changes}
        self.record = old.with_times(old.created, self.expires_at, fields)

    def set_history(self, history: list[dict[str, Any]]) -> None:
        """Take over the redirects on the way to this response, as fields of a record."""
        self.__dict__["history"] = [_build_hop(hop, self.record) for hop in history]

    @property
    def is_expired(self) -> bool:
        """Say whether the response has expired."""
        return self.record.expires <= clock.now()

    @property
    def size(self) -> int:
        """Give the size of the stored body in bytes."""
        return self.record.size

    def _repr_html_(self) -> str:
        """Show in a notebook what is remembered, without the body."""
        from ..notebook import response_html

        return response_html(self)


def _restore(head: bytes, body: bytes, state: dict[str, Any]) -> CachedResponse:
    response = CachedResponse.from_record(Record.load(head, body))
    vars(response).update(state)
    return response


def _build_headers(self: CachedResponse) -> CaseInsensitiveDict[str]:
    items = self.record.fields["headers"]
    merged: dict[str, tuple[str, str]] = {}
    for name, value in items:
        lowered = name.lower()
        known = merged.get(lowered)
        merged[lowered] = (name, value) if known is None else (known[0], f"{known[1]}, {value}")
    return CaseInsensitiveDict(merged.values())


def _build_cache_status(self: CachedResponse) -> CacheStatus:
    from ..policy.cache_status import CacheStatus

    return CacheStatus(hit=True, ttl=self.ttl)


def _build_content(self: CachedResponse) -> bytes:
    content: bytes = _build_raw(self).read(decode_content=True)
    return content


def _build_raw(self: CachedResponse) -> Any:
    fields = self.record.fields
    body: bytes | IO[bytes] = self.record.body
    if isinstance(self.record, DetachedRecord) and self.record.reader is not None:
        body = self.record.reader
    request = fields["request"]
    # A body that is kept decoded must not be decoded again, nor measured by its coded length.
    hidden = frozenset() if self.record.flags & Flag.ENCODED else _DECODED_AWAY
    from .raw import build_raw

    return build_raw(
        body,
        [(name, value) for name, value in fields["headers"] if name.lower() not in hidden],
        self.record.status,
        fields["reason"],
        fields.get("version"),
        request["method"],
        fields["url"],
    )


def _build_history(self: CachedResponse) -> list[Response]:
    hops = self.record.fields.get("history", ())
    return [_build_hop(hop, self.record) for hop in hops]


def _build_hop(fields: dict[str, Any], owner: Record) -> CachedResponse:
    body = b64decode(fields["body"])
    from .describe import flags_of

    record = Record(fields["status"], owner.created, owner.expires, fields, body, flags_of(fields))
    return CachedResponse.from_record(record)


def _build_request(self: CachedResponse) -> PreparedRequest:
    from .request import CachedRequest

    return CachedRequest.from_fields(self.record.fields["request"])


def _build_cookies(self: CachedResponse) -> RequestsCookieJar:
    from .cookies import make_jar

    return make_jar(self.record.fields.get("cookies", ()))


_BUILDERS: dict[str, Callable[[CachedResponse], Any]] = {
    "_content": _build_content,
    "cache_status": _build_cache_status,
    "connection": lambda self: None,
    "cookies": _build_cookies,
    "elapsed": lambda self: timedelta(seconds=self.record.fields["elapsed"]),
    "encoding": lambda self: self.record.fields["encoding"],
    "headers": _build_headers,
    "history": _build_history,
    "raw": _build_raw,
    "reason": lambda self: self.record.fields["reason"],
    "request": _build_request,
    "url": lambda self: self.record.fields["url"],
}
