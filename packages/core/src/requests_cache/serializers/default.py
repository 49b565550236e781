"""The default serializer: records for responses, typed JSON for plain values; executes nothing.

What a user of a storage keeps besides responses is a plain value. Its head is a mark of four bytes,
the CRC-32 of what follows, and JSON with types; the head of bytes has their length and CRC-32
instead, and the body is the bytes themselves.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from struct import Struct
from typing import Any, Final
from zlib import crc32

from ..errors import RecordError, UnsupportedValueError
from ..models.record import MAGIC, Record, pack_text, parse_text
from ..models.response import CachedResponse
from ..models.shape import check_shape
from .base import Serializer, mismatch

_TAGS: Final = (b"RQV", b"RQB")

_TEXT: Final = b"RQV\x01"
_BYTES: Final = b"RQB\x01"
_TEXT_HEAD: Final = Struct("<4sI")
_BYTES_HEAD: Final = Struct("<4sQI")
_PLAIN: Final = (str, bool, type(None))


class DefaultSerializer(Serializer):
    """Write responses as records (`requests_cache.models.record`), other values as typed JSON."""

    name = "default"
    splits = True
    streams = True

    def encode(self, value: object) -> tuple[bytes, bytes]:
        if isinstance(value, CachedResponse):
            return value.record.dump()
        return dump_value(value)

    def peek(self, head: bytes, body: bytes | None) -> object:
        if head[:3] == MAGIC:
            return CachedResponse.from_record(Record.load(head, body))
        return self.decode(head, body)

    def url_of(self, head: bytes, body: bytes | None) -> str:
        if head[:3] == MAGIC:
            return Record.load(head, None).url
        return super().url_of(head, body)

    def decode(self, head: bytes, body: bytes | None) -> object:
        tag = head[:3]
        if tag == MAGIC:
            record = Record.load(head, body)
            check_shape(record)
            return CachedResponse.from_record(record)
        if tag in _TAGS:
            return load_value(head, body)
        raise mismatch(head, self.name)


# Plain values


def dump_value(value: object) -> tuple[bytes, bytes]:
    """Give head and body of a value; bytes stay as they are.

    Raises:
        UnsupportedValueError: a part of it is of no type listed in the documentation.
    """
    if type(value) is bytes:
        return _BYTES_HEAD.pack(_BYTES, len(value), crc32(value)), value
    text = pack_text({"v": pack(value)})
    return _TEXT_HEAD.pack(_TEXT, crc32(text)) + text, b""


def load_value(head: bytes, body: bytes | None) -> object:
    """Give back what `dump_value` took.

    Raises:
        RecordError: the bytes are not of this form.
    """
    if head[:4] == _BYTES:
        return _load_bytes(head, body)
    if head[:4] != _TEXT:
        raise RecordError("the stored value has a version that this library does not read")
    text = head[_TEXT_HEAD.size :]
    if head[: _TEXT_HEAD.size] != _TEXT_HEAD.pack(_TEXT, crc32(text)):
        raise RecordError("the stored value is damaged")
    return unpack(parse_text(text).get("v"))


def _load_bytes(head: bytes, body: bytes | None) -> bytes:
    if body is None:
        return b""
    if head != _BYTES_HEAD.pack(_BYTES, len(body), crc32(body)):
        raise RecordError("the stored bytes are damaged")
    return body


def pack(value: object) -> Any:
    """Give a value as JSON with types.

    Raises:
        UnsupportedValueError: a part of it is of no type listed in the documentation.
    """
    try:
        return _pack(value)
    except RecursionError as error:
        raise UnsupportedValueError("the value contains itself or is nested too deeply") from error


def unpack(packed: Any) -> Any:
    """Give back what `pack` took.

    Raises:
        RecordError: it is not of this form.
    """
    try:
        return _unpack(packed)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise RecordError("the stored value is damaged") from error


def _pack(value: object) -> Any:
    if type(value) in _PLAIN:
        return value
    if type(value) is int:
        # Beyond 64 bits JSON readers differ, and Python limits the digits that it converts.
        return value if -(2**63) <= value < 2**63 else {"i": hex(value)}
    if type(value) is float:
        return {"f": value.hex()}
    if type(value) is list:
        return [_pack(item) for item in value]
    pack_it = _PACKERS.get(type(value))
    if pack_it is None:
        raise UnsupportedValueError(
            f"only the pickle serializer takes a value of type {type(value).__name__!r}:"
            ' use serializer="pickle" if nobody else can write to the store'
        )
    return pack_it(value)


def _unpack(packed: Any) -> Any:
    if isinstance(packed, list):
        return [_unpack(item) for item in packed]
    if isinstance(packed, dict):
        ((tag, content),) = packed.items()
        return _UNPACKERS[tag](content)
    return packed


_PACKERS: Final[dict[type, Callable[[Any], Any]]] = {
    bytes: lambda v: {"b": b64encode(v).decode("ascii")},
    date: lambda v: {"date": v.isoformat()},
    datetime: lambda v: {"datetime": v.isoformat()},
    dict: lambda v: {"d": [[_pack(key), _pack(item)] for key, item in v.items()]},
    frozenset: lambda v: {"z": [_pack(item) for item in v]},
    set: lambda v: {"s": [_pack(item) for item in v]},
    time: lambda v: {"time": v.isoformat()},
    timedelta: lambda v: {"delta": [v.days, v.seconds, v.microseconds]},
    tuple: lambda v: {"t": [_pack(item) for item in v]},
}

_UNPACKERS: Final[dict[str, Callable[[Any], Any]]] = {
    "b": b64decode,
    "d": lambda v: {_unpack(key): _unpack(item) for key, item in v},
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "delta": lambda v: timedelta(*v),
    "f": float.fromhex,
    "i": lambda v: int(v, 16),
    "s": lambda v: {_unpack(item) for item in v},
    "t": lambda v: tuple(_unpack(item) for item in v),
    "time": time.fromisoformat,
    "z": lambda v: frozenset(_unpack(item) for item in v),
}
