"""The response that a hit returns; its attributes are built when they are first read.

What builds them is imported then, too: a hit that is only read for its content needs none of it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.cookiejar import Cookie
from math import floor, inf
from typing import TYPE_CHECKING, Any, Final

from requests import Response

from .. import _door, clock
from .._matching.credentials import Redactor
from ..errors import BodyNotReadError, RecordError
from ..expiration import absolute_expiration, from_timestamp
from .base import BaseResponse, attributes_of, set_attributes
from .record import DetachedRecord, Flag, Kept, KeptRecord, Record, Written

if TYPE_CHECKING:
    from typing import Unpack

    from requests import PreparedRequest

    from ..expiration import ExpirationTime
    from ..policy.cache_status import CacheStatus
    from .fields import Fields

__all__ = ["CachedResponse", "OriginalResponse", "copies_of", "copy_of", "fit"]

_REDACTOR: Final = Redactor()
_CALLER = "_caller"
_new = object.__new__
_content_of_requests: Callable[[Response], Any] = vars(Response)["content"].fget
# Is among the attributes when all of them were built.
_WHOLE: Final = "_whole"
# Is there once its body was read as if through its `raw`.
_DRAINED: Final = "_is_drained"
_NOT_COPIED = frozenset({"record", "raw", "connection", "_stored", _DRAINED, _WHOLE})
_OF_STREAMS = _NOT_COPIED | {"_content", "_content_consumed"}
_WHOLE_RECORDS = frozenset({Record, KeptRecord})
# What marks a response of the origin, too; the times may be changed at any time.
_MARKS: Final = ("from_cache", "revalidated")
_TIMES: Final = ("created_at", "expires")


class OriginalResponse(BaseResponse):
    """A response that came from the origin, with the attributes that a cached one has."""

    cache_status: CacheStatus | None = None

    @staticmethod
    def mark(
        response: Response,
        status: CacheStatus,
        stored: BaseResponse | None = None,
        key: str | None = None,
    ) -> Response:
        """Give a response of the origin the attributes that one from the cache has.

        What came from the origin's side may itself be a hit, of this cache or of another one: it
        has them.
        """
        if isinstance(response, BaseResponse) and not isinstance(response, OriginalResponse):
            return response
        if type(response) is Response:
            response.__class__ = OriginalResponse
        # Another library's subclass keeps its class and gets attributes of its own.
        marked: Any = response
        marked.cache_status = status
        marked.from_cache = False
        marked.revalidated = False
        marked.cache_key = key
        # A response with an error status is false.
        marked.created_at = None if stored is None else stored.created_at
        marked.expires = None if stored is None else stored.expires
        return response

    @classmethod
    def wrap_response(cls, response: Response, actions: object = None) -> Response:
        """Give a response the attributes that one from the cache has, as version 1 calls it.

        Args:
            response: the response, which is changed.
            actions: what was decided; if it has a `cache_key`, so has the response.
        """
        from ..policy.cache_status import CacheStatus

        key = getattr(actions, "cache_key", None)
        return cls.mark(response, CacheStatus(fwd="bypass", detail="wrap_response"), key=key)


class CachedResponse(BaseResponse):
    """A response from the cache; it behaves as `requests.Response` in every attribute.

    Each hit gives a new object: what a caller changes in one is not seen in the next. One that is
    made by hand, for tests and the like, takes attributes as keyword arguments.

    Args:
        status_code: status code.
        content: the body.
        created_at: when it was received; by default now. One without a zone is in UTC.
        expires: when it expires, likewise; by default never.
        cache_key: its key.
        attributes: `url`, `headers`, `reason`, `encoding`, `elapsed`, `cookies`, `history`, `raw`,
            and `request`, prepared or not.
    """

    from_cache = True
    cache_status: CacheStatus
    record: Record
    _is_drained = False

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
        from .builders import make_response

        body = content.encode() if isinstance(content, str) else content or b""
        made = CachedResponse.from_response(
            make_response(status_code, body, attributes),
            created_at=created_at,
            expires=expires,
            cache_key=cache_key,
            keep_cookies=False,
        )
        set_attributes(self, {**attributes_of(made), **attributes})

    @classmethod
    def from_record(cls, record: Record, key: str | None = None) -> CachedResponse:
        """Wrap a record; nothing but its status is read now."""
        self = cls.__new__(cls)
        # A body that is still to be read is so as requests makes it.
        is_read = record.__class__ is not DetachedRecord
        # One dictionary at once: an attribute at a time would take half of the time of a hit.
        state = {
            "record": record,
            "status_code": record.status,
            "cache_key": key,
            "_content": is_read and record.body,
            "_content_consumed": is_read,
            "_next": None,
        }
        if is_read and record.flags & Flag.ENCODED:
            del state["_content"]
        set_attributes(self, state)
        return self

    @classmethod
    def from_response(
        cls,
        response: Response,
        body: Kept | None = None,
        *,
        created_at: datetime | float | None = None,
        expires: datetime | float | None = None,
        redactor: Redactor = _REDACTOR,
        flags: int = 0,
        cache_key: str | None = None,
        keep_cookies: bool = True,
        items: Iterable[tuple[str, str]] | None = None,
    ) -> CachedResponse:
        """Remember a response.

        `body` is what came over the wire, by default its content; `items` are the header fields
        to store, by default its own. Times are datetimes, or in seconds since the epoch.
        """
        expires, created = in_seconds(expires), in_seconds(created_at)
        if isinstance(response, CachedResponse):
            return cls._copy(response._with_all(), expires, cache_key)
        from .describe import comes_coded, describe_history, describe_response, flags_of

        fields = describe_response(response, redactor, keep_cookies=keep_cookies, items=items)
        if response.history:
            history = describe_history(response.history, redactor, keep_cookies=keep_cookies)
            fields["history"] = history
        if body is None:
            body = response.content or b""
        elif comes_coded(response):
            flags |= Flag.ENCODED
        created = clock.now() if created is None else created
        head = response.status_code, created, expires, fields
        flags |= flags_of(fields)
        key = cache_key or getattr(response, "cache_key", None)
        if not isinstance(body, Written):
            return cls.from_record(Record(*head, body, flags), key)
        detached = DetachedRecord(*head, b"", flags)
        detached.attach_writer(body)
        return cls.from_record(detached, key)

    @classmethod
    def _copy(
        cls, response: CachedResponse, expires: float | None, key: str | None
    ) -> CachedResponse:
        from .builders import with_edits

        before = type(response).from_record(response.record)
        until = response.expires_at if expires is None else expires
        record = with_edits(attributes_of(response), response.record, before, until)
        return cls.from_record(record, key or response.cache_key)

    @property
    def ttl(self) -> int | None:
        """Give the seconds until the response expires, negative if it has; None for never."""
        return None if self.record.expires == inf else floor(self.record.expires - clock.now())

    @property
    def size(self) -> int:
        """Give the size of the stored body in bytes."""
        return self.record.size

    @property
    def created_at(self) -> datetime:
        """Give the time at which the response was received or last validated, in UTC."""
        return datetime.fromtimestamp(self.record.created, UTC)

    @created_at.setter
    def created_at(self, when: datetime) -> None:
        self.record = self.record.with_times(in_seconds(when) or 0.0, self.expires_at)

    @property
    def expires(self) -> datetime | None:
        """Give the time at which the response expires, in UTC; None for never.

        It may be set; the stored one stays as it is until the response is saved.
        """
        return from_timestamp(self.expires_at)

    @expires.setter
    def expires(self, when: datetime | float | None) -> None:
        self.set_expiration(in_seconds(when))

    @property
    def expires_at(self) -> float | None:
        """Give `expires` in seconds since the epoch; None for never."""
        return None if self.record.expires == inf else self.record.expires

    def set_expiration(self, expires: float | None) -> None:
        """Change when this object says that it expires; the stored one stays as it is."""
        self.record = self.record.with_times(self.record.created, expires)

    @property
    def is_expired(self) -> bool:
        """Say whether the response has expired."""
        return self.record.expires <= clock.now()

    def reset_expiration(self, expire_after: ExpirationTime) -> bool:
        """Give this object another lifetime, counted from now; say whether it has expired by it."""
        self.set_expiration(absolute_expiration(expire_after, clock.now()))
        return self.is_expired

    def change_fields(self, **changes: Unpack[Fields]) -> None:
        """Change fields of this object's record; the stored one stays as it is."""
        old = self.record
        fields: Fields = {**old.fields, **changes}
        self.record = old.with_times(old.created, self.expires_at, fields)

    def __getattr__(self, name: str) -> Any:
        """Build an attribute of `requests.Response` on its first use."""
        build = (_builders or _fill_builders()).get(name)
        own = attributes_of(self)
        if _CALLER in own:
            fit, caller = own.pop(_CALLER)
            fit(self, caller)
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
        """All attributes, built by now or not: who copies them gets what the origin's response has.

        What is taken out of it afterwards is gone, as with any object.
        """
        own = attributes_of(self)
        if "record" not in own:
            return own
        if _WHOLE not in own:
            # One that was listed has no body, and says so to who asks for it.
            with suppress(BodyNotReadError):
                for name in _builders or _fill_builders():
                    getattr(self, name)
                own[_WHOLE] = True
            for name in _MARKS:
                own.setdefault(name, getattr(self, name))
        own.update((name, getattr(self, name)) for name in _TIMES)
        return own

    @__dict__.setter
    def __dict__(self, attributes: dict[str, Any]) -> None:
        set_attributes(self, attributes)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, which is not built again."""
        assert vars(self) is not None
        super().__delattr__(name)

    def become(self, cls: type) -> None:
        """Build all attributes and be of another class, which has none of our means."""
        assert vars(self) is not None
        object.__dict__["__class__"].__set__(self, cls)

    __class__ = property(type, become)

    def fit_later(self, fit: Callable[[Any, Any], None], caller: Any) -> None:
        """Become the caller's, by `fit(self, caller)`, when more than the content is asked for."""
        attributes_of(self)[_CALLER] = fit, caller

    def __eq__(self, other: object) -> bool:
        """Say whether the same is stored, whoever asks: each hit gives a new object.

        A status or header fields that a caller has changed count as they are now. A body that
        streams is not read for it.
        """
        if not isinstance(other, CachedResponse):
            return NotImplemented
        return self is other or self._facts() == other._facts()

    def _facts(self) -> tuple[Any, ...]:
        record = attributes_of(self).get("_stored", self.record)
        # Its size stands for a body that can be read but once.
        body = record.size if record.__class__ is DetachedRecord else record.body
        times = record.created, self.expires_at
        fields = {name: value for name, value in record.fields.items() if name != "request"}
        return self.status_code, self.headers, times, fields, body

    def __hash__(self) -> int:
        """Give the same number for equal responses."""
        return hash(self.record.created)

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
        body, flags = self.content or b"", old.flags & ~Flag.ENCODED
        return self._in_memory(
            Record(old.status, old.created, self.expires_at, old.fields, body, flags)
        )

    def _with_all(self) -> CachedResponse:
        """Give the response as `whole` does, with what was read of a body that streams, too."""
        record = self.record
        if isinstance(record, DetachedRecord) and attributes_of(self).get("_content") is False:
            reader = record.reader
            if reader is not None and not reader.closed:
                return self._in_memory(record.load_body())
        return self.whole()

    def _in_memory(self, record: Record) -> CachedResponse:
        copy = self.from_record(record, self.cache_key)
        own = attributes_of(self)
        kept = {name: value for name, value in own.items() if name not in _OF_STREAMS}
        attributes_of(copy).update(kept)
        return copy

    def leave_unread(self) -> None:
        """Have the body read by the caller, as requests does with `stream=True`."""
        attributes_of(self).update(_content=False, _content_consumed=False)

    @property
    def content(self) -> bytes | Any:
        """The body; one in memory that is still unread is not read through urllib3."""
        content = self._content
        if content is False:
            own = attributes_of(self)
            self._begin_again()
            is_whole = type(self.record) in _WHOLE_RECORDS
            is_simple = is_whole and not self.record.flags & Flag.ENCODED
            if not is_simple or self._content_consumed or self.is_opened:
                return _content_of_requests(self)
            own["_content"] = content = self.record.body
            own[_DRAINED] = True
        # To set it takes longer than to look.
        if not self._content_consumed:
            self._content_consumed = True
        return content

    if not TYPE_CHECKING:  # for type checkers it is that of requests

        def iter_content(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            """Iterate over the body, which a hit has for as many readings as the caller likes."""
            if self._content is False:
                self._begin_again()
            return super().iter_content(*args, **kwargs)

    def _begin_again(self) -> None:
        """Have a body that was read to its end read from its beginning, if it is to be had."""
        if not self._content_consumed:
            return
        record, own = self.record, attributes_of(self)
        if isinstance(record, DetachedRecord) and not record.begin_again():
            return
        own.pop(_DRAINED, None)
        own["raw"] = _fill_builders()["raw"](self)
        self._content_consumed = False

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

    def set_history(self, history: list[Fields]) -> None:
        """Take over the redirects on the way to this response, as fields of a record."""
        attributes_of(self)["history"] = [self.make_hop(fields) for fields in history]

    def make_hop(self, fields: Fields) -> CachedResponse:
        """Make a redirect on the way to this response."""
        from .describe import flags_of

        to, body, flags = self.record, b64decode(fields["body"]), flags_of(fields)
        hop = Record(fields["status"], to.created, to.expires, fields, body, flags)
        return CachedResponse.from_record(hop)

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


def in_seconds(when: datetime | float | None) -> float | None:
    """Give a time in seconds since the epoch; one without a zone is in UTC, as it is stored."""
    if not isinstance(when, datetime):
        return when
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def fit(response: CachedResponse, request: PreparedRequest | None, jar: Iterable[Any]) -> None:
    """Give a stored response, or a redirect on the way to one, what is the caller's.

    That is his request, if it was made, and what the cookies of his jar say.
    """
    fields = response.record.fields
    changes: Fields = {}
    is_asked = "cookies" in fields or "own" in fields
    cookies = [cookie for cookie in jar if isinstance(cookie, Cookie)] if is_asked else []
    headers = fields["headers"]
    if places := fields.get("own"):
        from .._matching.owner import cookie_source, numbered, put_back, values_of

        values = {cookie_source(cookie.name): cookie.value or "" for cookie in cookies}
        values.update(values_of(request) if request is not None else {})
        headers = changes["headers"] = [
            (name, put_back(line, places[place], values) if place in places else line)
            for place, (name, line) in numbered(headers)
        ]
    if "cookies" in fields:
        # Imported on first use: few responses have what is their caller's own.
        from .describe import kept_place, with_values

        held = {kept_place(cookie): cookie for cookie in cookies}
        changes["cookies"], changes["headers"] = with_values(fields["cookies"], headers, held)
    if changes:
        attributes_of(response).setdefault("_stored", response.record)
        response.change_fields(**changes)
    if request is not None:
        attributes_of(response).update(request=request, url=request.url)


def copy_of(attributes: dict[str, Any]) -> CachedResponse:
    """Give what `from_record` has made once more, of its attributes."""
    response = _new(CachedResponse)
    set_attributes(response, attributes.copy())
    return response


def copies_of(response: CachedResponse) -> Callable[[Record], CachedResponse]:
    """Give what makes the same once more, of the same record with another body."""
    attributes = {**attributes_of(response), "record": None}
    has_content = attributes.get("_content", False) is not False
    if has_content:
        attributes["_content"] = b""

    def with_body(record: Record) -> CachedResponse:
        response, own = _new(CachedResponse), attributes.copy()
        own["record"] = record
        if has_content:
            own["_content"] = record.body
        set_attributes(response, own)
        return response

    return with_body


def _restore(
    head: bytes, body: bytes, state: dict[str, Any], cls: type[CachedResponse] = CachedResponse
) -> CachedResponse:
    response = cls.from_record(Record.load(head, body))
    attributes_of(response).update(state)
    return response


_builders: dict[str, Callable[[CachedResponse], Any]] = {}


def _fill_builders() -> dict[str, Callable[[CachedResponse], Any]]:
    from .builders import BUILDERS

    _builders.update(BUILDERS)
    return _builders


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
