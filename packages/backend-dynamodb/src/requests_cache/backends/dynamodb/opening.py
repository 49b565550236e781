"""Opening a table from the options that a cache or a mapping was given."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from requests_cache.errors import StorageError
from requests_cache.option_types import FLAG, NAME, TEXT_OR_NONE, Kind, client_kind

from .connection import Connection
from .creation import Creation
from .table import Table

__all__ = ["TABLE_KINDS", "TABLE_OPTIONS", "open_table"]

logger: logging.Logger = logging.getLogger("requests_cache")

TABLE_OPTIONS = (
    "read_capacity_units",
    "write_capacity_units",
    "create_table",
    "consistent_reads",
)
"""Keyword options of a table; the others are boto3's."""

TABLE_KINDS: Mapping[str, Kind] = {
    "table_name": NAME,
    "namespace": NAME,
    "create_table": FLAG,
    "consistent_reads": FLAG,
    "connection": client_kind("a resource or client of boto3, or None"),
    "region_name": TEXT_OR_NONE,
    "endpoint_url": TEXT_OR_NONE,
}
"""What the options of this library may be; the others are those of boto3."""


def open_table(
    owner: str,
    table_name: str,
    connection: Any,
    options: dict[str, Any],
    known: Iterable[str] = (),
) -> Table:
    """Open a table, and create it if it is missing and may be created.

    Args:
        owner: name of the class that the options were given to, for messages.
        table_name: name of the table.
        connection: boto3's resource or client to use instead of making one.
        options: options of the table, and arguments of boto3.
        known: other options of the owner, for suggestions.
    """
    own = {name: options.pop(name) for name in TABLE_OPTIONS if name in options}
    creation = Creation(own.get("read_capacity_units", 1), own.get("write_capacity_units", 1))
    creation.check()
    table = Table(
        Connection(owner, connection, options, (*known, *TABLE_OPTIONS)),
        table_name,
        creation if own.get("create_table", True) else None,
        own.get("consistent_reads", True),
    )
    try:
        table.prepare()
    except StorageError as error:
        # A service that is down is no reason not to start; the first request tries again.
        logger.warning("%s: the table could not be looked at: %s", owner, error)
    return table
