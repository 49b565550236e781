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
from ..expiration import absolute_expiration, from_timestamp
from .record import DetachedRecord, Flag, Kept, Record, Written

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.cookies import RequestsCookieJar

    from ..expiration import ExpirationTime
    from ..policy.cache_status import CacheStatus

__all__ = ["CachedResponse", "OriginalResponse", "attributes_of"]

attributes_of: Callable[[Response], dict[str, Any]] = Response.__dict__["__dict__"].__get__
"""Give the attributes that a response has by now; `vars()` of a hit builds the rest."""
_set_attributes: Callable[[Response, dict[str, Any]], None] = Response.__dict__["__dict__"].__set__

_NOTHING_REDACTED = Redactor()
_CALLER = "_caller"
_NOT_COPIED = frozenset({"record", "raw", "connection", "_stored"})
_OF_STREAMS = _NOT_COPIED | {"_content", "_content_consumed"}
_WHOLE = "_whole"
"""Is among the attributes when all of them were built."""


class BaseResponse(Response):
    """What both kinds of response show of themselves."""

    from_cache = False
    revalidated = False
    cache_key: str | None = None
    created_at: datetime | None = None
    expires: datetime | None = None

    @property
    def size(self) -> int:
        """Give the size of the body in bytes, as far as it has been read."""
        return len(self._content) if isinstance(self._content, bytes) else 0

    @property
    def expires_unix(self) -> int | None:
        """Give `expires` in whole seconds since the epoch; None for never."""
        return None if self.expires is None else round(self.expires.timestamp())

    @property
    def expires_delta(self) -> int | None:
        """Give the seconds until `expires`, rounded; None for never."""
        return None if self.expires is None else round(self.expires.timestamp() - clock.now())

    @property
    def ttl(self) -> int | None:
        """Give the seconds until `expires`, rounded down, negative if it has; None for never."""
        return None if self.expires is None else floor(self.expires.timestamp() - clock.now())

    @property
    def is_expired(self) -> bool:
        """Say whether the stored copy, if there is one, has expired."""
        return self.expires is not None and self.expires.timestamp() <= clock.now()

    def is_older_than(self, older_than: ExpirationTime) -> bool:
        """Say whether it was received before a time, or longer ago than a duration.

        What is not stored was received just now.
        """
        from ..policy.expiration import get_expiration_datetime

        latest = get_expiration_datetime(older_than, negative_delta=True)
        created = self.created_at or datetime.fromtimestamp(clock.now(), UTC)
        return latest is not None and created < latest

    def __repr__(self) -> str:
        """Show whether it is a hit, its status, URL, size and times; secrets in the URL are not."""
        from .printing import show_response

        return show_response(self)


class OriginalResponse(BaseResponse):
    """A response that came from the origin, with the attributes that a cached one has."""

    cache_status: CacheStatus | None = None

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


class CachedResponse(BaseResponse):
    """A response from the cache; it behaves as `requests.Response` in every attribute.

    Each hit gives a new object: what a caller changes in one is not seen in the next. One that is
    made by hand, for tests and the like, takes attributes as keyword arguments.

    Args:
        status_code: status code.
        content: the body.
        created_at: when it was received; by default now.
        expires: when it expires; by default never.
        cache_key: its key.
        attributes: `url`, `headers`, `reason`, `encoding`, `elapsed`, `cookies`, `history`, `raw`,
            and `request`, prepared or not.
    """

    from_cache = True
    cache_status: CacheStatus
    record: Record

    def __init__(
        self,
        *,
        status_code: int = 0,
        content: bytes | str | None = None,
        created_at: datetime | None = None,
        expires: datetime | None = None,
        cache_key: str | None = None,
        **attributes: Any,
    ) -> None:
        from .made import make_record

        body = content.encode() if isinstance(content, str) else content or b""
        record = make_record(status_code, body, created_at, expires, attributes)
        _set_attributes(self, attributes_of(CachedResponse.from_record(record, cache_key)))
        attributes_of(self).update(attributes)

    @classmethod
    def from_record(cls, record: Record, key: str | None = None) -> CachedResponse:
        """Wrap a record; nothing but its status is read now."""
        self = cls.__new__(cls)
        if record.__class__ is DetachedRecord:
            _set_attributes(self, _unread(record, key))
            return self
        # One dictionary at once: an attribute at a time would take half of the time of a hit.
        state = {
            "record": record,
            "status_code": record.status,
            "cache_key": key,
            "_content": record.body,
            "_content_consumed": True,
            "_next": None,
        }
        if record.flags & Flag.ENCODED:
            del state["_content"]
        _set_attributes(self, state)
        return self

    @classmethod
    def from_response(
        cls,
        response: Response,
        body: Kept | None = None,
        *,
        created: float | None = None,
        expires: datetime | float | None = None,
        redactor: Redactor = _NOTHING_REDACTED,
        flags: int = 0,
        key: str | None = None,
        keep_cookies: bool = True,
    ) -> CachedResponse:
        """Remember a response; `body` is what came over the wire, by default its content."""
        expires = _seconds(expires)
        if isinstance(response, CachedResponse):
            return cls._copy(response.whole(), expires, key)
        from .describe import comes_coded, describe_history, describe_response, flags_of

        fields = describe_response(response, redactor, keep_cookies=keep_cookies)
        if response.history:
            history = describe_history(response.history, redactor, keep_cookies=keep_cookies)
            fields["history"] = history
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
        # What was the caller's own is not stored.
        record = attributes_of(response).get("_stored", response.record)
        if expires is not None:
            record = record.with_times(record.created, expires)
        return cls.from_record(record, key or response.cache_key)

    def __getattr__(self, name: str) -> Any:
        """Build an attribute of `requests.Response` on its first use."""
        build = _BUILDERS.get(name)
        own = attributes_of(self)
        if _CALLER in own:
            make_request, asked, jar = own.pop(_CALLER)
            from .fitting import fit

            fit(self, make_request(asked), jar)
            return getattr(self, name)
        if build is None or "record" not in own or _WHOLE in own:
            from .._earlier.members import missing

            raise missing(type(self), name)
        try:
            value = build(self)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RecordError(f"the stored response has no usable {name!r}") from error
        own[name] = value
        return value

    @property
    def __dict__(self) -> dict[str, Any]:
        """All attributes: whoever copies them gets what a response of the origin has."""
        from .whole import build_all

        return build_all(self, _BUILDERS)

    @__dict__.setter
    def __dict__(self, attributes: dict[str, Any]) -> None:
        _set_attributes(self, attributes)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, which is not built again."""
        assert vars(self) is not None
        super().__delattr__(name)

    def become(self, cls: type) -> None:
        """Build all attributes and be of another class, which has none of our means."""
        assert vars(self) is not None
        object.__dict__["__class__"].__set__(self, cls)

    __class__ = property(type, become)

    def fit_later(
        self, make_request: Callable[[Any], PreparedRequest], asked: Any, jar: Any
    ) -> None:
        """Become the caller's own when something but the content is asked for.

        Args:
            make_request: makes the caller's request.
            asked: is what it makes it of.
            jar: the cookies of the caller.
        """
        attributes_of(self)[_CALLER] = make_request, asked, jar

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the record and what was changed since, so that a copy needs no store.

        A body that is still to be read is read first, as requests does.
        """
        if self.record.__class__ is DetachedRecord:
            return self.whole().__reduce__()
        own = attributes_of(self)
        if _CALLER in own:
            assert self.request is not None
        state = {name: item for name, item in own.items() if name not in _NOT_COPIED}
        if state.get("_content") is self.record.body:
            # The record has it, and it may be large.
            del state["_content"]
        return _restore, (*self.record.dump(), state, type(self))

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
        own = attributes_of(self)
        kept = {name: value for name, value in own.items() if name not in _OF_STREAMS}
        attributes_of(copy).update(kept)
        return copy

    def leave_unread(self) -> None:
        """Have the body read by the caller, once, as requests does with `stream=True`."""
        attributes_of(self).update(_content=False, _content_consumed=False)

    def close(self) -> None:
        """Release what the response holds; nothing, unless its `raw` was used or it streams."""
        if self.is_opened:
            super().close()
        elif self.record.__class__ is DetachedRecord:
            self.raw.close()

    @property
    def is_opened(self) -> bool:
        """Say whether `raw` was used."""
        return "raw" in attributes_of(self)

    @property
    def ttl(self) -> int | None:
        """Give the seconds until the response expires, negative if it has; None for never."""
        return None if self.record.expires == inf else floor(self.record.expires - clock.now())

    @property
    def created_at(self) -> datetime:
        """Give the time at which the response was received or last validated, in UTC."""
        return datetime.fromtimestamp(self.record.created, UTC)

    @created_at.setter
    def created_at(self, when: datetime) -> None:
        self.record = self.record.with_times(_seconds(when) or 0.0, self.expires_at)

    @property
    def expires(self) -> datetime | None:
        """Give the time at which the response expires, in UTC; None for never.

        It may be set; the stored one stays as it is until the response is saved.
        """
        return from_timestamp(self.expires_at)

    @expires.setter
    def expires(self, when: datetime | float | None) -> None:
        self.set_expiration(_seconds(when))

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
        attributes_of(self)["history"] = [_build_hop(hop, self.record) for hop in history]

    @property
    def is_expired(self) -> bool:
        """Say whether the response has expired."""
        return self.record.expires <= clock.now()

    def reset_expiration(self, expire_after: ExpirationTime) -> bool:
        """Give this object another lifetime, counted from now; say whether it has expired by it."""
        self.set_expiration(absolute_expiration(expire_after, clock.now()))
        return self.is_expired

    @property
    def size(self) -> int:
        """Give the size of the stored body in bytes."""
        return self.record.size

    def _repr_html_(self) -> str:
        """Show in a notebook what is remembered, without the body."""
        from ..notebook import age_text, expiry_text, size_text, table

        facts = {
            "URL": self.url,
            "Status": f"{self.status_code} {self.reason or ''}",
            "Type": self.headers.get("Content-Type", ""),
            "Size": size_text(self.record.size),
            "Age": age_text(clock.now() - self.record.created),
            "Expires": expiry_text(self.ttl),
            "Key": self.cache_key or "",
        }
        return table("Response from the cache", facts.items())


def _unread(record: Record, key: str | None) -> dict[str, Any]:
    """Give the attributes of a response whose body is still to be read, as requests makes it."""
    return {
        "record": record,
        "status_code": record.status,
        "cache_key": key,
        "_content": False,
        "_content_consumed": False,
        "_next": None,
    }


def _restore(
    head: bytes, body: bytes, state: dict[str, Any], cls: type[CachedResponse] = CachedResponse
) -> CachedResponse:
    response = cls.from_record(Record.load(head, body))
    attributes_of(response).update(state)
    return response


def _seconds(when: datetime | float | None) -> float | None:
    """Give a time in seconds since the epoch; one without a zone is in UTC, as it is stored."""
    if not isinstance(when, datetime):
        return when
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


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

    # A record that a policy presents knows better.
    told: CacheStatus | None = getattr(self.record, "cache_status", None)
    return CacheStatus(hit=True, ttl=self.ttl) if told is None else told


def _build_content(self: CachedResponse) -> bytes:
    from requests.exceptions import ContentDecodingError
    from urllib3.exceptions import DecodeError

    try:
        content: bytes = _build_raw(self).read(decode_content=True)
    except DecodeError as error:
        raise ContentDecodingError(error) from error
    return content


def _build_raw(self: CachedResponse) -> Any:
    body: bytes | IO[bytes] = self.record.body
    if isinstance(self.record, DetachedRecord) and self.record.reader is not None:
        body = self.record.reader
    from .raw import build_raw

    return build_raw(body, self.record, self.url)


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
    "cache_status": _build_cache_status,
    "connection": lambda self: None,
    "cookies": _build_cookies,
    "elapsed": lambda self: timedelta(seconds=self.record.fields["elapsed"]),
    "encoding": lambda self: self.record.fields["encoding"],
    "headers": _build_headers,
    "history": _build_history,
    "reason": lambda self: self.record.fields["reason"],
    "request": _build_request,
    "url": lambda self: self.record.fields["url"],
    # Last, for one that was listed has no body.
    "_content": _build_content,
    "raw": _build_raw,
}


if not TYPE_CHECKING:  # else every name could be imported

    def __getattr__(name: str) -> Any:
        """Give what earlier versions had here, or say what to use."""
        if name.startswith("_"):  # `from ... import` asks for `__path__` each time
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .._earlier.names import find

        return find(__name__, name)
