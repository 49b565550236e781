"""Values as attributes, in the words of a client and in those of a resource.

boto3 has two faces: a client takes `{"S": "text"}`; a resource takes `"text"`, and wraps bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

__all__ = ["Item", "Value", "as_for_client", "as_for_resource", "as_item"]

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
