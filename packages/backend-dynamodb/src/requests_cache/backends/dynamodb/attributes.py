"""Values as attributes, in the words of a client and in those of a resource, and any text as a key.

boto3 has two faces: a client takes `{"S": "text"}`; a resource takes `"text"`, and wraps bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, TypeAlias

from requests_cache._store.entry import is_key

Value: TypeAlias = str | bytes | int | float
Item: TypeAlias = dict[str, Any]
"""An item with plain values: text, bytes, numbers. Numbers come back as floats."""

_TYPES: Final[dict[type, str]] = {str: "S", bytes: "B", int: "N", float: "N"}
# A number has at most 38 digits and lies below 1e126.
_LARGEST: Final = 1e100


def as_for_client(item: Mapping[str, Value]) -> Item:
    """Give an item as a client takes it."""
    return {name: {_TYPES[type(value)]: _plain(value)} for name, value in item.items()}


def _plain(value: Value) -> str | bytes:
    return value if isinstance(value, str | bytes) else _number(value)


def as_for_resource(item: Mapping[str, Value]) -> Item:
    """Give an item as a resource takes it."""
    return {
        name: value if isinstance(value, str | bytes) else Decimal(_number(value))
        for name, value in item.items()
    }


def _number(value: float) -> str:
    return repr(max(-_LARGEST, min(value, _LARGEST)))


def as_item(given: Mapping[str, Any]) -> Item:
    """Give an item that a client or a resource gave, with plain values."""
    return {name: _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        ((kind, value),) = value.items()
        return float(value) if kind == "N" else value
    if isinstance(value, Decimal):
        return float(value)
    # boto3.dynamodb.types.Binary
    return getattr(value, "value", value)


# Any text as a sort key, which has 1 to 1024 bytes of UTF-8

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST: Final = 1024
_MARK: Final = "sha256:"


def sort_key(key: str) -> str:
    """Give the sort key: the key itself, or its hash if it cannot be one or looks like a hash."""
    raw = _raw(key)
    if 0 < len(raw) <= _LONGEST and not key.startswith(_MARK) and is_key(key):
        return key
    return _MARK + sha256(raw).hexdigest()


def with_name(key: str) -> Item:
    """Give the attribute that keeps a key whose sort key is a hash."""
    return {} if sort_key(key) == key else {"name": _raw(key)}


def key_of(item: Item) -> str:
    """Give the key of an item."""
    name = item.get("name")
    try:
        return str(name, "utf-8", "surrogatepass")  # type: ignore[arg-type]  # see below
    except (TypeError, UnicodeDecodeError):  # none, or one that was made up
        return str(item["key"])


def _raw(key: str) -> bytes:
    # Half of a surrogate pair is no Unicode, but it may be in a `str`.
    return key.encode("utf-8", "surrogatepass")
