"""Plain Python values as JSON with types: what a user of a storage may keep besides responses."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from ..errors import RecordError, UnsupportedValueError
from ..record import pack_text, parse_text

__all__ = ["MAGIC", "dump_value", "load_value"]

MAGIC: Final = b"RQV\x01"
_BYTES: Final = b"RQB\x01"
_PLAIN: Final = (str, bool, type(None))


def dump_value(value: object) -> tuple[bytes, bytes]:
    """Give head and body of a value; bytes stay as they are.

    Raises:
        UnsupportedValueError: a part of it is of no type listed in the documentation.
    """
    if type(value) is bytes:
        return _BYTES, value
    try:
        return MAGIC + pack_text({"v": _pack(value)}), b""
    except RecursionError as error:
        raise UnsupportedValueError("the value contains itself or is nested too deeply") from error


def load_value(head: bytes, body: bytes | None) -> object:
    """Give back what `dump_value` took.

    Raises:
        RecordError: the bytes are not of this form.
    """
    if head == _BYTES:
        return body or b""
    try:
        return _unpack(parse_text(head[len(MAGIC) :])["v"])
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
    pack = _PACKERS.get(type(value))
    if pack is None:
        raise UnsupportedValueError(
            f"the default serializer takes no {type(value).__name__!r};"
            ' use serializer="pickle" if nobody else can write to the store'
        )
    return pack(value)


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
