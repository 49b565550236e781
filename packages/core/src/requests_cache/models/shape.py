"""Whether a record's text has the shape that a response is built from.

The checksums of a record find damage. This finds text that was made up: a record that passes both
gives every attribute of a response without an error, and every rule what it reads. It is looked at
once in a process. This is the one place that knows what each field may hold.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from .._memos import Memo
from .._store.entry import is_key
from ..errors import RecordError
from .record import MAGIC, Record, checksum_of, remember_fields

_MOST_REMEMBERED: Final = 4096
_checked: Memo[int, None] = Memo(_MOST_REMEMBERED)

# What datetime can show, and timedelta can hold, in seconds.
_FIRST_SECOND: Final = -62135596800
_LAST_SECOND: Final = 253402300799
_LONGEST: Final = 86399999999999


def check_shape(record: Record) -> None:
    """Raise RecordError if a response cannot be built from a record; it is looked at once."""
    if record.checksum in _checked:
        return
    if not _has_times(record):
        raise RecordError("the record has an impossible time")
    check_fields(record.read_fields())
    if record.checksum:
        _checked[record.checksum] = None


def note_renewed(record: Record, head: bytes) -> None:
    """Take note that a head was written of a record that was looked at and brought up to date.

    What is read once may be used once; what is validated is read again and again.
    """
    if record.checksum in _checked and _has_times(record) and head.startswith(MAGIC):
        _checked[checksum_of(head)] = None
        remember_fields(head, record.fields)
        record.source = head


def _has_times(record: Record) -> bool:
    # Not a number is not greater than anything; infinity stands for never.
    return _is_time(record.created) and record.expires >= _FIRST_SECOND


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise RecordError for fields that a response, with its redirects, cannot be built from."""
    _check(fields, _RESPONSE, _REQUIRED)


def check_history(history: object) -> bool:
    """Raise RecordError for redirects that are no list of fields to build responses from."""
    if not isinstance(history, list):
        raise RecordError("the redirects of a record are no list")
    for hop in history:
        if not isinstance(hop, dict):
            raise RecordError("a redirect of a record has no fields")
        _check(hop, _HOP, _REQUIRED_OF_HOP)
    return True


Check: TypeAlias = "Callable[[Any], object]"
"""Is true for what a field may hold; for other values it is false, or raises."""

_WRONG: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def _check(
    fields: Mapping[str, Any], checks: Mapping[str, Check], required: frozenset[str]
) -> None:
    # A long list looks at each of its responses: one pass over what is there, no call for the rest.
    if not required <= fields.keys():
        raise RecordError(f"the record's text lacks {min(required - fields.keys())!r}")
    name = ""
    try:
        for name, value in fields.items():
            if name in checks and not checks[name](value):
                break
        else:
            return
    except _WRONG:
        pass
    raise RecordError(f"the record's text has no usable {name!r}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _may_be_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and abs(value) < 1 << 63


def _may_be_whole(value: object) -> bool:
    return value is None or _is_whole(value)


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and _FIRST_SECOND <= value <= _LAST_SECOND


def _is_duration(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < _LONGEST


def _is_url(value: str) -> bool:
    # What cannot be taken apart raises; that is never so without brackets and letters of Unicode.
    is_simple = value.isascii() and "[" not in value and "]" not in value
    return is_simple or (is_key(value) and urlsplit(value) is not None)


def _is_encoding(value: str | None) -> bool:
    # Of a name that Python does not know requests makes something; of these it cannot.
    return value is None or (is_key(value) and "\0" not in value)


def _are_needs(items: Any) -> bool:
    return all(len(item) == 3 and all(type(part) is str for part in item) for item in items)


def _are_sources(places: dict[str, Any]) -> bool:
    return all(
        type(place) is str and all(source is None or type(source) is str for source in sources)
        for place, sources in places.items()
    )


def _are_headers(items: Any) -> bool:
    for name, value in items:  # noqa: SIM110  # a generator takes twice as long
        if type(name) is not str or type(value) is not str:
            return False
    return True


def _are_selecting(items: Any) -> bool:
    return all(_is_text(name) and _may_be_text(value) for name, value in items)


def _are_keys(items: Any) -> bool:
    return isinstance(items, list) and all(map(is_key, items))


def _is_lifetime(value: object) -> bool:
    return value is None or value == "inf" or _is_duration(value)


def _is_body(value: Any) -> bool:
    return _may_be_text(value) or b64decode(value["base64"]) is not None


def _is_request(fields: Any) -> bool:
    _check(fields, _REQUEST, _REQUIRED_OF_REQUEST)
    return True


def _are_cookies(cookies: list[list[Any]]) -> bool:
    if not cookies:
        return isinstance(cookies, list)
    # Imported on first use, for an import is part of a cold start.
    from .describe import are_attributes, make_jar

    return all(map(are_attributes, cookies)) and make_jar(cookies) is not None


_REQUEST: Final[dict[str, Check]] = {
    "method": _may_be_text,
    "url": _is_text,
    "headers": _are_headers,
    "body": _is_body,
}
_RESPONSE: Final[dict[str, Check]] = {
    "url": _is_url,
    "reason": _may_be_text,
    "encoding": _is_encoding,
    "elapsed": _is_duration,
    "headers": _are_headers,
    "request": _is_request,
    "version": _may_be_whole,
    "protocol": _may_be_text,
    "cookies": _are_cookies,
    "history": check_history,
    "vary": _are_selecting,
    "siblings": _are_keys,
    "sent": _is_time,
    "lifetime": _is_lifetime,
    "owner": _is_text,
    "selected": _is_text,
    "needs": _are_needs,
    "own": _are_sources,
}
_HOP: Final[dict[str, Check]] = {
    **_RESPONSE,
    "status": lambda value: _is_whole(value) and 0 <= value <= 0xFFFF,
    "body": lambda value: _is_text(value) and b64decode(value) is not None,
}
_REQUIRED_OF_REQUEST: Final = frozenset({"method", "url", "headers"})
_REQUIRED: Final = frozenset({"url", "reason", "encoding", "elapsed", "headers", "request"})
_REQUIRED_OF_HOP: Final = _REQUIRED | {"status", "body"}
