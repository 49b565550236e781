"""The support table of the README, written from what the stores declare."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from .._store.entry import Capabilities

__all__ = ["support_table"]

_COLUMNS = (
    "Backend",
    "Persistent",
    "Shared between processes",
    "Deletes by itself",
    "Exactness of times",
    "Largest value",
    "Longest key",
    "Bulk operations",
    "Lists without bodies",
    "Keeps the order",
    "Evicts what is least used",
    "Bodies in pieces",
    "One fetch among processes",
)


def support_table(stores: Iterable[tuple[str, Capabilities]]) -> str:
    """Give a Markdown table of what stores can do; `stores` are names with declarations."""
    rows = [_COLUMNS, tuple("---" for _ in _COLUMNS)]
    rows += [(name, *_cells(capabilities)) for name, capabilities in stores]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(declared: Capabilities) -> tuple[str, ...]:
    return (
        _yes_or_no(declared.persistent),
        _yes_or_no(declared.shared_between_processes),
        _sweep(declared.native_expiry),
        "exact" if not declared.expiry_resolution else f"{declared.expiry_resolution:g} s",
        _size(declared.max_value_size),
        _size(declared.max_key_size),
        _yes_or_no(declared.bulk),
        _yes_or_no(declared.heads_apart),
        _yes_or_no(declared.ordered),
        _yes_or_no(declared.bounded),
        _yes_or_no(declared.streaming),
        _yes_or_no(declared.leases),
    )


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _sweep(seconds: float | None) -> str:
    if seconds is None:
        return "no"
    return "some day" if seconds == inf else f"within {_duration(seconds)}"


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _size(size: int | None) -> str:
    if size is None:
        return "no limit"
    for unit, factor in (("MB", 1024 * 1024), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"
