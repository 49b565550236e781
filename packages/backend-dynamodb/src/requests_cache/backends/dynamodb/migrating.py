"""What requests-cache 0.7 to 1.3 stored in DynamoDB, for `requests_cache.migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .connection import mapped_errors


def read_earlier(table_name: str, connection: Any = None) -> Iterator[tuple[str, Any]]:
    """Give key and value of every response; what our own version stored is passed over.

    Args:
        table_name: table. Versions before 1.0 have partitions in it, version 1 has not.
        connection: boto3's resource or client; by default a client with the usual settings.
    """
    is_resource = hasattr(getattr(connection, "meta", None), "client")
    client = connection.meta.client if is_resource else connection or _make_client()
    with mapped_errors(table_name):
        for page in client.get_paginator("scan").paginate(TableName=table_name):
            for item in page["Items"]:
                # What comes through a resource has the types of Python already.
                plain = _plain(item) if is_resource else _typed({"M": item})
                if "value" in plain and plain.get("namespace", "responses") == "responses":
                    yield plain["key"], plain["value"]


def _make_client() -> Any:
    import boto3

    return boto3.client("dynamodb")


def _typed(value: dict[str, Any]) -> Any:
    """Give a value that says its type, as a client gives it."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return {name: _typed(each) for name, each in inner.items()}
    if kind == "L":
        return [_typed(each) for each in inner]
    return float(inner) if kind == "N" else None if kind == "NULL" else inner


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    # boto3's own class for bytes has them in an attribute.
    return getattr(value, "value", value)
