"""The response that a hit returns; its attributes are built when they are first read.

What builds them is imported then, too: a hit that is only read for its content needs none of it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from requests import Response

from .. import _door, clock
from .._matching.credentials import Redactor
from ..errors import RecordError
from .detached import DetachedRecord, Kept, Written
from .original import DRAINED, OriginalResponse, attributes_of, set_attributes
from .record import Flag, KeptRecord, Record
from .timed import TimedResponse, in_seconds

if TYPE_CHECKING:
    from ..policy.cache_status import CacheStatus
    from .fields import Fields

__all__ = ["CachedResponse", "OriginalResponse", "copies_of", "copy_of"]

_NOTHING_REDACTED = Redactor()
_CALLER = "_caller"
_new = object.__new__
_content_of_requests: Callable[[Response], Any] = vars(Response)["content"].fget
_WHOLE = "_whole"
"""Is among the attributes when all of them were built."""
_NOT_COPIED = frozenset({"record", "raw", "connection", "_stored", DRAINED, _WHOLE})
_OF_STREAMS = _NOT_COPIED | {"_content", "_content_consumed"}
_WHOLE_RECORDS = frozenset({Record, KeptRecord})


class CachedResponse(TimedResponse):
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
        from .made import make_response

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
        redactor: Redactor = _NOTHING_REDACTED,
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
        return cls.from_record(record, cache_key or getattr(response, "cache_key", None))

    @classmethod
    def _copy(
        cls, response: CachedResponse, expires: float | None, key: str | None
    ) -> CachedResponse:
        from .edited import with_edits

        before = type(response).from_record(response.record)
        record = with_edits(response, before, response.expires_at if expires is None else expires)
        return cls.from_record(record, key or response.cache_key)

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
        """All attributes: whoever copies them gets what a response of the origin has."""
        from .builders import build_all

        return build_all(self, _builders or _fill_builders())

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
        """Become the caller's own when something but the content is asked for.

        Args:
            fit: called with this response and with `caller`.
            caller: what says who the caller is.
        """
        attributes_of(self)[_CALLER] = fit, caller

    def __eq__(self, other: object) -> bool:
        """Say whether the same is stored: each hit gives a new object."""
        if not isinstance(other, CachedResponse):
            return NotImplemented
        from .equality import same_response

        return same_response(self, other)

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
        flags = old.flags & ~Flag.ENCODED
        record = Record(
            old.status, old.created, self.expires_at, old.fields, self.content or b"", flags
        )
        return self._in_memory(record)

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
            own[DRAINED] = True
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
        own.pop(DRAINED, None)
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
        attributes_of(self)["history"] = [_build_hop(hop, self.record) for hop in history]

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


def _build_history(self: CachedResponse) -> list[Response]:
    hops = self.record.fields.get("history", ())
    return [_build_hop(hop, self.record) for hop in hops]


def _build_hop(fields: Fields, owner: Record) -> CachedResponse:
    body = b64decode(fields["body"])
    from .describe import flags_of

    record = Record(fields["status"], owner.created, owner.expires, fields, body, flags_of(fields))
    return CachedResponse.from_record(record)


_builders: dict[str, Callable[[CachedResponse], Any]] = {}


def _fill_builders() -> dict[str, Callable[[CachedResponse], Any]]:
    from .builders import BUILDERS

    _builders.update({"history": _build_history, **BUILDERS})
    return _builders


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
