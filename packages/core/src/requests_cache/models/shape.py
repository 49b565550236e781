"""Whether a record's text has the shape that a response is built from.

The checksums of a record find damage. This finds text that was made up: a record that passes both
gives every attribute of a response without an error. It is looked at once in a process.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Final

from ..errors import RecordError
from .record import Fields, Record

__all__ = ["check_fields", "check_shape"]

_MOST_REMEMBERED: Final = 4096
_checked: dict[int, None] = {}

# What datetime can show, and timedelta can hold, in seconds.
_FIRST_SECOND: Final = -62135596800
_LAST_SECOND: Final = 253402300799
_LONGEST: Final = 86399999999999


def check_shape(record: Record) -> None:
    """Look at a record that is seen for the first time.

    Raises:
        RecordError: a response cannot be built from it.
    """
    if record.checksum in _checked:
        return
    # Not a number is not greater than anything; infinity stands for never.
    if not (_FIRST_SECOND <= record.created <= _LAST_SECOND and record.expires >= _FIRST_SECOND):
        raise RecordError("the record has an impossible time")
    check_fields(record.fields)
    if len(_checked) >= _MOST_REMEMBERED:
        _checked.clear()
    if record.checksum:
        _checked[record.checksum] = None


def check_fields(fields: Fields) -> None:
    """Look at the fields of a response and of the redirects that led to it.

    Raises:
        RecordError: a response cannot be built from them.
    """
    try:
        _check_response(fields)
        for hop in fields.get("history", ()):
            _check_response(hop)
            _require(0 <= hop["status"] <= 0xFFFF, "status")
            b64decode(hop["body"])
        for name, value in fields.get("vary", ()):
            _require(isinstance(name, str) and isinstance(value, str | None), "vary")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecordError(f"the record's text lacks something or has it wrong: {error}") from error


def _check_response(fields: Fields) -> None:
    _require(isinstance(fields["url"], str), "url")
    _require(isinstance(fields["reason"], str | None), "reason")
    _require(isinstance(fields["encoding"], str | None), "encoding")
    _require(isinstance(fields.get("version"), int | None), "version")
    _require(-_LONGEST < fields["elapsed"] < _LONGEST, "elapsed")
    _check_headers(fields["headers"])
    _check_request(fields["request"])
    if "cookies" in fields:
        # Imported on first use, for an import is part of a cold start.
        from .cookies import make_jar

        make_jar(fields["cookies"])


def _check_request(fields: Fields) -> None:
    _require(isinstance(fields["method"], str | None), "method")
    _require(isinstance(fields["url"], str), "the request's url")
    _check_headers(fields["headers"])
    body = fields.get("body")
    if isinstance(body, dict):
        b64decode(body["base64"])
    else:
        _require(isinstance(body, str | None), "the request's body")


def _check_headers(headers: Any) -> None:
    for name, value in headers:
        if type(name) is not str or type(value) is not str:
            raise TypeError("headers")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise TypeError(what)
