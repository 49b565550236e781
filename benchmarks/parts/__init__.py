"""What is measured, one file for each part."""

from __future__ import annotations

from row import Row

from parts import (
    coldstart,
    growth,
    hit,
    http,
    imports,
    large,
    miss,
    networked,
    size,
    stampede,
    storage,
    threads,
)

__all__ = ["ON_REQUEST", "PARTS", "rows_by_key"]

PARTS: dict[str, tuple[Row, ...]] = {
    "hit": hit.ROWS,
    "http": http.ROWS,
    "miss": miss.ROWS,
    "storage": storage.ROWS,
    "large": large.ROWS,
    "threads": threads.ROWS,
    "stampede": stampede.ROWS,
    "import": imports.ROWS,
    "coldstart": coldstart.ROWS,
    "size": size.ROWS,
    "growth": growth.ROWS,
    "networked": networked.ROWS,
}
"""In the order of the tables."""

ON_REQUEST = frozenset({"growth", "networked"})
"""Parts that run only when they are named: they take long, or need servers."""


def rows_by_key() -> dict[str, Row]:
    """Give every row by its key."""
    return {row.key: row for rows in PARTS.values() for row in rows}
